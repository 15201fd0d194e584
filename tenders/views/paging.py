"""The parameters ``limit`` and ``cursor`` of lists as JSON, and the page that they ask for."""

from contextlib import suppress

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.exports.paging import MAX_CURSOR, MAX_LIMIT, Cursor, UnreadableCursorError, read_page
from tenders.facets import LimitedValuesMixin, parameter_errors_of
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


class _ChangedMeanwhileError(Exception):
    """Raised where something was written after a page began to be answered from the records as they are."""


PAGING = frozenset(PagingForm.base_fields)


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
            if self.cursor is None or self.cursor.change is None:
                return make_response(self._read)
            while True:
                with suppress(_ChangedMeanwhileError), reading_as_of(self.cursor.change):
                    return make_response(self._read)
        except UnreadableCursorError:  # from before an order was made of other columns
            return unreadable(request, [_cursor_error()])
        except PastBusyError:
            return unavailable(request, _("Try again in half a minute: the records as they were are being prepared."))

    def _read(self, rows, order):
        page = read_page(rows, order, self.limit, self.cursor)
        if self.cursor and self.cursor.change and page.change != self.cursor.change:
            raise _ChangedMeanwhileError
        return page

    @property
    def given(self):
        """The parameters of this page, beside those of the list."""
        return {"limit": self.limit, **({"cursor": self.text} if self.text else {})}

    def following(self, page):
        """Return the parameters of the page after one that is not the last."""
        return {"limit": self.limit, "cursor": page.next.encode(self.query)}
