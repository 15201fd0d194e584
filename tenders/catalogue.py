"""Summary of the data set: title, years, numbers of records, last change."""

import datetime
from dataclasses import dataclass

from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from tenders.audit import last_public_change
from tenders.filters import CompanyFilter, InstitutionFilter
from tenders.models import Tender

SITE_NAME = "TenderWatch"
DEVELOPERS = "The TenderWatch developers"  # the author in CITATION.cff


@dataclass(frozen=True)
class DatasetSummary:
    """Summary of all public records; years are None without tenders, ``changed_at`` without recorded changes."""

    num_tenders: int
    num_institutions: int
    num_companies: int
    first_year: int | None
    last_year: int | None
    changed_at: datetime.datetime | None

    @property
    def title(self):
        """The title, with the years of the tenders."""
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
        """A description in two sentences."""
        return _(
            "Tenders in which Chinese public bodies buy blockchain technology, with the buyers and the "
            "winners. Every fact has a source; what no source states is unknown."
        )

    def get_absolute_url(self):
        return reverse("data")


def dataset_summary():
    """Return the current summary of the data set."""
    tenders = Tender.objects.published()
    return DatasetSummary(
        num_tenders=tenders.count(),
        num_institutions=InstitutionFilter().qs.count(),
        num_companies=CompanyFilter().qs.count(),
        **tenders.aggregate(first_year=Min("year"), last_year=Max("year")),
        changed_at=last_public_change(),
    )
