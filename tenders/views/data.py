"""The data page: all downloads, what is in them, and how they may be used."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenders.caching import VersionedMixin
from tenders.catalogue import dataset_summary
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.writers import CONVENTIONS, LICENCE
from tenders.views.figures import Counted

EXAMPLE = "year=2019&amount=known"

# In the order in which they are loaded.
FIXTURES = ("regions", "categories", "blockchain_2018_2019", "interchain_pulse_2019", "later_tenders", "other_studies")


class DataPage(VersionedMixin, TemplateView):
    """What can be downloaded, column by column, and the data set as a whole."""

    parameters = frozenset()
    template_name = "tenders/data.html"

    def get_context_data(self, **kwargs):
        data = self.cache.get_or_compute(["data"], dataset_summary)
        return super().get_context_data(
            object=data,
            lists=[
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
            ],
            contents=[
                (_("Downloads"), "downloads"),
                (_("Only a part of it"), "query"),
                (_("What the columns mean"), "columns"),
                (_("Match your own table"), "matching"),
                (_("Licence"), "licence"),
                (_("How to cite"), "citing"),
                (_("A copy of your own"), "copies"),
            ],
            conventions=CONVENTIONS,
            matching=reverse("reconciliation"),
            licence=LICENCE,
            example=f"{reverse('tender-list')}?{EXAMPLE}",
            example_download=f"{reverse('tender-download', args=['csv'])}?{EXAMPLE}",
            command=f"python manage.py loaddata {' '.join(FIXTURES)}",
            **kwargs,
        )
