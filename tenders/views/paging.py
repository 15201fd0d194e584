"""The parameters ``limit`` and ``cursor`` of lists as JSON, and the page that they ask for."""

from functools import partial

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.audit.latest import last_public_change_number
from tenders.caching import VersionedCache
from tenders.exports.paging import MAX_CURSOR, MAX_LIMIT, Cursor, UnreadableCursorError, read_page
from tenders.facets import LimitedValuesMixin, parameter_errors_of
from tenders.models import DatasetVersion
from tenders.past import PastBusyError, reading_as_of
from tenders.problems import CursorError
from tenders.views.errors import unavailable, unreadable


class PagingForm(LimitedValuesMixin, forms.Form):
    """How many rows of a list are wanted, and behind which one."""

    limit = forms.IntegerField(label=gettext_lazy("Rows on a page"), required=False, min_value=1, max_value=MAX_LIMIT)
    cursor = forms.CharField(label=gettext_lazy("Where the page begins"), required=False, max_length=MAX_CURSOR)

    def clean(self):
        cleaned_data = super().clean()
        if self.data.get("cursor") and not self.data.get("limit"):
            self.add_error("limit", _("Give a limit with the cursor."))
        return cleaned_data


def _cursor_error():
    return CursorError("cursor", _("Start again without the cursor: it belongs to another query, or is too old."))


PAGING = frozenset(PagingForm.base_fields)
ATTEMPTS = 5  # to read a page between two writes


class Paging:
    """
    A request for one page of a list, which ``query`` names: its address with all that chooses and orders its rows.

    ``errors`` are (parameter, message) pairs; without any, ``limit`` is None where the whole list is asked for.
    """

    def __init__(self, data, query):
        self.query, form = query, PagingForm(data)
        self.errors = parameter_errors_of(form)
        self.limit, self.text = (form.cleaned_data.get(name) for name in ("limit", "cursor"))
        self.cursor = None
        if self.text and not self.errors:
            self._read_cursor()

    def _read_cursor(self):
        try:
            self.cursor = Cursor.decode(self.text, self.query)
        except UnreadableCursorError:
            self.errors = [_cursor_error()]

    def respond(self, request, make_response):
        """
        Return ``make_response(read)``, in which ``read(rows, order)`` returns the ``ListPage`` that is asked for.

        All of it is read as of the change after which the first page was; 503 while that cannot be.
        """
        try:
            for _attempt in range(ATTEMPTS):
                cache = VersionedCache()
                latest = cache.get_or_compute("last public change number", lambda: last_public_change_number() or 0)
                cache.store()
                pinned = self.cursor.change if self.cursor else latest
                read = partial(read_page, limit=self.limit, after=self.cursor, change=pinned)
                if pinned not in (0, latest):
                    with reading_as_of(pinned):
                        return make_response(read)
                response = make_response(read)
                if DatasetVersion.current() == cache.version or not cache.version:  # no write came between
                    return response
        except UnreadableCursorError:  # from before an order was made of other columns
            return unreadable(request, [_cursor_error()])
        except PastBusyError:
            pass
        return unavailable(request, _("Try again in half a minute: the records are being changed or prepared."))

    @property
    def given(self):
        """The parameters of this page, beside those of the list."""
        return {"limit": self.limit, **({"cursor": self.text} if self.text else {})}

    def following(self, page):
        """Return the parameters of the page after one that is not the last."""
        return {"limit": self.limit, "cursor": page.next.encode(self.query)}
