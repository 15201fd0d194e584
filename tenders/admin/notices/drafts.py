"""The draft that is proposed of a notice: fields of a source, a tender and its awards, after the rules of the desk."""

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import override

from tenders import kinds
from tenders.admin.named_records import typed_name
from tenders.admin.notices.parties import Parties, propose_together
from tenders.admin.notices.proposals import Option, Proposal, quotation_of
from tenders.choices import AmountQualifier, AwardStatus, Certainty, ProcurementMethod, SourceKind, SourceLanguage
from tenders.kinds import canonical
from tenders.models import Award, Company, Institution, Region, Tender
from tenders.notices.readings import AmountKind, NoticeKind, NoticeReading

MAX_LOTS = 30  # awards in one form
WITH_AWARDS = {NoticeKind.AWARD, NoticeKind.CONTRACT, NoticeKind.FRAMEWORK, NoticeKind.CORRECTION}
SOURCE_KINDS = {
    NoticeKind.AWARD: SourceKind.AWARD_NOTICE,
    NoticeKind.FRAMEWORK: SourceKind.AWARD_NOTICE,
    NoticeKind.CONTRACT: SourceKind.CONTRACT,
}
# The words of the desk's table of methods (docs/editing.md); of the others a notice alone does not say which it is.
METHODS = {
    "公开招标": ProcurementMethod.OPEN,
    "邀请招标": ProcurementMethod.SELECTIVE,
    "单一来源": ProcurementMethod.DIRECT,
}
# Fields by the names of what a correction corrects.
CORRECTED = {
    "project_name": "title_zh",
    "project_number": "official_number",
    "buyer": "buyer",
    "budget": "budget_amount",
    "tender_notice_date": "notice_date",
    "method": "procurement_method",
    "region": "region",
}
CORRECTED_OF_AWARDS = {"award_amount": "amount", "award_date": "award_date", "contract_date": "contract_date"}
CALLED_OR_ASKED = {"竞争性谈判", "竞争性磋商", "询价"}


@dataclass
class Draft:
    """What is proposed: of the source as fields of its form, of the tender and of each award as proposals by name."""

    reading: NoticeReading
    source: dict
    tender: dict
    awards: dict = field(default_factory=dict)  # proposals by name, by the number of the award
    corrections: dict = field(default_factory=dict)  # by (number of the award or 0, name)
    omitted_lots: int = 0

    def proposals(self):
        """Yield (number of the award or 0, name of the field, proposal)."""
        for number, proposals in [(0, self.tender), *self.awards.items()]:
            for name, proposal in proposals.items():
                yield number, name, proposal


def draft_of(reading, intake):
    """Return the ``Draft`` of a notice as if nothing were known of its tender."""
    tender = {
        "exists": _existence(reading),
        "title_zh": _text(reading, "project_name"),
        "official_number": _text(reading, "project_number"),
        "buyer": _buyer(reading),
        "region": _region(reading),
        **_dates(reading),
        "status": _code(reading, "tender_status"),
        "procurement_method": _method(reading),
        "budget_amount": _amount(reading, reading.facts["budget"]),
        "certainty": Proposal(Certainty.HIGH),
        **_notes(reading),
    }
    names = {attribute.name for attribute in Tender.ATTRIBUTES}
    lots = _lots(reading)
    companies = Parties(Company)
    awards = {number: _award(reading, lot, len(lots), companies) for number, lot in enumerate(lots[:MAX_LOTS], 1)}
    tender = {name: proposal for name, proposal in tender.items() if name in names}
    corrections = _corrections(reading, awards)
    return Draft(reading, _source(reading, intake), tender, awards, corrections, max(0, len(lots) - MAX_LOTS))


def _lots(reading):
    return list(reading.lots) if reading.kind in WITH_AWARDS else []


def _source(reading, intake):
    """Return the values of the form of the source."""
    notice_date = reading.facts["notice_date"]
    publisher = reading.facts["agency"]
    kind = SOURCE_KINDS.get(reading.kind, SourceKind.OFFICIAL_NOTICE)
    title = reading.title or reading.facts["project_name"].value or reading.kind.label
    return {
        "title": " ".join(str(title).split())[:500],
        # What an editor copied is a copy, and says so.
        "kind": SourceKind.UNOFFICIAL_COPY if intake.is_pasted and not intake.url else kind,
        "language": SourceLanguage.CHINESE,
        "publisher": str(publisher.value or "")[:300],
        "url": intake.url,
        "published_date": notice_date.value or "",
    }


def _propose(reading, read, typed=str, shown=str):
    """Return the ``Proposal`` of a fact that was read; ``typed`` is how a value is typed, ``shown`` how it is shown."""
    reason = read.reason.sentence if read.reason else ""
    quotation = quotation_of(reading, read.span)
    options = [(one.value, quotation_of(reading, one.span)) for one in read.candidates]
    if read.value is not None and read.reason is not None:  # read, but in doubt: for the editor to take
        options = [(read.value, quotation), *options]
    options = {typed(value): Option(typed(value), shown(value), quoted) for value, quoted in reversed(options)}
    if read.value is None or read.reason is not None:
        return Proposal("", quotation, tuple(reversed(options.values())), reason)
    return Proposal(typed(read.value), quotation)


