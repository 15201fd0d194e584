"""The data page: all downloads, what is in them, and how they may be used."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenders.catalogue import dataset_summary
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.statements import SOURCES, STATEMENTS, public_sources, public_statements
from tenders.exports.writers import CONVENTIONS, LICENCE
from tenders.models import Tender
from tenders.past import began_at
from tenders.views.figures import Counted
from tenders.views.versions import VersionsMixin

EXAMPLE = "year=2019&amount=known"

# In the order in which they are loaded.
FIXTURES = ("regions", "categories", "blockchain_2018_2019", "interchain_pulse_2019", "later_tenders", "other_studies")


class DataPage(VersionsMixin, TemplateView):
    """What can be downloaded, column by column, and the data set as a whole."""

    template_name = "tenders/data.html"

    def get_context_data(self, **kwargs):
        data = self.summary()
        return super().get_context_data(
            object=data,
            lists=self.lists(),
            contents=[
                (_("Downloads"), "downloads"),
                (_("Only a part of it"), "query"),
                (_("Versions"), "versions"),
                (_("Records as of a day"), "past"),
                (_("What the columns mean"), "columns"),
                (_("Match your own table"), "matching"),
                (_("Licence"), "licence"),
                (_("How to cite"), "citing"),
                (_("A copy of your own"), "copies"),
            ],
            history_began_at=data.changed_at and began_at(),
            conventions=CONVENTIONS,
            matching=reverse("reconciliation"),
            licence=LICENCE,
            example=f"{reverse('tender-list')}?{EXAMPLE}",
            example_record=Tender.objects.published().order_by("reference").first(),
            example_download=f"{reverse('tender-download', args=['csv'])}?{EXAMPLE}",
            command=f"python manage.py loaddata {' '.join(FIXTURES)}",
            **kwargs,
        )

    def summary(self):
        return self.cache.get_or_compute(["data"], dataset_summary)

    def lists(self):
        """Return what can be downloaded: the name and the kind of each list, its columns, how many rows it has."""
        data = self.summary()
        numbers = self.cache.get_or_compute(["statements and sources"], _num_statements_and_sources)
        return [
            {
                "kind": "tender",
                "name": _("Tenders"),
                "description": _(
                    "One row for each tender, with its institution, its awards and the companies that won them."
                ),
                "counted": Counted(data.num_tenders, reverse("tender-list")),
                "columns": TENDERS,
            },
            {
                "kind": "institution",
                "name": _("Institutions"),
                "description": _("One row for each institution that has bought."),
                "counted": Counted(data.num_institutions, reverse("institution-list")),
                "columns": INSTITUTIONS,
            },
            {
                "kind": "company",
                "name": _("Companies"),
                "description": _("One row for each company that has won."),
                "counted": Counted(data.num_companies, reverse("company-list")),
                "columns": COMPANIES,
            },
            {
                "kind": "statement",
                "name": _("Statements"),
                "description": _(
                    "One row for each statement of a source on a fact. Takes the filters of the tender list."
                ),
                "counted": Counted(numbers["statements"]),
                "columns": STATEMENTS,
            },
            {
                "kind": "source",
                "name": _("Sources"),
                "description": _("One row for each source of these statements. Takes the filters of the tender list."),
                "counted": Counted(numbers["sources"]),
                "columns": SOURCES,
            },
        ]


def _num_statements_and_sources():
    statements = public_statements()
    return {"statements": statements.count(), "sources": public_sources(statements, of_all=True).count()}
