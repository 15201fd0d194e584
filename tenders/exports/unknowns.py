"""How many rows of a list have an unknown value, for each column that a source could state."""

from django.db.models import Count, Q

from tenders.choices import EditorialState
from tenders.filters import TenderFilter
from tenders.models import Tender

# Columns that are computed, and the parameter of the list that finds those of which the value is unknown.
COMPUTED = {Tender: {"companies": "company", "same_region": "same_region", "award_amount": "amount"}}


def count_unknown(rows):
    """Return {column: number} of rows with an unknown value."""
    conditions = unknown_conditions(rows.model)
    counts = {f"unknown_{column}": Count("pk", filter=condition) for column, condition in conditions.items()}
    found = rows.order_by().aggregate(**counts)
    return {column: found[f"unknown_{column}"] for column in conditions}


def unknown_conditions(model):
    """Return {column: condition that the value of a record is unknown}, in the order of the attributes."""
    own = {
        attribute.column: _is_unknown(model._meta.get_field(attribute.name))
        for attribute in model.stored_attributes()
        if attribute.column and not attribute.is_optional and attribute.name != "year"  # which is always known
    }
    filters = TenderFilter.base_filters
    return own | {column: filters[name].unknown for column, name in COMPUTED.get(model, {}).items()}


def _is_unknown(field):
    """Return the condition that a column is empty, or refers to a record that is not public."""
    if not field.null:
        return Q(**{field.name: ""})
    condition = Q(**{f"{field.name}__isnull": True})
    if hasattr(field.related_model, "is_published"):
        condition |= ~Q(**{f"{field.name}__state": EditorialState.PUBLISHED})
    return condition
