"""The list of changes of public records, newest first."""

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenders import audit
from tenders.caching import VersionedMixin
from tenders.facets import parameter_errors_of
from tenders.views.errors import unreadable
from tenders.views.lists import PageForm

PER_PAGE = 25


class Changes(VersionedMixin, TemplateView):
    """A page of the changes of public records; the total is not counted."""

    template_name = "tenders/changes.html"

    def get(self, request):
        paging = PageForm(request.GET)
        if wrong := parameter_errors_of(paging):
            return unreadable(request, wrong)
        number, before = paging.cleaned_data["page"] or 1, None
        for page in range(1, number + 1):
            found, before = self.cache.get_or_compute(
                ["changes", page, get_language()], lambda before=before: audit.latest_changes(PER_PAGE, before)
            )
            if before is None and page < number:
                raise Http404(_("The changes end on page %(last)s.") % {"last": page})
        query = f"page={number}" if number > 1 else ""
        return self.render_to_response(
            self.get_context_data(changes=found, number=number, has_more=before is not None, page_query=query)
        )
