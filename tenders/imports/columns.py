"""
The columns of the downloads that an import reads, and the attribute of a tender or an award that each of them holds.

``tenders.exports.columns`` has their names and formats. Computed columns, and names that stand for people beside a
code, are not imported.
"""

import re
import unicodedata
from difflib import get_close_matches

from django.utils.translation import gettext as _

from tenders import kinds
from tenders.exports.columns import TENDERS
from tenders.models import Award, Tender

COLUMNS = {column.name: column for column in TENDERS}

REFERENCE = "reference"
AWARD_NUMBERS = "award_numbers"
# The attribute of a tender, or of its awards, that each column holds.
OF_TENDER = {attribute.column: attribute for attribute in Tender.ATTRIBUTES if attribute.column}
OF_AWARD = {attribute.column: attribute for attribute in Award.ATTRIBUTES if attribute.column}
ATTRIBUTES = {**OF_TENDER, **OF_AWARD}
IMPORTED = {REFERENCE, *ATTRIBUTES}
PARTIES = {  # column: the model of the organisations that it names
    column: attribute.kind.model
    for column, attribute in ATTRIBUTES.items()
    if isinstance(attribute.kind, kinds.InstitutionReference | kinds.CompanyReferences)
}
# Names of organisations: needed where a reference is missing, or stands for no record yet.
PARTY_NAMES = {name: (f"{name}_name_en", f"{name}_name_zh") for name in PARTIES if name in OF_TENDER}
COMPANY_NAMES = ("companies", "company_names_en", "company_names_zh")
READ = IMPORTED.union(*PARTY_NAMES.values(), COMPANY_NAMES)

# Those who fill in a new table need not number tenders and awards, and judge nothing yet.
NOT_IN_TEMPLATE = {REFERENCE, AWARD_NUMBERS, "suggested_categories", "possibly_same_as"}
TEMPLATE = [
    column
    for column in TENDERS
    if column.name in IMPORTED.union(*PARTY_NAMES.values()) and column.name not in NOT_IN_TEMPLATE
]


def find_column(text):
    """Return the name of the column that a header means, whatever its case, its blanks and its hyphens; else None."""
    visible = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    name = re.sub(r"[\s_-]+", "_", visible.strip()).casefold()
    return name if name in COLUMNS else None


def header_problems(header):
    """Yield (name, message) for each name of a header that is no column of the downloads, or stands there twice."""
    for number, name in enumerate(header, 1):
        if not name:
            yield _("column %(n)s") % {"n": number}, _("This column has no name.")
        elif name in header[: number - 1]:
            yield name, _("This column is in the file twice.")
        elif name not in COLUMNS:
            if near := get_close_matches(name.casefold(), list(COLUMNS), n=1):
                yield name, _("There is no such column. Did you mean “%(name)s”?") % {"name": near[0]}
            else:
                yield name, _("There is no such column.")
