"""The public changes as data, oldest first: with them and the records that they name, a copy stays like the site."""

from itertools import islice

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from tenders.audit.stream import BEGINNING, entries_after
from tenders.caching import VersionedMixin
from tenders.exports.changes import UnreadableCursorError, cursor_of, entry_data, position_at, position_of
from tenders.exports.paging import MAX_LIMIT
from tenders.exports.writers import json_text
from tenders.facets import LimitedValuesMixin, parameter_errors_of
from tenders.filter_sets import unknown_parameters
from tenders.past.moments import UnreadableMomentError, period
from tenders.problems import CURSOR, CursorError
from tenders.views.downloads import data_changed_at, data_headers, data_meta
from tenders.views.errors import unreadable

DEFAULT_LIMIT = 100
MAX_CURSOR = 200  # characters


class PositionField(forms.CharField):
    """A cursor that an answer had, or a day or moment; its value is a ``Position``."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return BEGINNING
        try:
            if text[:4].isdecimal():
                start, _end = period(text)
                return position_at(start)
            return position_of(text)
        except UnreadableMomentError as error:
            raise forms.ValidationError(str(error)) from None
        except UnreadableCursorError:
            message = _("Start again without “since”: this cursor isn’t one of the history that the site has now.")
            raise forms.ValidationError(message, code=CURSOR.code) from None


class ChangesForm(LimitedValuesMixin, forms.Form):
    """From where on, and how many entries at most."""

    since = PositionField(label=gettext_lazy("Since"), required=False, max_length=MAX_CURSOR)
    limit = forms.IntegerField(label=gettext_lazy("Entries"), required=False, min_value=1, max_value=MAX_LIMIT)


def position_errors_of(form):
    """Return the errors of a form with a cursor; what is wrong with that is a problem of its own type."""
    found = form.errors.as_data()
    return [
        CursorError(name, message) if CURSOR.code in {error.code for error in found[name]} else (name, message)
        for name, message in parameter_errors_of(form)
    ]


class ChangesData(VersionedMixin, View):
    """
    The entries behind ``since``, oldest first, at most ``limit`` of them.

    ``meta.next`` is the address of the next entries, null where there are none yet; ``meta.cursor`` is the ``since``
    with which a client comes back then.
    """

    http_method_names = ("get", "head")

    def get(self, request):
        form = ChangesForm(request.GET)
        if problems := [*position_errors_of(form), *unknown_parameters(request.GET, form.fields)]:
            return unreadable(request, problems)
        since, limit = form.cleaned_data["since"], form.cleaned_data["limit"] or DEFAULT_LIMIT
        entries = list(islice(entries_after(since), limit + 1))
        has_more = len(entries) > limit
        entries = entries[:limit]
        # Of the last entry, not of the last change: that something was written to drafts is nobody's business.
        cursor = cursor_of(entries[-1].position if entries else since)
        return self._response(entries, cursor, has_more)

    def _response(self, entries, cursor, has_more):
        request, changed_at = self.request, data_changed_at(self.cache)
        limit = {"limit": request.GET["limit"]} if request.GET.get("limit") else {}
        path, query = request.path, request.GET.urlencode()
        address = request.build_absolute_uri(f"{path}?{query}" if query else path)
        page = request.build_absolute_uri(reverse("changes"))
        following = request.build_absolute_uri(f"{path}?{urlencode({'since': cursor, **limit})}") if has_more else None
        meta = data_meta(address, page, changed_at, next=following, cursor=cursor)
        headers = data_headers(address, page, changed_at)
        if following:
            headers["Link"] += f', <{following}>; rel="next"'
        site = f"{request.scheme}://{request.get_host()}"
        body = {"meta": meta, "results": [entry_data(entry, site=site) for entry in entries]}
        return HttpResponse(json_text(body) + "\n", content_type="application/json", headers=headers)
