"""
The columns of the downloads that an import reads, and the attribute of a tender or an award that each of them holds.

``tenders.exports.columns`` has their names and formats. Columns that follow from others are not imported.
"""

from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders import kinds
from tenders.choices import Fact, SourceKind
from tenders.exports.columns import LIST_PER_AWARD, TENDERS, Column
from tenders.models import Award, Company, Institution, Tender
from tenders.models.attributes import Attribute

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
# What follows from other columns is not imported, but compared with what these give.
COMPUTED = {column.name: column for column in TENDERS if column.follows_from is not None}
# Names of organisations: needed where a reference is missing, or stands for no record yet.
PARTY_NAMES = {name: (f"{name}_name_en", f"{name}_name_zh") for name in PARTIES if name in OF_TENDER}
COMPANY_NAMES = ("companies", "company_names_en", "company_names_zh")
COMPANY_SEATS = "company_seats"  # of references that stand for no record yet

# What else is known of the organisations that a row names, for new ones: by the column that names them, the columns and
# the attributes of the organisation. No download has these columns.
PARTY_DETAILS = {
    column: {
        pattern % word: model.FACTS[fact]
        for fact, word in ((Fact.CREDIT_CODE, "credit_code"), (Fact.KIND, "kind"), (Fact.REGION, "seat"))
    }
    for column, model, pattern in (
        ("institution", Institution, "institution_%s"),
        ("award_companies", Company, "award_company_%ss"),
    )
}
DETAILS = {column: attribute for details in PARTY_DETAILS.values() for column, attribute in details.items()}

# The source of a row, in place of that of the file. No download has these columns.
SOURCE_ADDRESS, SOURCE_TITLE, SOURCE_DATE, SOURCE_KIND = "source_address", "source_title", "source_date", "source_kind"
SOURCE = {
    attribute.column: attribute
    for attribute in (
        Attribute("url", kinds.Text(), gettext_lazy("web address of the row’s source"), column=SOURCE_ADDRESS),
        Attribute("title", kinds.Text(), gettext_lazy("title of that source"), column=SOURCE_TITLE),
        Attribute("published_date", kinds.PartialDate(), gettext_lazy("date of that source"), column=SOURCE_DATE),
        Attribute("kind", kinds.Code(SourceKind), gettext_lazy("kind of that source"), column=SOURCE_KIND),
    )
}
NAMES = [*COLUMNS, *DETAILS, *SOURCE]

# Those who fill in a new table need not number tenders and awards, and judge nothing yet.
NOT_IN_TEMPLATE = {REFERENCE, AWARD_NUMBERS, "suggested_categories", "possibly_same_as"}
TEMPLATE = [
    column
    for column in TENDERS
    if column.name in IMPORTED.union(*PARTY_NAMES.values()) and column.name not in NOT_IN_TEMPLATE
]
for name, attribute in DETAILS.items():
    separators = LIST_PER_AWARD if name in PARTY_DETAILS["award_companies"] else ()
    TEMPLATE.append(Column(name, attribute.kind.type, None, attribute.description, separators))
TEMPLATE += [Column(name, attribute.kind.type, None, attribute.description) for name, attribute in SOURCE.items()]


def header_problems(header):
    """Yield (name, message) for each name of a header that is no column of the downloads, or stands there twice."""
    for number, name in enumerate(header, 1):
        if not name:
            yield _("column %(n)s") % {"n": number}, _("This column has no name.")
        elif name in header[: number - 1]:
            yield name, _("This column is in the file twice.")
        elif name not in NAMES:
            if near := get_close_matches(name.casefold(), NAMES, n=1):
                yield name, _("There is no such column. Did you mean “%(name)s”?") % {"name": near[0]}
            else:
                yield name, _("There is no such column.")
