"""The organisations that a file names: existing ones, found by reference or by name, and drafts of new ones."""

from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tenders.choices import Fact, NameStatus
from tenders.credit_codes import validate_credit_code
from tenders.duplicates import Index
from tenders.imports.cells import cell_parser, format_value
from tenders.imports.party_names import check_one_name
from tenders.models import RedirectedReference
from tenders.search import HAN, fold


@dataclass(frozen=True)
class PartyMatch:
    """
    The organisation that a cell names; ``candidates`` are records that a new one may duplicate.

    ``similar_names`` are new ones that the file itself names before: (name, row). The match of the first cell that
    names a new one has both; those of later cells have neither, so that an editor reads of each pair once.
    """

    party: Model
    candidates: tuple = ()
    similar_names: tuple = ()


class Parties:
    """
    The institutions, or the companies, that a file names; of each new one, one draft for the whole file.

    ``finds_similar`` says whether drafts are compared with records and with each other.
    """

    def __init__(self, model, index, *, finds_similar=True):
        self.model, self.index, self._finds_similar = model, index, finds_similar
        self._records, self._redirects = {}, {}
        self._drafts_by_reference, self._drafts_by_name, self._drafts_by_code = {}, {}, {}
        self._records_by_code = {}  # None for a code that no record has
        self._rows = {}  # by the identity of a draft, the first row that names it
        self._exact = lru_cache(maxsize=1000)(lambda *names: index(model).exact(*names))  # most names repeat
        self._parse_en, self._parse_zh = (
            cell_parser(model, model.FACTS[fact]) for fact in (Fact.NAME_EN, Fact.NAME_ZH)
        )

    def load(self, references):
        """Load the records of some references (of merged ones, those that they redirect to) instead of others."""
        self._redirects = RedirectedReference.objects.resolve(references) if references else {}
        wanted = {*references, *self._redirects.values()}
        self._records = self.model.objects.in_bulk(wanted, field_name="reference") if wanted else {}

    def has(self, reference):
        """Return whether a reference stands for one of the loaded records."""
        return self._redirects.get(reference, reference) in self._records

    @cached_property
    def _draft_index(self):
        return Index.of_new_records(self.model)

    def find_by_reference(self, row, reference, details, name_en="", name_zh=""):
        """
        Return the match of a reference in a row; of one without a record, a draft that takes the reference.

        ``details`` are other values that the row has of the organisation, by field. Raises ``ValidationError`` for a
        reference of no record without a name.
        """
        row.has_merged |= reference in self._redirects
        if record := self._records.get(self._redirects.get(reference, reference)):
            return self._checked(PartyMatch(record), {} if row.is_quoted else details)
        if reference in self._redirects:
            raise ValidationError(
                _("Use another reference: %(reference)s was merged into %(kept)s, which no longer exists."),
                params={"reference": reference, "kept": self._redirects[reference]},
            )
        if not (name_en or name_zh):
            raise ValidationError(
                _("No %(kind)s has this reference. Use an existing one, or give a name in the next column."),
                params={"kind": self.model._meta.verbose_name},
            )
        if reference in self._drafts_by_reference:
            return self._checked(PartyMatch(self._drafts_by_reference[reference]), details)
        match = self._draft(row, details, name_en, name_zh, reference=reference)
        self._drafts_by_reference[reference] = match.party
        return match

    def find_by_name(self, row, details, name_en, name_zh):
        """
        Return the record with a name or alias, or a draft; of several, that with the code or the seat of ``details``.

        Raises ``ValidationError`` when several have the name.
        """
        if row.is_quoted and (party := self._with_code(details.get("credit_code"))):
            return PartyMatch(party)
        records = self._exact(name_en, name_zh)
        for field in ("credit_code", "region"):
            if len(records) > 1 and field in details:
                records = [record for record in records if getattr(record, field) == details[field]]
        if len(records) > 1:
            raise ValidationError(
                _(
                    "Several records have this name: %(references)s. Write the reference of the one you mean, or its "
                    "credit code or region in a column of its own."
                ),
                params={"references": _(", ").join(record.reference for record in records)},
            )
        if records and row.is_quoted:  # what data say of a known organisation is compared by nobody
            return PartyMatch(records[0])
        if records:
            record = self.model.objects.get(pk=records[0].pk) if details else records[0]  # indexes hold a part of it
            return self._checked(PartyMatch(record), details)
        for name in (fold(name_zh), fold(name_en)):
            if name in self._drafts_by_name:
                return self._checked(PartyMatch(self._drafts_by_name[name]), details)
        return self._draft(row, details, name_en, name_zh)

    def _with_code(self, code):
        """Return the record, or the draft, with a credit code; None without any."""
        if not code or code in self._drafts_by_code:
            return self._drafts_by_code.get(code)
        if code not in self._records_by_code:
            self._records_by_code[code] = self.model.objects.filter(credit_code=code).first()
        return self._records_by_code[code]

    def _checked(self, match, details):
        """Return a match whose party has these details, a draft perhaps from now on; else ``ValidationError``."""
        party = match.party
        for field, value in details.items():
            known = getattr(party, field)
            if party.pk is None and not known:
                self._check_code(details)
                setattr(party, field, value)
                if field == "credit_code":
                    self._drafts_by_code[value] = party
            elif known != value:
                raise ValidationError(
                    _(
                        "%(party)s has another value for “%(field)s” (%(known)s, not %(value)s). Change it in the form "
                        "of %(party)s, or leave it empty here; another organisation of this name is added in the admin."
                    ),
                    params={
                        "party": party.reference or party,
                        "field": party._meta.get_field(field).verbose_name,
                        "known": format_value(known) or _("unknown"),
                        "value": format_value(value),
                    },
                )
        return match

    def _check_code(self, details):
        """Raise ``ValidationError`` if another organisation has the credit code of a new one."""
        if code := details.get("credit_code"):
            validate_credit_code(code)  # one that was issued otherwise is confirmed in the form
            if taken := self._with_code(code):
                raise ValidationError(
                    _("%(party)s has this credit code. Write its reference or its name, if that is what you mean."),
                    params={"party": f"{taken.reference} ({taken})" if taken.pk else taken},
                )

    def parse_name(self, text):
        """Return a name in one language or the other as (English, Chinese)."""
        return ("", self._parse_zh(text)) if HAN.search(text) else (self._parse_en(text), "")

    def _draft(self, row, details, name_en, name_zh, **fields):
        names = {"name_en": self._parse_en(name_en), "name_zh": self._parse_zh(name_zh)}
        for name in filter(None, names.values()):
            check_one_name(name)
        self._check_code(details)
        draft = self.model(**names, **details, **fields)
        if draft.credit_code:
            self._drafts_by_code[draft.credit_code] = draft
        for fact in {Fact.NAME_EN, Fact.NAME_ZH} & {*draft.known_facts()}:
            is_sourced = row.source is not None and row.source.may_have(draft, fact)
            status = NameStatus.SOURCED if is_sourced else NameStatus.UNVERIFIED
            setattr(draft, f"{draft.FACTS[fact].name}_status", status)
        self._drafts_by_name |= {fold(name): draft for name in names.values() if name}
        return self._compared(row, draft) if self._finds_similar else PartyMatch(draft)

    def _compared(self, row, draft):
        """Return the match of a new draft with the records and the drafts before that may be the same."""
        similar_drafts = [candidate.record for candidate in self._draft_index.similar(draft)]
        self._draft_index.add(draft)
        self._rows[id(draft)] = row.number
        return PartyMatch(
            draft,
            tuple(candidate.record for candidate in self.index(self.model).similar(draft)),
            # Two that have references of their own are two.
            tuple(
                (str(other), self._rows[id(other)])
                for other in similar_drafts
                if not (draft.reference and other.reference)
            ),
        )
