"""Citations as statements: which source states which value of which field; and the facts that no source settles."""

import json
from collections import defaultdict
from functools import partial
from hashlib import sha256
from operator import itemgetter

from tenders.kinds import RelatedRecord, sanitize
from tenders.models import Award, Company, Institution, Tender
from tenders.models.sources import TYPED_FACTS
from tenders.ocds.values import without_empty

ORDER = {
    model: {str(fact): number for number, fact in enumerate(model.FACTS)}
    for model in (Tender, Award, Institution, Company)
}


def statements(batch, change, targets, awards):
    """
    Return ([(statement, primary key of its source)], disputes) on records after a change, in an order that stays.

    ``targets`` are (model, primary key, state) of the records, ``awards`` the awards of the tender among them.
    ``disputes`` are the (id of the object, fact) of which sources state different values.
    """
    numbers = {award.id: award.number for award in awards}
    found, disputes = [], set()
    for model, pk, state in targets:
        if model is Tender:
            own, own_disputes = _of_record(batch, change, model, pk, state, numbers)
        else:
            own, own_disputes = batch.cached(
                ("statements", model, pk, change), partial(_of_record, batch, change, model, pk, state, {})
            )
        found += own
        disputes |= own_disputes
    return found, disputes


def _of_record(batch, change, model, pk, state, numbers):
    found, values = [], defaultdict(set)
    for citation in batch.citations_at(model, pk, change):
        number = numbers.get(citation.award_id, 0)
        owner = Award if number else model
        source = batch.sources.at(citation.source_id, change)
        if source is None or citation.fact not in ORDER[owner]:
            continue
        statement = _statement(batch, owner, state.reference, number, citation, source)
        key = (number, ORDER[owner][citation.fact], not citation.is_chosen, source.slug, citation.place, citation.value)
        found.append((key, statement, citation.source_id))
        if citation.fact in TYPED_FACTS:
            values[statement["objectID"], citation.fact].add(citation.value)
    found.sort(key=itemgetter(0))
    disputes = {key for key, different in values.items() if len(different) > 1}
    return [(statement, source) for _key, statement, source in found], disputes


def _statement(batch, owner, reference, number, citation, source):
    attribute = owner.FACTS[citation.fact]
    natural_key = [reference, number, citation.fact, source.slug, citation.place, citation.value]
    return without_empty(
        {
            "id": sha256(json.dumps(natural_key, ensure_ascii=False).encode()).hexdigest()[:16],
            "field": attribute.ocds,
            "objectID": f"{reference}-{number}" if number else reference,
            "fact": citation.fact,
            "value": sanitize(citation.value) if _may_show(batch, attribute, citation.value) else "",
            "stated": sanitize(citation.stated),
            "source": source.slug,
            "place": sanitize(citation.place),
            "place_zh": sanitize(citation.place_zh),
            "isChosen": citation.is_chosen,
            "reason": sanitize(citation.reason),
            "reason_zh": sanitize(citation.reason_zh),
        }
    )


def _may_show(batch, attribute, value):
    """Return whether a statement names no party that is not public today."""
    kind = attribute.kind
    if not isinstance(kind, RelatedRecord) or kind.lookup != "reference":
        return True
    return batch.references.issuperset(kind.codes(value))


def unknown(batch, change, targets, awards, disputes):
    """Return the facts of records and awards that no source settles: their fields are absent."""
    found = []
    for model, _pk, state in targets:
        found += _unknown_of(batch, change, model, state.reference, state, disputes)
        if model is Tender:
            for award in awards:
                found += _unknown_of(batch, change, Award, f"{state.reference}-{award.number}", award, disputes)
    return found


def _unknown_of(batch, change, model, key, state, disputes):
    for fact, attribute in model.FACTS.items():
        if attribute.is_optional or attribute.is_computed or _is_known(batch, change, attribute, state):
            continue
        entry = {"id": f"{key}-{fact}", "field": attribute.ocds, "objectID": key}
        yield {**entry, "isDisputed": True} if (key, fact) in disputes else entry


def _is_known(batch, change, attribute, state):
    """Return whether a state has a value that is public."""
    if attribute.name == "buyer":
        return batch.institutions.public_at(state.buyer_id, change) is not None
    if attribute.name == "suppliers":
        return any(batch.companies.public_at(key, change) for key in state.suppliers)
    name = f"{attribute.name}_id" if isinstance(attribute.kind, RelatedRecord) else attribute.name
    return getattr(state, name) not in (None, "", ())
