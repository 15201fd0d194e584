"""Awards: who won a tender, or a lot of it, and for how much."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history import register

from tenders import kinds
from tenders.choices import AmountQualifier, AwardStatus, Fact
from tenders.fields import PARTIAL_DATE_REGEX, PartialDateField
from tenders.models.attributes import Attribute, Citable, chinese_of
from tenders.models.changes import HistoryListItem, HistoryRow
from tenders.models.names import shown_text
from tenders.models.natural_keys import NaturalKeyModel
from tenders.models.parties import Company
from tenders.models.tenders import Tender


class Award(Citable, NaturalKeyModel):
    """A decision for one or several joint suppliers (OCDS ``award``); the amount is their total and is never split."""

    NATURAL_KEY = ("tender__reference", "number")
    ATTRIBUTES = (
        Attribute("number", kinds.Count(), _("number of each award"), column="award_numbers", ocds="awards/id"),
        Attribute(
            "lot",
            kinds.Line(),
            _("label of the lot"),
            Fact.LOT,
            column="award_lots",
            is_optional=True,
            ocds="awards/title",
        ),
        Attribute(
            "suppliers",
            kinds.CompanyReferences(),
            _("who won, or won jointly"),
            Fact.SUPPLIER,
            column="award_companies",
            parameter="company",
            ocds="awards/suppliers",
        ),
        Attribute(
            "amount",
            kinds.Money(),
            _("amount awarded, in yuan"),
            Fact.AWARD_AMOUNT,
            column="award_amounts",
            parameter="award_amount",
            ocds="awards/value",
        ),
        Attribute(
            "amount_qualifier",
            kinds.Code(AmountQualifier),
            _("how exactly the amount is stated"),
            column="award_amount_qualifiers",
            qualifies="amount",
            ocds="awards/value/amountQualifier",
        ),
        Attribute(
            "award_date",
            kinds.PartialDate(),
            _("date of the award"),
            Fact.AWARD_DATE,
            column="award_dates",
            ocds="awards/datePartial",
        ),
        Attribute(
            "contract_date",
            kinds.PartialDate(),
            _("date of the contract"),
            Fact.CONTRACT_DATE,
            column="contract_dates",
            ocds="contracts/dateSignedPartial",
        ),
        Attribute(
            "status",
            kinds.Code(AwardStatus),
            _("status of the award"),
            Fact.AWARD_STATUS,
            column="award_statuses",
            ocds="awards/status",
        ),
        Attribute(
            "is_joint", kinds.Flag(), fact=Fact.IS_JOINT, is_optional=True, is_computed=True, ocds="awards/suppliers"
        ),
        Attribute("notes", kinds.Text(), _("notes for readers"), column="award_notes", ocds="awards/description"),
        chinese_of("notes", _("notes for readers, in Chinese"), column="award_notes_zh", ocds="awards/description_zh"),
    )

    tender = models.ForeignKey(Tender, models.CASCADE, verbose_name=_("tender"), related_name="awards")
    number = models.PositiveSmallIntegerField(_("number"), default=1, validators=[MinValueValidator(1)])
    lot = models.CharField(_("lot"), max_length=200, blank=True, default="")
    suppliers = models.ManyToManyField(
        Company, through="AwardSupplier", verbose_name=_("companies"), related_name="awards", blank=True
    )
    amount = models.DecimalField(
        _("amount (yuan)"), max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    amount_qualifier = models.CharField(
        _("amount is stated"), max_length=10, choices=AmountQualifier, blank=True, default=""
    )
    award_date = PartialDateField(_("award date"))
    contract_date = PartialDateField(_("contract date"))
    status = models.CharField(_("status"), max_length=12, choices=AwardStatus, blank=True, default="")
    notes = models.TextField(
        _("notes"), blank=True, default="", help_text=_("Public: what readers should know about this award.")
    )
    notes_zh = models.TextField(_("notes in Chinese"), blank=True, default="")
    shown_notes = shown_text("notes")

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["tender", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["tender", "number"],
                name="award_number_unique",
                violation_error_message=_("This tender already has an award with this number."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="award_number_from_1",
                violation_error_message=_("Awards are numbered from 1."),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True, amount_qualifier="")
                | (Q(amount__isnull=False, amount__gte=0) & ~Q(amount_qualifier="")),
                name="award_amount_has_qualifier",
                violation_error_message=_(
                    "Enter an amount (not negative) and choose exactly, about or at least; or leave both empty."
                ),
            ),
            models.CheckConstraint(
                condition=Q(award_date="") | Q(award_date__regex=PARTIAL_DATE_REGEX),
                name="award_award_date_partial",
                violation_error_message=_("Write the award date as 2019, 2019-06 or 2019-06-19."),
            ),
            models.CheckConstraint(
                condition=Q(contract_date="") | Q(contract_date__regex=PARTIAL_DATE_REGEX),
                name="award_contract_date_partial",
                violation_error_message=_("Write the contract date as 2019, 2019-06 or 2019-06-19."),
            ),
        ]

    def __str__(self):
        return f"{self.tender.reference} · {self.number}"

    def assign(self, fact, text):
        """Set the column of a fact; suppliers are a many-to-many relation and are saved at once."""
        if fact == Fact.SUPPLIER:
            companies = Company.objects.filter(reference__in=text.split("|"))
            if len(companies) != len(text.split("|")):
                raise ValidationError(
                    _("Add the missing companies first: not all of “%(text)s” are in the database."),
                    params={"text": text},
                )
            self.suppliers.set(companies)
            return
        super().assign(fact, text.removeprefix(">") if fact == Fact.AWARD_AMOUNT else text)
        if fact == Fact.AWARD_AMOUNT:
            self.amount_qualifier = AmountQualifier.AT_LEAST if text.startswith(">") else AmountQualifier.EXACT

    def as_stored(self, fact, text):
        is_bound = fact == Fact.AWARD_AMOUNT and self.amount_qualifier == AmountQualifier.AT_LEAST
        return text.removeprefix(">") if is_bound else text

    @property
    def is_joint(self):
        """True if several companies won jointly; None when at most one is known."""
        return True if len(self.suppliers.all()) > 1 else None


class AwardSupplier(NaturalKeyModel):
    """The link between an award and a supplier; a model of its own, so that the company is protected from deletion."""

    NATURAL_KEY = ("award__tender__reference", "award__number", "company__reference")

    award = models.ForeignKey(Award, models.CASCADE, verbose_name=_("award"))
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))

    class Meta:
        verbose_name = _("supplier of an award")
        verbose_name_plural = _("suppliers of awards")
        ordering = ["award", "company__reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["award", "company"],
                name="award_supplier_once",
                violation_error_message=_("List each company only once in an award."),
            ),
        ]

    def __str__(self):
        return f"{self.award}: {self.company}"


# After AwardSupplier is defined: the history of an award includes its suppliers through that model.
register(Award, bases=[HistoryRow], m2m_bases=[HistoryListItem], m2m_fields=["suppliers"])
