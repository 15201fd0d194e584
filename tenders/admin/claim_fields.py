"""
Which fields the form of a claim shows: those that all claims have, and those that its measure uses.

What was typed into a field that the measure does not use is shown no longer, but not lost either: the form carries it
along, names it, and empties it on saving.
"""

from django.contrib.admin.utils import flatten
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.base import is_id
from tenders.choices import Measure, Printed, Unit
from tenders.claims.measures import MEASURES
from tenders.claims.measures.base import NO_MEASURE
from tenders.models import Claim

NEXT_TO_EACH_OTHER = [{"printed_low", "printed_high"}, {"facet", "value"}, {"claims", "total"}]
FIRST = [("article", "code"), "statement_en", "statement_zh", "measure"]
PLACES = [("section", "place", "place_zh"), ("note", "note_zh"), "sources"]
REASONS = ("not_checkable_reason", "not_checkable_reason_zh")
# The fields that only some measures use.
OF_MEASURES = list(dict.fromkeys(name for one in (NO_MEASURE, *MEASURES.values()) for name in one.fields))
# What a claim is given by itself where its measure does not ask for it.
IMPLIED = {"printed_as": Printed.EXACTLY, "printed_low": "1", "printed_high": "1"}


def measure_of_code(code):
    """Return the measure of a code; the one of claims that cannot be checked, or None where there is none."""
    return NO_MEASURE if code == Measure.NONE else MEASURES.get(code)


def fieldsets(measure, is_filled):
    """Return the fieldsets of a claim; closed are those that few claims need, unless a field of theirs is filled."""
    if measure is None:
        return [(None, {"fields": FIRST})]
    cannot_be_checked = {"fields": [REASONS]}
    others = [
        (gettext_lazy("Place in the article and interpretation"), PLACES),
        (gettext_lazy("Role in the article"), ["reading_of", *_shown(measure, "is_set_size", "is_margin")]),
    ]
    if not measure.needs_record and measure.records:
        others.append((gettext_lazy("Record that the claim is about, if any"), list(measure.records)))
    if measure is not NO_MEASURE:
        others.append((gettext_lazy("If the claim can’t be checked"), [REASONS]))
    found = [
        (None, {"fields": FIRST}),
        (gettext_lazy("Figure in the article"), _printed(measure)),
        (gettext_lazy("Compared with"), {"fields": _lines(measure.compared_with)}),
        (
            gettext_lazy("Reason why it can’t be checked"),
            cannot_be_checked if measure is NO_MEASURE else {"fields": []},
        ),
    ]
    found = [(name, options) for name, options in found if options["fields"]]
    for name, fields in others:
        classes = [] if any(map(is_filled, flatten(fields))) else ["collapse"]
        found.append((name, {"fields": fields, "classes": classes}))
    return found


def stored_fieldsets(measure):
    """Return the fieldsets of a claim that is only viewed: its columns, and its arguments as they are stored."""
    columns, found = {field.name for field in Claim._meta.get_fields()}, []
    for name, options in fieldsets(measure, lambda name: True):
        if stored := [field for field in flatten(options["fields"]) if field in columns]:
            found.append((name, {"fields": stored}))
    return [*found, (None, {"fields": ["arguments"]})]


def _printed(measure):
    fields = _lines(_shown(measure, "printed_as", "printed_low", "printed_high", "unit"))
    if not measure.unit:
        return {"fields": fields}
    description = format_html("<p>{}</p>", _("Unit: %(unit)s.") % {"unit": Unit(measure.unit).label})
    return {"fields": fields, "description": description}


def _shown(measure, *names):
    return [name for name in names if name in measure.fields]


def _lines(names):
    """Return the lines of fields, of which some stand next to each other."""
    lines = []
    for name in names:
        if lines and {*flatten([lines[-1]]), name} in NEXT_TO_EACH_OTHER:
            lines[-1] = (lines[-1], name)
        else:
            lines.append(name)
    return lines


def unused_values(measure, claim, posted, stored):
    """
    Return what stands in fields that a measure does not use, by name: lists of texts as a form posts them.

    ``posted`` is the data of a form that was sent, else None; ``stored`` is what the claim's form shows for each field.
    The unit and what follows from other fields are left out.
    """
    found = {}
    for name in OF_MEASURES:
        if measure is None or name in measure.fields or name == "unit":
            continue
        if posted is not None and name in posted:
            values = posted.getlist(name)
        elif claim.pk and name not in measure.derived_queries:
            values = _as_posted(stored(name))
        else:
            continue
        if any(value.strip() for value in values) and values != [IMPLIED.get(name)]:
            found[name] = values
    return found


def _as_posted(value):
    if value in (None, "", False) or value == []:
        return []
    if isinstance(value, list):
        return list(map(str, value))
    return ["on"] if value is True else [str(value)]


def value_text(name, values):
    """Return a value that is emptied, as its editor knows it; of a tick there is nothing to say."""
    try:
        field = Claim._meta.get_field(name)
    except FieldDoesNotExist:
        return ", ".join(values)
    if isinstance(field, models.BooleanField):
        return ""
    if isinstance(field, models.ForeignKey):
        record = field.related_model.objects.filter(pk__in=filter(is_id, values)).first()
        return str(record or "")
    return ", ".join(str(dict(field.flatchoices).get(value, value)) for value in values)


def empty_unused(claim, measure):
    """Empty the columns of a claim that its measure does not use."""
    for name in set(OF_MEASURES) - set(measure.fields):
        field = next((field for field in Claim._meta.concrete_fields if field.name == name), None)
        if field is not None:
            setattr(claim, name, None if field.null else field.get_default())
    if measure.unit:
        claim.unit = measure.unit
