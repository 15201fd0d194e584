"""The page that explains the addresses of data."""

from django.views.generic import TemplateView

from tenders.caching import VersionedMixin
from tenders.problems import PROBLEM_TYPES


class ApiPage(VersionedMixin, TemplateView):
    """How programs ask for data: addresses, parameters, pages, errors, and examples that run."""

    parameters = frozenset()
    template_name = "tenders/api.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(problem_types=PROBLEM_TYPES, **kwargs)
