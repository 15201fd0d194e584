"""The data set as a whole: what it is called, which years it covers, how much it holds, when it last changed."""

import datetime
from dataclasses import dataclass

from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from tenders.audit import latest_changes
from tenders.filters import CompanyFilter, InstitutionFilter
from tenders.models import Tender

SITE = "TenderWatch"

# Who has made it, as CITATION.cff says.
DEVELOPERS = "The TenderWatch developers"


@dataclass(frozen=True)
class DatasetSummary:
    """All public records together; of an empty site the years are None, as is a last change that was not recorded."""

    num_tenders: int
    num_institutions: int
    num_companies: int
    first_year: int | None
    last_year: int | None
    changed_at: datetime.datetime | None

    @property
    def title(self):
        """What it is called, with the years that its tenders are of."""
        if self.first_year is None:
            return _("Data set on Chinese government blockchain tenders")
        if self.first_year == self.last_year:
            return _("Data set on Chinese government blockchain tenders, %(year)s") % {"year": self.first_year}
        return _("Data set on Chinese government blockchain tenders, %(first)s to %(last)s") % {
            "first": self.first_year,
            "last": self.last_year,
        }

    @property
    def description(self):
        """What is in it, in two sentences."""
        return _(
            "Tenders of public bodies in China in which blockchain is bought, with the institutions that buy and the "
            "companies that win. Every fact has a source; what no source states is unknown."
        )

    def get_absolute_url(self):
        return reverse("data")


def dataset_summary():
    """Return the data set as it is now."""
    tenders = Tender.objects.published()
    changes, _before = latest_changes(1)
    return DatasetSummary(
        num_tenders=tenders.count(),
        num_institutions=InstitutionFilter().qs.count(),
        num_companies=CompanyFilter().qs.count(),
        **tenders.aggregate(first_year=Min("year"), last_year=Max("year")),
        changed_at=changes[0].head.made_at if changes else None,
    )
