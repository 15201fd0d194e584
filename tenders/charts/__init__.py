"""Charts of the records: what is counted, as marks that a template draws, each with the list that proves it."""

from tenders.charts.list_charts import (
    charts_of_companies,
    charts_of_institutions,
    charts_of_tenders,
    overview_of_tenders,
)
from tenders.charts.marks import Listed
from tenders.charts.times import timeline

__all__ = [
    "Listed",
    "charts_of_companies",
    "charts_of_institutions",
    "charts_of_tenders",
    "overview_of_tenders",
    "timeline",
]