def _text(reading, name):
    return _propose(reading, reading.facts[name], lambda value: " ".join(str(value).split()))


def _amount(reading, read):
    return _propose(reading, read, canonical, lambda value: kinds.Money().format(canonical(value)))


def _code(reading, name):
    proposal = _propose(reading, reading.facts[name], lambda value: str(getattr(value, "value", value)))
    if proposal.typed and not proposal.quotation:
        return replace(proposal, quotation=quotation_of(reading, reading.kind_span or reading.title_span))
    return proposal


def _existence(reading):
    span = reading.facts["project_name"].span or reading.title_span
    return Proposal("yes", quotation_of(reading, span))


def _buyer(reading):
    read = reading.facts["buyer"]
    names = read.value or ()
    names = (names,) if isinstance(names, str) else names
    institutions = Parties(Institution)
    quotations = [quotation_of(reading, span) for span in read.spans]
    quotations += [None] * (len(names) - len(quotations))
    if len(names) == 1 and read.reason is None:
        return institutions.propose(names[0], quotations[0])
    proposals = [institutions.propose(*pair) for pair in zip(names, quotations, strict=False)]
    proposals += [institutions.propose(str(one.value), quotation_of(reading, one.span)) for one in read.candidates]
    options = tuple(
        Option(one.typed, one.typed.removeprefix("+"), one.quotation) if one.typed else option
        for one in proposals
        for option in (one.options or (None,))
    )
    reason = read.reason.sentence if read.reason else ""
    if len(names) > 1 and not reason:
        reason = _("The notice names several buyers. Choose the one that leads, and write the others into Notes.")
    return Proposal("", None, options, reason)


def _region(reading):
    """Return the proposal of the region, which the notice states of the buyer or of the purchase, or not at all."""
    codes = {str(reading.facts["region"].value), *(str(one.value) for one in reading.facts["region"].candidates)}
    regions = {region.code: typed_name(region) for region in Region.objects.filter(code__in=codes)}

    def typed(code):
        return regions.get(str(code), str(code))

    return _propose(reading, reading.facts["region"], typed, typed)


def _dates(reading):
    """Return the date of the first notice that asks for offers, and the year, which may be that of this notice."""
    is_call = reading.kind == NoticeKind.TENDER
    proposal = _text(reading, "notice_date" if is_call else "tender_notice_date")
    if proposal.typed:
        return {"notice_date": proposal, "year": replace(proposal, typed=proposal.typed[:4])}
    of_notice = next(
        (found for name in ("notice_date", "award_date", "contract_date") if (found := _text(reading, name)).typed),
        Proposal(),
    )
    if not of_notice.typed:
        reason = _(
            "The notice has no date that could be read. Enter the year of the first notice that asks for offers."
        )
        return {"notice_date": proposal, "year": Proposal("", None, of_notice.options, reason)}
    reason = _("The notice doesn’t say when offers were asked for: this is the year of the notice itself.")
    return {"notice_date": proposal, "year": replace(of_notice, typed=of_notice.typed[:4], reason=reason, options=())}


def _method(reading):
    """Return the proposal of the method; who could bid is often not said by the name of the procedure."""
    read = reading.facts["method"]
    words = str(read.value) if read.value is not None else ""
    quotation = quotation_of(reading, read.span)
    if not words:
        options = tuple(_method_option(one.value, quotation_of(reading, one.span)) for one in read.candidates)
        reason = read.reason.sentence if read.reason else ""
        return Proposal("", quotation, tuple(filter(None, options)), reason)
    if words in METHODS and read.reason is None:
        return Proposal(METHODS[words].value, quotation)
    if words in METHODS:
        return Proposal("", quotation, (_method_option(words, quotation),), read.reason.sentence)
    if words not in CALLED_OR_ASKED:
        reason = _("“%(words)s” has no code: leave it unknown. The Chinese word is in Notes.") % {"words": words}
        return Proposal("", None, (), reason)
    if reading.kind == NoticeKind.TENDER and read.reason is None:  # this public notice calls for suppliers
        return Proposal(ProcurementMethod.SELECTIVE.value, quotation)
    options = (
        Option(
            ProcurementMethod.SELECTIVE.value,
            _("Selective: a public notice called for suppliers, or they came from a list"),
            quotation,
        ),
        Option(ProcurementMethod.LIMITED.value, _("Limited: the buyer or experts recommended whom to ask"), quotation),
    )
    reason = _("“%(words)s” doesn’t say how the suppliers were found. If the notice doesn’t either, leave it unknown.")
    return Proposal("", quotation, options, reason % {"words": words})


def _method_option(words, quotation):
    code = METHODS.get(str(words))
    return code and Option(code.value, f"{code.label} ({words})", quotation)


