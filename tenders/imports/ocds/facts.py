"""Turn a process into the cells of a row, each with its quotations: what the release says, by column."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders import kinds
from tenders.choices import AmountQualifier, Certainty, Fact, NameStatus
from tenders.exports.cells import cell_text, escape
from tenders.exports.columns import LIST, LIST_PER_AWARD
from tenders.imports.columns import COLUMNS, IMPORTED, OF_AWARD, OF_TENDER, REFERENCE
from tenders.imports.ocds.documents import Number
from tenders.imports.ocds.members import Members, as_stated
from tenders.imports.ocds.parties import Organizations
from tenders.imports.readers import Quotation, RefusedCell, StatedCell
from tenders.kinds import canonical, sanitize
from tenders.models import Award as AwardRecord
from tenders.models import Company, Institution, Tender
from tenders.ocds.attributes import COMPUTED
from tenders.ocds.values import CLASSIFICATION, CURRENCY
from tenders.references import REFERENCE_PATTERN
from tenders.search import HAN

OURS = re.compile(rf"ocds-[a-z0-9]{{6}}-({Tender.REFERENCE_PREFIX}-{REFERENCE_PATTERN})")
OWN_NUMBER = re.compile(rf"{Tender.REFERENCE_PREFIX}-{REFERENCE_PATTERN}-([1-9][0-9]{{0,3}})")
OF_OUR_RECORDS_ALONE = {"awards/title"}  # elsewhere it names the award, and no lot
CHINA_TIME = ZoneInfo("Asia/Shanghai")
VALUED = (Number, str, bool)
DETAILS = {"credit_code": Fact.CREDIT_CODE, "kind": Fact.KIND, "seat": Fact.REGION}  # of organizations
MAX_EXPONENT = 20  # of an amount: no other is one, and written in full it might fill the memory


class Facts:
    """
    The facts of one process as cells.

    ``known`` is the reference of the tender that an earlier import made of the process; empty text without one.
    """

    def __init__(self, process, known=""):
        self.process, self.members = process, Members(process)
        self.organizations = Organizations(self.members)
        ours = OURS.fullmatch(process.ocid)
        self.is_ours = bool(ours)
        self.reference = ours[1] if ours else known
        self.cells = {REFERENCE: StatedCell(self.reference, [self._quote_ocid()])}

    def read(self):
        """Return (cells, what has no place)."""
        if self.is_ours:  # what it does not have is unknown; of others it is left as it is
            self.cells |= {column: StatedCell("") for column in sorted(IMPORTED - {REFERENCE})}
        self._read_titles()
        self._read_year()
        self._read_places()
        self.read_plain(OF_TENDER, "tender/", self._put)
        self._read_dates()
        self._read_buyer()
        self._read_amount("budget_amount", "planning", "budget", "amount")
        self._read_related()
        self._read_awards()
        if not self.reference:
            self.cells["certainty"] = StatedCell(Certainty.MEDIUM.value)
        return self.cells, self.members.left_out()

    def _quote_ocid(self):
        version = self.process.first
        return Quotation(self.process.place_in(version, ("ocid",)), self.process.ocid)

    def _put(self, column, value, *path):
        """Set the cell of a column of the tender, which is stated at a path."""
        self.cells[column] = StatedCell(escape(value), [self.members.quote(*path)])

    def _refuse(self, column, message, *path):
        text = as_stated(self.members.at(*path))
        self.cells[column] = RefusedCell(text, message, [self.members.quote(*path)])

    def _read_titles(self):
        members = self.members
        for name in ("title", "title_en", "title_zh"):
            title = members.text("tender", name)
            is_english = members.text("language") in ("", "en") or self.is_ours or name == "title_en"
            is_chinese = name != "title" or members.text("language") == "zh" or not self.is_ours
            column = "title_zh" if is_chinese and HAN.search(title) else "title_en" if is_english else ""
            if not (title and column):
                continue
            if column in self.cells and self.cells[column] == cell_text(title):
                members.read("tender", name)
            elif not self.cells.get(column):
                self._put(column, title, "tender", name)
                self.cells[f"{column}_status"] = StatedCell(NameStatus.SOURCED.value)
        if self.is_ours and members.at("tender", "isTitleDescriptive"):
            for column in ("title_en_status", "title_zh_status"):
                self.cells[column] = StatedCell("")

    def _read_year(self):
        members = self.members
        if self._year("tender", "year") or self._year("tender", "tenderPeriod", "startDate"):
            return
        first = self.process.first
        date = first.release.get("date")
        if year := _year_of(date):
            self.cells["year"] = StatedCell(year, [Quotation(self.process.place_in(first, ("date",)), as_stated(date))])
        elif not self.reference:
            place = self.process.place_in(first, ("date",))
            message = _("Write a date of the release or a tenderPeriod.startDate: the year of a tender must be known.")
            self.cells["year"] = RefusedCell(as_stated(date), message, [Quotation(place, as_stated(date))])
        members.read("date")

    def _year(self, *path):
        year = _year_of(self.members.at(*path))
        if year:
            self._put("year", year, *path)
        return year

    def _read_places(self):
        members = self.members
        if region := members.text("tender", "purchaseRegion", "id"):
            self._put("region", region, "tender", "purchaseRegion", "id")
            members.read("tender", "purchaseRegion")
        if members.text("tender", "classification", "scheme") == CLASSIFICATION:
            self._put("category", members.text("tender", "classification", "id"), "tender", "classification", "id")
            members.read("tender", "classification")
        path = ("tender", "suggestedClassifications")
        suggested = [members.text(*place, "id") for place, _item in members.items(*path)]
        if suggested:
            self.cells["suggested_categories"] = StatedCell(cell_text(suggested, LIST))
            members.read(*path)

    def read_plain(self, attributes, root, put, *into):
        """Read the attributes that stand in a release as they are, at their paths; codes that we don't have stay."""
        for column, attribute in attributes.items():
            if not attribute.ocds.startswith(root) or _is_elsewhere(attribute, is_ours=self.is_ours):
                continue
            path = (*(into or (root.rstrip("/"),)), *attribute.ocds.removeprefix(root).split("/"))
            value = self.members.at(*path)
            if not isinstance(value, VALUED) or value == "":
                continue
            text = value.text if isinstance(value, Number) else canonical(sanitize(value))
            if self.is_ours or _can_be(attribute, text):
                put(column, text, *path)

    def _read_dates(self):
        for name in ("noticeDate", "datePublished"):
            date = self.members.text("tender", name)
            if date and not self.cells.get("notice_date") and _can_be(OF_TENDER["notice_date"], date):
                self._put("notice_date", date, "tender", name)
            elif date and self.is_ours:
                self.members.read("tender", name)

    def _read_buyer(self):
        paths = [("buyer",), ("tender", "procuringEntity")]
        found = next(filter(None, (self.organizations.find(Institution, path) for path in paths)), None)
        if found is None:
            return
        buyer = found
        quotation = self.members.quote(*buyer.named_at)
        parties = {"": buyer.quotations, buyer.reference: buyer.quotations}
        self.cells["institution"] = StatedCell(buyer.reference, [quotation], parties)
        for name, fact in {"name_en": Fact.NAME_EN, "name_zh": Fact.NAME_ZH, **DETAILS}.items():
            self.cells[f"institution_{name}"] = StatedCell(
                escape(getattr(buyer, name)), [buyer.quotations.get(fact, quotation)]
            )
        if buyer.refused:
            self.cells["institution_seat"] = buyer.refused

    def _read_amount(self, column, *path):
        """Read an amount of yuan."""
        if self.members.at(*path) is None:
            return
        amount, problem = self.amount_at(*path, "amount")
        if problem:
            self._refuse(column, *problem)
        elif amount is not None:
            self._put(column, amount, *path, "amount")

    def amount_at(self, *path):
        """Return (amount, None), or (None, (message, path)) of what is none in yuan; the currency is read by that."""
        currency_path = (*path[:-1], "currency")
        amount, currency = self.members.at(*path), self.members.at(*currency_path)
        if amount is None:
            return None, None
        self.members.read(*currency_path)
        if not isinstance(amount, Number):
            return None, (_("Write the amount as a number of JSON, not as text."), *path)
        if currency != CURRENCY:
            message = _("Leave this process out: amounts must be in yuan, with the currency CNY.")
            return None, (message, *(currency_path if currency else path))
        if abs(amount.adjusted()) > MAX_EXPONENT:
            return None, (_("Write an amount of at most 15 digits."), *path)
        return f"{amount:f}", None

    def _read_related(self):
        found = []
        for path, item in self.members.items("relatedProcesses"):
            match = OURS.fullmatch(self.members.text(*path, "identifier"))
            if match and item.get("relationship") == ["possiblySameProcess"]:
                found.append(match[1])
                self.members.read(*path)
        if found:
            self.cells["possibly_same_as"] = StatedCell(cell_text(found, LIST))

    def _read_awards(self):
        awards = [Award(self, number, path) for number, (path, _item) in enumerate(self.members.items("awards"), 1)]
        columns = list(dict.fromkeys(column for award in awards for column in award.values))
        if awards and self.is_ours:
            columns += [column for column in OF_AWARD if column not in columns]
        parties = {name: facts for award in awards for name, facts in award.parties.items()}
        for column in columns:
            separators = COLUMNS[column].separators if column in OF_AWARD else LIST_PER_AWARD
            values = [award.values.get(column, None if column in OF_AWARD else []) for award in awards]
            quotations = [award.quotations.get(column) for award in awards]
            self.cells[column] = StatedCell(cell_text(values, separators), quotations, parties)
        for award in awards:
            self.cells |= award.refused
        self._name_companies(awards)

    def _name_companies(self, awards):
        """Name the companies that have a reference, for those that are new here."""
        companies = {one.reference: one for award in awards for one in award.companies if one.reference}
        columns = {
            "companies": [one.reference for one in companies.values()],
            "company_names_en": [one.name_en for one in companies.values()],
            "company_names_zh": [one.name_zh for one in companies.values()],
        }
        if companies:
            self.cells |= {column: StatedCell(cell_text(texts, LIST)) for column, texts in columns.items()}


