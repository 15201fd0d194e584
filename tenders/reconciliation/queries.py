"""Read what programs ask: batches of queries, and which properties of which records are wanted."""

import json
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from tenders.languages import join_sentences
from tenders.problems import ParameterError
from tenders.reconciliation.types import PROPERTIES, TYPES

MAX_QUERIES = 50  # in one request
MAX_LENGTH = 200  # characters of a query, and of the value of a property
MAX_CANDIDATES = 50  # of one query
CANDIDATES = 5  # unless a query says how many
MAX_RECORDS = 100  # whose properties one request asks for
MAX_PROPERTIES = 10  # that a query compares


class QueryError(ValueError):
    """What a request asks and the service can't read: where it stands, and what would be right."""

    def __init__(self, place, message, error=ParameterError):
        super().__init__(place, message)
        self.error = error(place, message)


@dataclass(frozen=True)
class Query:
    """A name to match, with records of which types, what else is known of it, and how many candidates are wanted."""

    text: str
    types: tuple
    properties: tuple  # (name of the column, list of texts)
    limit: int


def read_queries(text):
    """Return {key: ``Query``} of the parameter ``queries``; raises ``QueryError``."""
    batch = _read_json("queries", text)
    if not isinstance(batch, dict) or not batch:
        raise QueryError("queries", _("Write an object with a query under each key."))
    if len(batch) > MAX_QUERIES:
        raise QueryError("queries", _("Send at most %(max)s queries in one request.") % {"max": MAX_QUERIES})
    return {key: _read_query(f"queries.{key}", query) for key, query in batch.items()}


def read_extension(text):
    """Return (ids, names of properties) of the parameter ``extend``; raises ``QueryError``."""
    wanted = _read_json("extend", text)
    if not isinstance(wanted, dict):
        raise QueryError("extend", _("Write an object with “ids” and “properties”."))
    ids, properties = wanted.get("ids"), wanted.get("properties")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise QueryError("extend.ids", _("Write a list of references."))
    if len(ids) > MAX_RECORDS:
        raise QueryError("extend.ids", _("Ask for at most %(max)s records in one request.") % {"max": MAX_RECORDS})
    if not isinstance(properties, list) or not all(isinstance(one, dict) for one in properties):
        raise QueryError("extend.properties", _("Write a list of objects, each with the “id” of a property."))
    if len(properties) > len(PROPERTIES):
        raise QueryError("extend.properties", _("Ask for each property once."))
    names = [_one_of("extend.properties", one.get("id"), PROPERTIES) for one in properties]
    return list(dict.fromkeys(ids)), list(dict.fromkeys(names))


def _read_json(name, text):
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a character can't be answered
    except (ValueError, RecursionError):
        raise QueryError(name, _("Write JSON, in UTF-8.")) from None
    return value


def _refuse_constant(name):
    raise ValueError(name)


def _read_query(place, query):
    if not isinstance(query, dict):
        raise QueryError(place, _("Write an object with “query”, the name to match."))
    text = query.get("query", "")
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise QueryError(f"{place}.query", _("Write a text of at most %(max)s characters.") % {"max": MAX_LENGTH})
    limit = query.get("limit", CANDIDATES)
    if type(limit) is not int or not 1 <= limit <= MAX_CANDIDATES:
        raise QueryError(f"{place}.limit", _("Write a number from 1 to %(max)s.") % {"max": MAX_CANDIDATES})
    types = query.get("type") or list(TYPES)
    types = types if isinstance(types, list) else [types]
    names = [_one_of(f"{place}.type", one.get("id") if isinstance(one, dict) else one, TYPES) for one in types]
    properties = query.get("properties") or []
    if not isinstance(properties, list) or len(properties) > MAX_PROPERTIES:
        message = _("Write a list of at most %(max)s properties.") % {"max": MAX_PROPERTIES}
        raise QueryError(f"{place}.properties", message)
    known = tuple(_read_property(f"{place}.properties", one) for one in properties)
    return Query(text.strip(), tuple(TYPES[name] for name in dict.fromkeys(names)), known, limit)


def _read_property(place, given):
    if not isinstance(given, dict):
        raise QueryError(place, _("Write objects with “pid”, the property, and “v”, its value."))
    values = given.get("v")
    values = values if isinstance(values, list) else [values]
    texts = [_text_of(value) for value in values]
    if len(texts) > MAX_PROPERTIES or any(text is None or len(text) > MAX_LENGTH for text in texts):
        raise QueryError(place, _("Write a text of at most %(max)s characters.") % {"max": MAX_LENGTH})
    return _one_of(place, given.get("pid"), PROPERTIES), texts


def _text_of(value):
    """Return a value of a property as text; None for what is none."""
    if isinstance(value, dict):  # a matched record
        value = value.get("id")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def _one_of(place, name, names):
    if isinstance(name, str) and name in names:
        return name
    sentences = [_("Write one of these: %(names)s.") % {"names": ", ".join(names)}]
    if isinstance(name, str) and (near := get_close_matches(name, names, n=1)):
        sentences.append(_("Did you mean “%(name)s”?") % {"name": near[0]})
    raise QueryError(place, join_sentences(sentences))