def _notes(reading):
    """Return the notes for what the desk writes there: a method without a code of its own, a ceiling."""
    english, chinese = [], []
    method, ceiling = reading.facts["method"], reading.facts["ceiling"]
    if method.value is not None and str(method.value) not in METHODS:
        english.append(f"Procurement method in the notice: {method.value}.")
        chinese.append(f"公告所载采购方式：{method.value}。")
    if ceiling.value is not None and ceiling.reason is None:
        english.append(f"Ceiling price (最高限价): {canonical(ceiling.value)} yuan.")
        chinese.append(f"最高限价：{canonical(ceiling.value)}元。")
    if not english:
        return {}
    return {"notes": Proposal(" ".join(english)), "notes_zh": Proposal("".join(chinese))}


def _award(reading, lot, num_lots, companies):
    """Return the proposals of one lot, or of the whole purchase."""
    label = " ".join(f"{lot.lot} {lot.title}".split())
    found = {
        "lot": Proposal(label, _words_of_lot(reading, lot)) if label and (num_lots > 1 or lot.lot) else Proposal(),
        "suppliers": _suppliers(reading, lot, companies),
        "amount": _award_amount(reading, lot, num_lots),
        "status": _award_status(reading, lot),
    }
    if lot.winners:
        found["award_date"] = _text(reading, "award_date")
        found["contract_date"] = _text(reading, "contract_date")
        if len(lot.winners) > 1:
            found["is_joint"] = Proposal("yes", quotation_of(reading, lot.joint_span) or found["suppliers"].quotation)
    if lot.amount_kind in {AmountKind.RATE, AmountKind.UNIT_PRICE} and lot.amount_stated:
        stated = " ".join(lot.amount_stated.split())
        with override("en"):
            found["notes"] = Proposal(f"{lot.amount_kind.label}: {stated}")
        found["notes_zh"] = Proposal(f"公告所载：{stated}")
    return found


def _suppliers(reading, lot, companies):
    proposals = [
        companies.propose(winner.name, quotation_of(reading, winner.span), winner.credit_code) for winner in lot.winners
    ]
    if not proposals:
        return Proposal([])
    together = propose_together(proposals)
    if len(lot.winners) > 1:
        spans = [winner.span for winner in lot.winners if winner.span]
        first = min(spans, key=lambda span: span.start)
        whole = replace(first, end=max(span.end for span in spans))
        if "\n" not in reading.words(whole) and (quotation := quotation_of(reading, whole)):
            together = replace(together, quotation=quotation)
    return together


def _words_of_lot(reading, lot):
    """Return the words that name a lot, in the line of what is read of it; None where another line does."""
    if lot.span is None or not lot.title:
        return None
    start = reading.text.rfind("\n", 0, lot.span.start) + 1
    end = reading.text.find("\n", lot.span.start)
    found = reading.text.find(lot.title, start, len(reading.text) if end < 0 else end)
    return quotation_of(reading, replace(lot.span, start=found, end=found + len(lot.title))) if found >= 0 else None


def _award_amount(reading, lot, num_lots):
    proposal, total = _amount(reading, lot.amount), reading.facts["total"]
    if proposal.typed:
        is_total = num_lots == 1 and total.value == lot.amount.value and total.span
        if is_total and "元" not in reading.words(lot.amount.span) and "元" in reading.words(total.span):
            proposal = replace(proposal, quotation=quotation_of(reading, total.span))  # with its unit
        return replace(proposal, more={"amount_qualifier": AmountQualifier.EXACT.value})
    if not proposal.reason and lot.amount_kind in {AmountKind.RATE, AmountKind.UNIT_PRICE}:
        reason = _("A rate or the price of a unit isn’t an amount: leave it unknown. Its words are in Notes.")
        return replace(proposal, reason=reason)
    return proposal


def _award_status(reading, lot):
    spans = [lot.span, reading.kind_span, reading.title_span]
    if lot.status == AwardStatus.ACTIVE:
        spans = [reading.kind_span, reading.title_span]
        if reading.kind == NoticeKind.CORRECTION:  # whose title speaks of no award
            spans = []
        spans += [winner.span for winner in lot.winners[:1]]
    quotation = next(filter(None, (quotation_of(reading, span) for span in spans)), None)
    return Proposal(str(AwardStatus(lot.status).value), quotation)


def _corrections(reading, awards):
    """Return what the notice corrects, by (number of the award or 0, name of the field)."""
    found = {}
    for correction in reading.corrects:
        if name := CORRECTED.get(correction.fact):
            found[0, name] = correction
        elif (name := CORRECTED_OF_AWARDS.get(correction.fact)) and len(awards) == 1:
            found[next(iter(awards)), name] = correction
    return found


def fact_of(number, name):
    """Return the fact of a field, of the tender or of an award; None for one that is no fact."""
    attributes = (Award if number else Tender).ATTRIBUTES
    return next((attribute.fact for attribute in attributes if attribute.name == name), None)
