"""The lists that can be downloaded as they are today: their names, columns, keys and files."""

from dataclasses import dataclass

from django.urls import reverse

from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.statements import SOURCES, STATEMENTS
from tenders.exports.writers import FORMS


@dataclass(frozen=True)
class LiveList:
    """A list: what its rows are, in English, its columns, and those of its key."""

    name: str
    kind: str  # in the names of its URLs
    description: str
    columns: list
    key: tuple = ()

    def files(self, absolute):
        """Yield (form, address, media type) of its downloads."""
        for form, (_write, content_type) in FORMS.items():
            yield form, absolute(reverse(f"{self.kind}-download", args=[form])), content_type.partition(";")[0]


LISTS = (
    LiveList("tenders", "tender", "A row for each tender, with its awards.", TENDERS, ("reference",)),
    LiveList(
        "institutions", "institution", "A row for each institution that has bought.", INSTITUTIONS, ("reference",)
    ),
    LiveList("companies", "company", "A row for each company that has won.", COMPANIES, ("reference",)),
    LiveList("statements", "statement", "A row for each statement of a fact by a source.", STATEMENTS),
    LiveList("sources", "source", "A row for each source, such as a document.", SOURCES, ("source",)),
)
