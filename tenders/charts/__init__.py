"""Pictures of the records: what is counted, as marks that a template draws, each with the list that proves it."""

from tenders.charts.marks import Listed
from tenders.charts.pictures import (
    overview_of_tenders,
    pictures_of_companies,
    pictures_of_institutions,
    pictures_of_tenders,
)
from tenders.charts.times import in_time

__all__ = [
    "Listed",
    "in_time",
    "overview_of_tenders",
    "pictures_of_companies",
    "pictures_of_institutions",
    "pictures_of_tenders",
]
