"""Find the records that a name may stand for, the best first."""

from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

from django.core.exceptions import ValidationError
from rapidfuzz import fuzz

from tenders.credit_codes import validate_form
from tenders.duplicates import Index
from tenders.kinds import canonical
from tenders.parameters import contains
from tenders.reconciliation.types import describe, find_public, name_for
from tenders.search import HAN, fold, words

CERTAIN = 100  # the same name, alias, credit code or reference
LIKE = 95  # the most of a name that is only like it, such as its pinyin
CONTRADICTED = 20  # off the score, for each property with another value
MAX_NAMED = 200  # records with the words of a text in a name that are compared with it
_building = Lock()


@dataclass
class Candidate:
    """A record that a query may mean; ``agrees`` says of each known property of the query whether it has its value."""

    type: object
    record: object
    score: float
    agrees: dict = field(default_factory=dict)

    @property
    def is_certain(self):
        return self.score >= CERTAIN and all(self.agrees.values())


def find_candidates(queries, version):
    """Return the answers to ``Query`` objects by key; ``version`` is that of the data set, empty if nothing is kept."""
    found = {key: _scores(query, version) for key, query in queries.items()}
    records = find_public({reference for scores in found.values() for reference in scores})
    return {key: {"result": _results(query, found[key], records)} for key, query in queries.items()}


def suggest(text, types, number):
    """Return (type, record) of the public records of some types whose names have the words of a text."""
    scored = [one for record_type in types for one in _named(record_type, text, number)]
    references = [reference for _score, reference in sorted(scored, key=lambda one: (-one[0], one[1]))[:number]]
    found = find_public(references)
    return [found[reference] for reference in references if reference in found]


def _scores(query, version):
    """Return {reference: score} of the records that a query may mean."""
    scores = {}
    if any(record_type.pattern.fullmatch(query.text.upper()) for record_type in query.types):
        scores[query.text.upper()] = CERTAIN
    for record_type in query.types:
        sought = record_type.model(credit_code=_credit_code(query))
        setattr(sought, "name_zh" if HAN.search(query.text) else "name_en", query.text)
        for candidate in _index(record_type.model, version).similar(sought):
            scores[candidate.record.reference] = candidate.score
        for score, reference in _named(record_type, query.text, query.limit):
            scores.setdefault(reference, score)
    return scores


def _credit_code(query):
    """Return the credit code among the properties of a query, or its text if that is one; empty text without any."""
    codes = [text for name, texts in query.properties if name == "credit_code" for text in texts]
    for text in [*codes, query.text]:
        code = text.strip().upper()
        try:
            validate_form(code)
        except ValidationError:
            continue
        return code
    return ""


def _named(record_type, text, number):
    """Return [(score, reference)] of the records with all words of a text in their names, the most like it first."""
    sought = words(text)
    if not sought:
        return []
    records = record_type.model.objects.published()
    for word in sought:
        records = records.filter(contains("name_text", word))
    found = records.order_by("reference").values_list("name_text", "reference")[:MAX_NAMED]
    scored = [(_likeness(text, name_text), reference) for name_text, reference in found]
    return sorted(scored, key=lambda one: (-one[0], one[1]))[:number]


def _likeness(text, name_text):
    """Return how much of a name, or of its pinyin, a text is, in percent."""
    sought = "".join(fold(text).split())
    names = ("".join(line.split()) for line in name_text.splitlines())
    return min(LIKE, max((round(fuzz.ratio(sought, name)) for name in names), default=0))


def _results(query, scores, records):
    """Return the candidates of a query as the answer lists them."""
    of_types = {id(record_type) for record_type in query.types}
    candidates = {}  # by reference, as a former one may be among them
    for reference, score in scores.items():
        record_type, record = records.get(reference, (None, None))
        if id(record_type) in of_types:
            candidate = Candidate(record_type, record, score, _compare(query, record_type, record))
            candidate.score = max(0, score - CONTRADICTED * list(candidate.agrees.values()).count(False))
            candidates[record.reference] = candidate
    ranked = sorted(candidates.values(), key=lambda one: (-one.score, one.record.reference))
    certain = [candidate for candidate in ranked if candidate.is_certain]
    return [_as_json(query, candidate, is_match=certain == [candidate]) for candidate in ranked[: query.limit]]


def _compare(query, record_type, record):
    """Return whether a record has the values of the properties of a query, of those that are known of both."""
    agrees = {}
    for name, texts in query.properties:
        column = record_type.properties.get(name)
        value = column.value(record) if column else None
        if value not in (None, "", []):
            values = value if isinstance(value, list) else [value]
            known = {fold(canonical(one)) for one in values}
            agrees[name] = any(fold(text) in known for text in texts)
    return agrees


def _as_json(query, candidate, *, is_match):
    name = name_for(candidate.record, query.text)
    return {
        "id": candidate.record.reference,
        "name": name,
        "description": describe(candidate.record, name),
        "type": [candidate.type.described],
        "score": candidate.score,
        "match": is_match,
        "features": [{"id": name, "value": value} for name, value in candidate.agrees.items()],
    }


def _index(model, version):
    if not version:
        return Index(model, model.objects.published())
    with _building:
        return _kept_index(model, version)


@lru_cache(maxsize=2)  # one of each model
def _kept_index(model, version):
    index = Index(model, model.objects.published())
    index.similar(model(name_en="-"))  # what is compared is computed by the first that asks
    return index
