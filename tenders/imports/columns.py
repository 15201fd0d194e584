"""
Which columns of the downloads an import reads, and what of a tender or an award each of them is.

The names are those of ``tenders.exports.columns``, which says what stands in the cells and what stands between several
values. What the database computes, and names for people beside a code, are no facts of a tender: they are not read.
"""

from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.exports.columns import TENDERS
from tenders.models import Award, Tender

COLUMNS = {column.name: column for column in TENDERS}

REFERENCE = "reference"
AWARD_NUMBERS = "award_numbers"
OF_TENDER = {attribute.column: attribute for attribute in Tender.ATTRIBUTES if attribute.column}
OF_AWARD = {attribute.column: attribute for attribute in Award.ATTRIBUTES if attribute.column}
READ = {REFERENCE, *OF_TENDER, *OF_AWARD}
# The names of bodies: asked when a reference is missing or stands for no record yet.
NAMES = ("institution_name_en", "institution_name_zh")
COMPANY_NAMES = ("companies", "company_names_en", "company_names_zh")
TEMPLATE = [
    column
    for column in TENDERS
    if column.name in {*READ, *NAMES} - {REFERENCE, AWARD_NUMBERS, "suggested_categories", "possibly_same_as"}
]


def problems(header):
    """Yield (name, what is wrong with it) for each name of a header that is no column of the downloads."""
    for number, name in enumerate(header, 1):
        if not name:
            yield _("column %(n)s") % {"n": number}, _("This column has no name.")
        elif name in header[: number - 1]:
            yield name, _("This column stands in the file twice.")
        elif name not in COLUMNS:
            if near := get_close_matches(name.casefold(), list(COLUMNS), n=1):
                yield name, _("There is no such column. Did you mean “%(name)s”?") % {"name": near[0]}
            else:
                yield name, _("There is no such column.")


def constraint(model, name):
    """Return the error that says in words which constraint of a model is not met."""
    found = next(each for each in model._meta.constraints if each.name == name)
    return ValidationError(found.violation_error_message)
