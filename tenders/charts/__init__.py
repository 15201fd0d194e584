"""Charts of the records as data for SVG templates; every number links to the list of the records it counts."""

from tenders.charts.list_charts import (
    charts_of_companies,
    charts_of_institutions,
    charts_of_tenders,
    overview_of_tenders,
)
from tenders.charts.marks import LinkedCount
from tenders.charts.times import timeline

__all__ = [
    "LinkedCount",
    "charts_of_companies",
    "charts_of_institutions",
    "charts_of_tenders",
    "overview_of_tenders",
    "timeline",
]
