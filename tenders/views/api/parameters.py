"""The parameters of an address: those of its filter set, its own, and those in its path."""

from dataclasses import dataclass

import django_filters
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenders.exports.paging import MAX_LIMIT
from tenders.facets import UNKNOWN, OptionsFilter, ReferencesFilter, SortFilter
from tenders.parameters import MAX_CITY, MAX_SEARCH, CityFilter, DateFilter, SearchFilter, YearFilter
from tenders.views.api.schemas import PARTIAL_DATE, REFERENCE, TEXT
from tenders.views.as_of import PARAMETER
from tenders.views.paging import PAGING, PagingForm


@dataclass(frozen=True)
class ApiParameter:
    """A parameter: its name, what it asks for, the JSON Schema of its value, and where it stands in the address."""

    name: str
    label: str | Promise
    schema: dict
    where: str = "query"
    note: str | Promise = ""
    is_required: bool = False

    @property
    def is_repeated(self):
        return self.schema["type"] == "array"

    @property
    def values(self):
        """What a value looks like, for people: all there are, or an example or the bounds of one."""
        schema = self.schema.get("items", self.schema)
        choices = schema.get("anyOf", [schema])
        found = [*schema.get("enum", ()), *(value for one in choices for value in one.get("examples", ()))]
        found += [one["const"] for one in choices if "const" in one]
        if "minimum" in schema:
            found = [f"{schema['minimum']}–{schema['maximum']}" if "maximum" in schema else f"≥ {schema['minimum']}"]
        return found


AS_OF = ApiParameter(
    PARAMETER,
    _("Moment"),
    {"type": "string", "examples": ["2026-12-01", "2026-12-01T18:30:00+08:00"]},
    note=_("The answer of the end of that day, minute or second, or of a version."),
)
SORT_NOTE = _("A minus sign before the name reverses the order. Unknown values come last either way.")


def filter_parameters(filter_class):
    """Return the parameters of a filter set, in the order in which they are declared."""
    filterset = filter_class()
    names = [*filterset.filters, *sorted(filterset.parameters - filterset.filters.keys())]
    return [_of_filter(name, filterset.get_filter(name)) for name in names]


def _of_filter(name, found):
    if isinstance(found, SortFilter):
        schema = {"type": "string", "enum": [value for value, _label in found.extra["choices"]]}
        return ApiParameter(name, _("Order"), schema | {"default": found.default}, note=SORT_NOTE)
    if isinstance(found, OptionsFilter):
        schema = {"type": "array", "items": _of_option(found)}
    elif isinstance(found, SearchFilter):
        schema = {"type": "string", "maxLength": MAX_SEARCH}
    elif isinstance(found, DateFilter):
        schema = PARTIAL_DATE
    elif isinstance(found, django_filters.NumberFilter):
        schema = {"type": "number", "minimum": 0}
    else:
        schema = TEXT
    return ApiParameter(name, found.label, schema)


def _of_option(found):
    """Return the schema of one value of a parameter that takes several."""
    unknown = [{"const": UNKNOWN}] if found.unknown is not None else []
    if isinstance(found, ReferencesFilter):
        return {"anyOf": [REFERENCE, *unknown]} if unknown else REFERENCE
    if isinstance(found, YearFilter):
        return {"type": "string", "pattern": "^(19|20)[0-9]{2}$", "examples": ["2019"]}
    if isinstance(found, CityFilter):
        return {"type": "string", "minLength": 1, "maxLength": MAX_CITY}
    return {"type": "string", "enum": [value for value, _label in found.options]}


def paging_parameters():
    """Return the parameters of a page of a list as JSON."""
    fields = PagingForm.base_fields
    limit = ApiParameter(
        "limit",
        fields["limit"].label,
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "examples": [100]},
        note=_("Without it the whole list is sent."),
    )
    cursor = ApiParameter("cursor", fields["cursor"].label, TEXT, note=_("Taken from “next”: don’t make one yourself."))
    found = {"limit": limit, "cursor": cursor}
    return [found[name] for name in sorted(PAGING, reverse=True)]
