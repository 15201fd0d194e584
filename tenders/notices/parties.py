"""Buyers, agency, region and city of a notice."""

import re

from tenders.notices.choosing import Statement, choose, doubtful, same
from tenders.notices.codes import WarningCode
from tenders.notices.folding import squeeze
from tenders.notices.marks import NUMERAL
from tenders.notices.names import ORGANISATION, clean_organisation, split_organisations
from tenders.notices.readings import NoticeWarning, Reading, Span
from tenders.notices.regions import MUNICIPALITIES, city_of, region_of_address, region_of_division, region_of_name

MAX_BETWEEN_NAMES = 200  # characters between two names of a section on buyers
PLAN_OF = re.compile(r"(?:关于)?(?P<name>[^\n0-9]{4,40}?)(?:20\d\d|关于)")
ENTRUSTED_THEN = re.compile(
    r" ?,? ?(?P<name>[^\n,。;:\s]{4,40}?(?:公司|中心|集团|院|所|处))(?=就|对|于|以|关于|作为|依法|,)"
)
ENTRUSTED = re.compile(r"的? ?(?:委托|授权|邀请)")


def span_of(document, start, end, place, rule):
    """Return a span without white space around it."""
    return Span(*document.strip(start, end), place, rule)


def entrusting(document, reader):
    """Return (agency, buyer) as spans from the sentence “A 受 B 的委托”, each or both None."""
    folded = document.folded
    for match in re.finditer("受", folded[:20_000]):
        at = match.start()
        stop = ENTRUSTED.search(folded, at, at + 100)
        if stop is None or "\n" in folded[at : stop.start()]:
            continue
        place = reader.place(at)
        buyer = clean_organisation(folded, at + 1, stop.start())
        first = max(folded.rfind(character, max(0, at - 80), at) for character in "\n。;:,\t ") + 1
        while numeral := NUMERAL.match(folded, first, at):
            first = numeral.end()
        agency = clean_organisation(folded, first, at)
        if agency is None and (behind := ENTRUSTED_THEN.match(folded, stop.end(), stop.end() + 80)):
            agency = clean_organisation(folded, *behind.span("name"))
        return (
            span_of(document, *agency, place, "entrusted") if agency else None,
            span_of(document, *buyer, place, "entrusted") if buyer else None,
        )
    return None, None


def read_buyers(document, entries, entrusted):
    """Return the reading of the buyers: several if one label names several,
    or one label stands several times in a row."""
    lists = []  # (weight, label, names as spans, offset)
    for entry in entries:
        if entry.field == "buyer" or (entry.field == "name" and entry.party == "buyer"):
            names = split_organisations(document.folded, entry.start, entry.end)
            spans = [span_of(document, *name, entry.place, f"label {entry.label}") for name in names]
            if spans:
                lists.append((max(3, entry.weight) if entry.field == "name" else entry.weight, entry, spans))
    if entrusted is not None and not any(weight >= 2 for weight, _entry, _spans in lists):
        lists.append((2, None, [entrusted]))
    if not lists:
        return Reading()
    greatest = max(weight for weight, _entry, _spans in lists)
    best = _numbered([(entry, spans) for weight, entry, spans in lists if weight == greatest])
    words = {frozenset(same(span.words(document.text)) for span in spans) for spans in best}
    widest = max(best, key=len)
    widest_names = {same(span.words(document.text)) for span in widest}
    if all(names <= widest_names for names in words):
        return Reading(tuple(_name(document, span) for span in widest), tuple(widest))
    statements = [Statement((_name(document, span),), span) for spans in best for span in spans]
    return doubtful(statements, WarningCode.VALUES_DIFFER)


def buyer_of_title(document, title_span):
    """Return the buyer with whose name the title of a procurement plan begins: X 局 2022 年 3 月政府采购意向."""
    match = PLAN_OF.match(document.folded, title_span.start, title_span.end)
    name = clean_organisation(document.folded, *match.span("name")) if match else None
    if name is None or not ORGANISATION.search(document.folded[slice(*name)]):
        return Reading()
    span = Span(*name, title_span.place, "title")
    return Reading((span.words(document.text),), (span,))


def _numbered(lists):
    """Join the names of labels that follow each other: 采购人1, 采购人2."""
    joined, last = [], None
    for entry, spans in lists:
        if joined and last is not None and entry is not None and _follows(last, entry):
            joined[-1].extend(spans)
        else:
            joined.append(list(spans))
        last = entry
    return joined


def _follows(last, entry):
    """Return whether a label of a buyer goes on with a list of them: next to it, or the next name of a section."""
    distance = entry.label_start - last.end
    is_next = distance < 8 and squeeze(entry.label)[:3] == squeeze(last.label)[:3]
    in_section = last.field == entry.field == "name" and last.place.heading == entry.place.heading
    return is_next or (in_section and distance < MAX_BETWEEN_NAMES)


def _name(document, span):
    return squeeze(span.words(document.text)) if "\n" in span.words(document.text) else span.words(document.text)


def read_agency(document, entries, entrusted):
    """Return the reading of the agency."""
    statements = []
    for entry in entries:
        if entry.field == "agency" or (entry.field == "name" and entry.party == "agency"):
            name = clean_organisation(document.folded, entry.start, entry.end)
            if name:
                span = span_of(document, *name, entry.place, f"label {entry.label}")
                statements.append(Statement(_name(document, span), span, max(entry.weight, 3)))
    if entrusted is not None:
        statements.append(Statement(_name(document, entrusted), entrusted, 2))
    return choose(statements)


def read_region(document, entries, buyers):
    """Return the region: from its own label, else from the buyer's name, else from the buyer's address."""
    folded = document.folded
    labelled = [entry for entry in entries if entry.field == "region"]
    greatest = max((entry.weight for entry in labelled), default=0)
    rules = [
        [
            (entry.place, region_of_division(folded, entry.start, entry.end), f"label {entry.label}")
            for entry in labelled
            if entry.weight == greatest
        ],
        [(span.place, region_of_name(folded, span.start, span.end), "buyer’s name") for span in buyers.spans],
        [
            (entry.place, region_of_address(folded, entry.start, entry.end), "buyer’s address")
            for entry in _addresses(entries)
        ],
    ]
    for found in rules:
        statements = [
            Statement(region.value, Span(region.start, region.end, place, rule))
            for place, region, rule in found
            if region is not None
        ]
        if statements:
            return choose(statements)
    return Reading(reason=None)


def _addresses(entries):
    return [
        entry
        for entry in entries
        if entry.field == "buyer_address" or (entry.field == "address" and entry.party == "buyer")
    ]


def read_city(document, entries, buyers, region):
    """Return the city, or else the district, of the buyer's name or address, as it stands there."""
    folded = document.folded
    places = [(span.place, span.start, span.end, "buyer’s name") for span in buyers.spans[:1]]
    places += [(entry.place, entry.start, entry.end, "buyer’s address") for entry in _addresses(entries)]
    for place, start, end, rule in places:
        found = city_of(folded, start, end)
        if found is not None and not (region.value in MUNICIPALITIES and found.value.endswith("市")):
            span = Span(found.start, found.end, place, rule)
            return Reading(span.words(document.text), (span,))
    return Reading()


def region_warning(region, kind_is_notice):
    """Return the warning that no region is stated, if so."""
    if region.value is None and not region.candidates and kind_is_notice:
        return [NoticeWarning(WarningCode.REGION_NOT_STATED)]
    return []
