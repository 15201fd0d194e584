"""Feeds of what changed: of all public records, of those of a list, of one record; 400 for an unknown parameter."""

from django import forms
from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import View

from tenders.audit.stream import END
from tenders.caching import VersionedMixin
from tenders.choices import EVER_PUBLIC
from tenders.exports.changes import UnreadableCursorError, cursor_of, position_of
from tenders.facets import LimitedValuesMixin
from tenders.feeds.items import page_of
from tenders.feeds.topics import ALL, Topic, topic_of_list
from tenders.feeds.writers import AUTHOR, FORMS, Feed
from tenders.filter_sets import unknown_parameters
from tenders.languages import language_tag
from tenders.problems import CURSOR
from tenders.views.change_data import MAX_CURSOR, position_errors_of
from tenders.views.details import CompanyDetail, InstitutionDetail, TenderDetail
from tenders.views.downloads import data_changed_at, data_headers
from tenders.views.errors import unreadable


class CursorField(forms.CharField):
    """A cursor that an answer had; its value is a ``Position``."""

    def clean(self, value):
        text = super().clean(value)
        try:
            return position_of(text) if text else END
        except UnreadableCursorError:
            message = _("Start again without “before”: this cursor isn’t one of the history that the site has now.")
            raise forms.ValidationError(message, code=CURSOR.code) from None


class FeedForm(LimitedValuesMixin, forms.Form):
    """Which page of a feed is wanted."""

    before = CursorField(label=gettext_lazy("Before"), required=False, max_length=MAX_CURSOR)


class FeedMixin(VersionedMixin):
    """Mixin for the view of a feed, of a ``Topic``."""

    http_method_names = ("get", "head")
    parameters = None

    def respond(self, topic, problems=()):
        """Return the page of the feed that the address asks for, or 400 with what is wrong."""
        form = FeedForm(self.request.GET)
        known = {*form.fields, *(topic.filterset.parameters if topic.filterset else ())}
        if problems := [*problems, *position_errors_of(form), *unknown_parameters(self.request.GET, known)]:
            return unreadable(self.request, problems)
        write, media_type = FORMS[self.kwargs["form"]]
        changed_at, position = data_changed_at(self.cache), form.cleaned_data["before"]
        text = self.cache.get_or_compute(
            ["feed", get_language(), self.request.build_absolute_uri()],
            lambda: write(self._feed(topic, position, changed_at)),
        )
        page = self.request.build_absolute_uri(topic.path)
        headers = data_headers(self._address(topic, position), page, changed_at)
        return HttpResponse(text, content_type=f"{media_type}; charset=utf-8", headers=headers)

    def _feed(self, topic, before, changed_at):
        items, following = page_of(topic, before)
        return Feed(
            title=f"{topic.name} · {AUTHOR}",
            page=self.request.build_absolute_uri(topic.path),
            address=self._address(topic, before),
            topic=f"{get_language()}{topic.address}",
            host=self.request.get_host(),
            language=language_tag(get_language()),
            items=items,
            updated_at=changed_at,
            next=self._address(topic, following) if following else "",
        )

    def _address(self, topic, before):
        """Return the address of the page of the feed from before a position."""
        path, _mark, query = topic.feed_path(self.kwargs["form"]).partition("?")
        past = self.request.as_of.query if self.request.as_of else ""
        asked = [query, past, "" if before == END else urlencode({"before": cursor_of(before)})]
        query = "&".join(filter(None, asked))
        return self.request.build_absolute_uri(f"{path}?{query}" if query else path)


class ChangesFeed(FeedMixin, View):
    def get(self, request, form):
        return self.respond(Topic(ALL))


class ListFeed(FeedMixin, View):
    """The changes of the records of a list; ``view`` is the name of its URL."""

    view = None

    def get(self, request, form):
        topic = topic_of_list(self.view, request.GET)
        return self.respond(topic, topic.filterset.parameter_errors)


class RecordFeedMixin(FeedMixin):
    """Mixin for the view of a record's page that answers with its feed: 404, 410 and 301 as the page."""

    def get_queryset(self):
        return self.model.objects.filter(state__in=EVER_PUBLIC)

    def get_context_data(self, **kwargs):
        """Return no context: a feed has no template."""
        return {}

    def render_to_response(self, context, **kwargs):
        return self.respond(Topic(f"{self.model._meta.model_name}-detail", record=self.object))


class TenderFeed(RecordFeedMixin, TenderDetail):
    pass


class InstitutionFeed(RecordFeedMixin, InstitutionDetail):
    pass


class CompanyFeed(RecordFeedMixin, CompanyDetail):
    pass