class Award:
    """The facts of one award: values by the column of a table, as cells hold one of them, and their quotations."""

    def __init__(self, facts, number, path):
        self.facts, self.members, self.path = facts, facts.members, path
        self.values, self.quotations, self.parties, self.refused, self.companies = {}, {}, {}, {}, []
        own = OWN_NUMBER.fullmatch(self.members.name(*path, "id"))
        self.values["award_numbers"] = own[1] if own else str(number)
        facts.read_plain(OF_AWARD, "awards/", self._put, *path)
        self._read_amount()
        self._read_date("award_dates", (*path, "datePartial"), (*path, "date"))
        self._read_contract()
        self._read_suppliers(facts.organizations)

    def _put(self, column, text, *path):
        self.values[column], self.quotations[column] = text, self.members.quote(*path)

    def _refuse(self, column, message, *path):
        text = as_stated(self.members.at(*path))
        self.refused[column] = RefusedCell(text, message, [self.members.quote(*path)])

    def _read_amount(self):
        value, members = (*self.path, "value"), self.members
        name, qualifier = "amount", members.text(*value, "amountQualifier") or AmountQualifier.EXACT.value
        if members.at(*value, "amount") is None:
            name, qualifier = "amountAtLeast", AmountQualifier.AT_LEAST.value
        amount, problem = self.facts.amount_at(*value, name)
        if problem:
            self._refuse("award_amounts", *problem)
        elif amount is not None:
            self._put("award_amounts", amount, *value, name)
            members.read(*value, "amountQualifier")
            self.values["award_amount_qualifiers"] = qualifier

    def _read_date(self, column, *paths):
        for path in paths:
            date = self.members.text(*path)
            if date and column not in self.values and _can_be(OF_AWARD[column], date):
                self._put(column, date, *path)
            elif date and self.facts.is_ours:
                self.members.read(*path)

    def _read_contract(self):
        key = self.members.name(*self.path, "id")
        for path, _item in self.members.items("contracts"):
            if key and self.members.name(*path, "awardID") == key:
                self.members.read(*path, "awardID")
                self._read_date("contract_dates", (*path, "dateSignedPartial"), (*path, "dateSigned"))

    def _read_suppliers(self, organizations):
        path = (*self.path, "suppliers")
        places = [place for place, _item in self.members.items(*path)]
        companies = [organizations.find(Company, place) for place in places]
        if not all(companies):  # without one of them, the others would seem to have won alone
            self.members.leave_out(*path)
        if not (companies and all(companies)):
            return
        self.companies = companies
        named_at = path if len(companies) > 1 else companies[0].named_at
        self.quotations["award_companies"] = self.members.quotation(*named_at)
        self.values["award_companies"] = [one.name for one in self.companies]
        self.parties = {one.name: one.quotations for one in self.companies}
        for name, fact in DETAILS.items():
            column, texts = f"award_company_{name}s", [getattr(one, name) for one in self.companies]
            if any(texts):
                self.values[column] = texts
                self.quotations[column] = next(one.quotations[fact] for one in self.companies if fact in one.quotations)
        if refused := next((one.refused for one in self.companies if one.refused), None):
            self.refused["award_company_seats"] = refused


def _year_of(value):
    """Return the year of a date or a number of a year as text; empty text for what is none."""
    text = value.text if isinstance(value, Number) else value if isinstance(value, str) else ""
    try:
        return kinds.PartialDate().parse(text)[:4]
    except ValidationError:
        return _year_in_china(text)


def _year_in_china(text):
    """Return the year that it was in China at a moment; empty text for what is none."""
    try:
        return str(datetime.fromisoformat(text).astimezone(CHINA_TIME).year)
    except (ValueError, OverflowError):
        return ""


def _is_elsewhere(attribute, *, is_ours):
    """Return whether an attribute is read otherwise, or is none of what others write at its path."""
    computed = {**COMPUTED[Tender], **COMPUTED[AwardRecord]}
    if attribute.name in computed or attribute.name == "year" or attribute.qualifies == "amount":
        return True
    return not is_ours and (attribute.fact is None or attribute.ocds in OF_OUR_RECORDS_ALONE)


def _can_be(attribute, text):
    """Return whether a text is a value of an attribute."""
    try:
        attribute.kind.parse(text)
    except ValidationError:
        return False
    return True
