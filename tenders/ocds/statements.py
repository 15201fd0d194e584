"""Citations as statements: which source states which value of which field; and the facts that no source settles."""

import json
from collections import defaultdict
from functools import cache, partial
from hashlib import sha256
from operator import itemgetter

from tenders.choices import ValueType
from tenders.kinds import sanitize
from tenders.models import Award, Tender
from tenders.models.sources import TYPED_FACTS

TEXTS = ("stated", "place", "place_zh", "reason", "reason_zh")
NOWHERE = (0, "", False, False)  # of a fact that there is no longer
encode = json.JSONEncoder(ensure_ascii=False).encode


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
        source = batch.sources.at(citation.source_id, change)
        order, path, names_parties, is_typed = _facts(Award if number else model).get(citation.fact, NOWHERE)
        if source is None or not path:
            continue
        key = f"{state.reference}-{number}" if number else state.reference
        statement = _statement(citation, source, state.reference, number, {"field": path, "objectID": key})
        if names_parties and not batch.references.issuperset(citation.value.split("|")):
            del statement["value"]  # it names a party that is not public today
        place = (number, order, not citation.is_chosen, source.slug, citation.place, citation.value)
        found.append((place, statement, citation.source_id))
        if is_typed:
            values[key, citation.fact].add(citation.value)
    found.sort(key=itemgetter(0))
    disputes = {key for key, different in values.items() if len(different) > 1}
    return [(statement, source) for _place, statement, source in found], disputes


def _statement(citation, source, reference, number, about):
    natural_key = [reference, number, citation.fact, source.slug, citation.place, citation.value]
    found = {
        "id": sha256(encode(natural_key).encode()).hexdigest()[:16],
        **about,
        "fact": citation.fact,
        "value": sanitize(citation.value),
        "source": source.slug,
        "isChosen": citation.is_chosen,
    }
    for name in TEXTS:
        if text := getattr(citation, name):
            found[name] = sanitize(text)
    return found


@cache
def _facts(model):
    """Return {fact: (order, path, whether its values name parties, whether different values are a dispute)}."""
    return {
        str(fact): (number, attribute.ocds, attribute.kind.type == ValueType.REFERENCE, fact in TYPED_FACTS)
        for number, (fact, attribute) in enumerate(model.FACTS.items())
    }


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
    for fact, path, column in _columns(model):
        value = getattr(state, column)
        if value in (None, "", ()) or not _is_public(batch, change, column, value):
            entry = {"id": f"{key}-{fact}", "field": path, "objectID": key}
            yield {**entry, "isDisputed": True} if (key, fact) in disputes else entry


@cache
def _columns(model):
    """Return [(fact, path, column)] of the facts that are unknown where a column is empty."""
    return [
        (str(fact), attribute.ocds, _column(model, attribute.name))
        for fact, attribute in model.FACTS.items()
        if not attribute.is_optional and not attribute.is_computed
    ]


def _column(model, name):
    field = model._meta.get_field(name)
    return name if field.many_to_many else field.attname


def _is_public(batch, change, column, value):
    """Return whether a value is public: parties need not be."""
    if column == "buyer_id":
        return batch.institutions.public_at(value, change) is not None
    return column != "suppliers" or any(batch.companies.public_at(key, change) for key in value)
