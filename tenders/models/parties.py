"""Parties: the institutions that buy and the companies that supply."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tenders import kinds
from tenders.choices import CompanyKind, CompanySize, EditorialState, Fact, InstitutionKind, Level
from tenders.credit_codes import validate_credit_code, validate_form
from tenders.derived import DerivedTextField
from tenders.kinds import YEARS
from tenders.models.attributes import Attribute, chinese_of, status_of
from tenders.models.changes import tracked_history
from tenders.models.names import bilingual_text, shown_text, status_constraint, status_field
from tenders.models.places import Region
from tenders.models.records import Record, RecordQuerySet, cited_sources
from tenders.search import fold_all, name_text, sort_key

DERIVED_FIELDS = ["search_text", "name_text", "sort_en", "sort_zh"]


def notes(path):
    """Return the attributes of the notes on a record; ``path`` is that of their field in OCDS."""
    return (
        Attribute("notes", kinds.Text(), _("notes for readers"), ocds=path),
        chinese_of("notes", _("notes for readers, in Chinese"), ocds=f"{path}_zh"),
    )


def party_attributes(codelist, *, kind_parameter="", region_parameter=""):
    """Return the attributes that both models of parties share; ``codelist`` is the codelist of ``kind``."""
    return (
        Attribute("name_en", kinds.Name(), _("English name"), Fact.NAME_EN, ocds="parties/name"),
        status_of("name_en", _("basis of the English name"), ocds="parties/details/nameStatus"),
        Attribute("name_zh", kinds.Name(), _("Chinese name"), Fact.NAME_ZH, ocds="parties/name_zh"),
        status_of("name_zh", _("basis of the Chinese name"), ocds="parties/details/nameStatus_zh"),
        Attribute(
            "aliases_en", kinds.Lines(), _("other English names, as in the sources"), ocds="parties/details/aliases"
        ),
        Attribute("aliases_zh", kinds.Lines(), _("other Chinese names"), ocds="parties/details/aliases_zh"),
        Attribute(
            "kind",
            kinds.Code(codelist),
            _("kind of organisation"),
            Fact.KIND,
            parameter=kind_parameter,
            ocds="parties/details/classifications",
        ),
        Attribute(
            "region",
            kinds.RegionCode(),
            _("region where it is registered, ISO 3166-2"),
            Fact.REGION,
            column="seat",
            name_descriptions=(
                _("English name of the region where it is registered"),
                _("Chinese name of the region where it is registered"),
            ),
            parameter=region_parameter,
            ocds="parties/details/regionCode",
        ),
        Attribute(
            "city",
            kinds.BilingualText(),
            _("city where it is registered"),
            Fact.CITY,
            ocds="parties/address/locality",
        ),
        chinese_of("city", _("city where it is registered, in Chinese"), ocds="parties/address/locality_zh"),
        Attribute(
            "credit_code",
            kinds.CreditCode(),
            _("unified social credit code"),
            Fact.CREDIT_CODE,
            ocds="parties/identifier",
        ),
        Attribute(
            "is_credit_code_as_issued",
            kinds.Flag(),
            _("whether the code was issued with another last character than the standard asks for"),
            column="credit_code_as_issued",
            qualifies="credit_code",
            ocds="parties/details/isIdentifierAsIssued",
        ),
    )


class Party(Record):
    """Abstract base of organisations in procurement; names are stored as published, beside a translation."""

    name_en = models.CharField(_("English name"), max_length=300, blank=True, default="")
    name_en_status = status_field(_("basis of the English name"))
    name_zh = models.CharField(_("Chinese name"), max_length=300, blank=True, default="")
    name_zh_status = status_field(_("basis of the Chinese name"))
    name = bilingual_text("name")
    other_name = bilingual_text("name", other=True)
    aliases_en = models.TextField(
        _("other English names"), blank=True, default="", help_text=_("One per line, as in the sources.")
    )
    aliases_zh = models.TextField(_("other Chinese names"), blank=True, default="", help_text=_("One per line."))
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        verbose_name=_("registered in"),
        related_name="%(class)s_seats",
        null=True,
        blank=True,
    )
    city = models.CharField(_("city"), max_length=100, blank=True, default="")
    city_zh = models.CharField(_("city in Chinese"), max_length=100, blank=True, default="")
    shown_city = shown_text("city")
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        blank=True,
        default="",
        validators=[validate_form],
        help_text=_("18 characters (统一社会信用代码). The last one is a check digit."),
    )
    is_credit_code_as_issued = models.BooleanField(
        _("the code was issued so"),
        default=False,
        help_text=_("Tick this if you have checked that the official register has the code so."),
    )
    search_text = DerivedTextField(derive=fold_all, columns=["reference", "city", "city_zh", "notes", "notes_zh"])
    name_text = DerivedTextField(
        derive=name_text, columns=["name_en", "name_zh", "aliases_en", "aliases_zh", "reference"]
    )
    sort_en = DerivedTextField(derive=sort_key, columns=["name_en", "name_zh"])
    sort_zh = DerivedTextField(derive=sort_key, columns=["name_zh", "name_en"])

    class Meta(Record.Meta):
        abstract = True
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(name_en="") | ~Q(name_zh=""),
                name="%(class)s_has_name",
                violation_error_message=_("Enter a name in English or in Chinese."),
            ),
            status_constraint("name_en", name="%(class)s_name_en_status"),
            status_constraint("name_zh", name="%(class)s_name_zh_status"),
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="%(class)s_credit_code_unique",
                violation_error_message=_("Another record already has this unified social credit code."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.credit_code and not self.is_credit_code_as_issued:
            try:
                validate_credit_code(self.credit_code)
            except ValidationError as error:
                raise ValidationError({"credit_code": error}) from None

    @property
    def aliases(self):
        """Other names of the organisation in sources."""
        return [name for name in (self.aliases_en + "\n" + self.aliases_zh).splitlines() if name.strip()]


class PartyQuerySet(RecordQuerySet):
    path_to_tenders = ""

    def with_num_tenders(self):
        """Annotate with ``num_tenders``, the number of published tenders that a party takes part in."""
        counts = (
            self.model.objects.filter(
                **{"pk": OuterRef("pk"), f"{self.path_to_tenders}__state": EditorialState.PUBLISHED}
            )
            .values("pk")
            .annotate(number=Count(self.path_to_tenders, distinct=True))
        )
        # A subquery, as a join would group every list and every facet by all columns of the party.
        return self.annotate(num_tenders=Coalesce(Subquery(counts.values("number")), 0))

    def for_search(self):
        """Load what the search of the whole site shows of a party."""
        return self.with_num_tenders().select_related("region")


class InstitutionQuerySet(PartyQuerySet):
    path_to_tenders = "tenders"

    def for_list(self):
        """Load the relations of a row of a list, so that a list takes a fixed number of queries."""
        return self.select_related("region")

    def for_page(self):
        """Load the relations of the page of one institution."""
        return self.select_related("region", "company").prefetch_related(cited_sources())

    def for_download(self):
        """Load the relations of a row of a download."""
        return self.select_related("region", "company")


class Institution(Party):
    """An organisation that buys: in OCDS the ``buyer`` of a contracting process."""

    REFERENCE_PREFIX = "I"
    ATTRIBUTES = (
        *party_attributes(InstitutionKind, kind_parameter="institution_kind"),
        Attribute(
            "level",
            kinds.Code(Level),
            _("level of government it belongs to or serves"),
            Fact.LEVEL,
            parameter="level",
            ocds="parties/details/classifications",
        ),
        *notes("parties/details/notes"),
    )

    kind = models.CharField(_("kind"), max_length=30, choices=InstitutionKind, blank=True, default="")
    level = models.CharField(_("level"), max_length=12, choices=Level, blank=True, default="")

    objects = InstitutionQuerySet.as_manager()
    history = tracked_history(excluded_fields=DERIVED_FIELDS)

    class Meta(Party.Meta):
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")


class CompanyQuerySet(PartyQuerySet):
    path_to_tenders = "awards__tender"

    def for_list(self):
        """Load the relations of a row of a list, so that a list takes a fixed number of queries."""
        awards = apps.get_model("tenders", "Award").objects.select_related("tender__figures")
        return self.select_related("region").prefetch_related(
            models.Prefetch("awards", awards.prefetch_related("suppliers"))
        )

    def for_page(self):
        """Load the relations of the page of one company."""
        awards = apps.get_model("tenders", "Award").objects.select_related(
            "tender__buyer", "tender__region", "tender__category", "tender__figures"
        )
        suppliers = models.Prefetch("suppliers", self.model.objects.order_by("reference"))
        return self.select_related("region", "group_region", "institution").prefetch_related(
            cited_sources(), models.Prefetch("awards", awards.prefetch_related(suppliers))
        )

    def for_download(self):
        """Load the relations of a row of a download."""
        return self.select_related("region", "group_region", "institution")


class Company(Party):
    """An organisation that supplies: in OCDS a ``supplier`` of an award. It may be a public institution."""

    REFERENCE_PREFIX = "C"
    ATTRIBUTES = (
        *party_attributes(CompanyKind, region_parameter="supplier_region"),
        Attribute(
            "size",
            kinds.Code(CompanySize),
            _("size class, as stated by the source"),
            Fact.SIZE,
            parameter="company_size",
            ocds="parties/details/scale",
        ),
        Attribute(
            "founded_year", kinds.Year(), _("year of founding"), Fact.FOUNDED, ocds="parties/details/foundedYear"
        ),
        Attribute(
            "group_name",
            kinds.BilingualText(),
            _("group it belongs to"),
            Fact.GROUP,
            ocds="parties/details/groupName",
        ),
        chinese_of("group_name", _("group it belongs to, in Chinese"), ocds="parties/details/groupName_zh"),
        Attribute(
            "group_region",
            kinds.RegionCode(),
            _("region where the group is registered, ISO 3166-2"),
            Fact.GROUP_REGION,
            ocds="parties/details/groupRegion",
        ),
        Attribute(
            "institution",
            kinds.InstitutionReference(),
            _("the same organisation as an institution"),
            column="same_body_as",
            ocds="parties/details/sameBodyAs",
        ),
        *notes("parties/details/notes"),
    )

    kind = models.CharField(_("kind"), max_length=30, choices=CompanyKind, blank=True, default="")
    size = models.CharField(
        _("size class"),
        max_length=20,
        choices=CompanySize,
        blank=True,
        default="",
        help_text=_("As stated by the source; we haven’t checked it."),
    )
    founded_year = models.PositiveSmallIntegerField(
        _("founded"), null=True, blank=True, validators=[MinValueValidator(1800), MaxValueValidator(YEARS[-1])]
    )
    group_name = models.CharField(_("group"), max_length=200, blank=True, default="")
    group_name_zh = models.CharField(_("group in Chinese"), max_length=200, blank=True, default="")
    shown_group_name = shown_text("group_name")
    group_region = models.ForeignKey(
        Region,
        models.PROTECT,
        verbose_name=_("group registered in"),
        related_name="company_groups",
        null=True,
        blank=True,
    )
    institution = models.OneToOneField(
        Institution,
        models.PROTECT,
        verbose_name=_("the same organisation as a buyer"),
        related_name="company",
        null=True,
        blank=True,
        help_text=_("If this organisation also buys, choose its institution record."),
    )

    objects = CompanyQuerySet.as_manager()
    history = tracked_history(excluded_fields=DERIVED_FIELDS)

    class Meta(Party.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            *Party.Meta.constraints,
            models.CheckConstraint(
                condition=Q(founded_year__isnull=True) | Q(founded_year__gte=1800, founded_year__lte=YEARS[-1]),
                name="company_founded_year_plausible",
                violation_error_message=_("Enter a year of founding between 1800 and 2099."),
            ),
        ]

    @property
    def published_awards(self):
        """The awards of this company, alone or jointly, in published tenders."""
        return [award for award in self.awards.all() if award.tender.is_published]
