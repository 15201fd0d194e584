"""The items of a feed: the changes of each record, and among all changes those of verdicts."""

from dataclasses import dataclass
from datetime import UTC
from itertools import islice

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tenders.audit.news import verdict_changes
from tenders.audit.stream import END, Position, StreamEntry, entries_before
from tenders.feeds.topics import ALL
from tenders.models import Change, VerdictChange

PER_PAGE = 50


@dataclass(frozen=True)
class Item:
    """What a change did to a record, or the change of a verdict."""

    entry: StreamEntry | None = None
    verdict_change: VerdictChange | None = None

    @property
    def moment(self):
        return self.verdict_change.changed_at if self.verdict_change else self.entry.change.made_at

    @property
    def subject(self):
        """The record, or the claim whose verdict changed."""
        return self.verdict_change.claim if self.verdict_change else self.entry.record

    @property
    def path(self):
        return self.subject.get_absolute_url()

    @property
    def id(self):
        """A name that stays, also when the data set is loaded again: what was changed, and when."""
        moment = f"{self.moment.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
        if self.verdict_change:
            return f"{self.subject.article.slug}/{self.subject.code}/{moment}"
        return f"{self.entry.reference}/{moment}"

    @property
    def label(self):
        return _("Verdict changed") if self.verdict_change else self.entry.change.label

    @property
    def title(self):
        name = str(self.subject)
        return _("%(name)s: %(what)s") % {"name": name, "what": self.label}

    @property
    def tag(self):
        """The kind of the item, in English and stable."""
        return "verdict" if self.verdict_change else self.entry.kind

    @property
    def summary(self):
        """What changed, as HTML."""
        return " ".join(render_to_string("feeds/item.html", {"item": self}).split())


def page_of(topic, before=END):
    """Return a page of items, newest first, from before a position of the stream, and where the next page begins."""
    entries = list(islice(entries_before(before, None if topic.view == ALL else topic.scope()), PER_PAGE + 1))
    has_more, entries = len(entries) > PER_PAGE, entries[:PER_PAGE]
    following = entries[-1].position if has_more else None
    items = [Item(entry) for entry in entries]
    if topic.view == ALL:
        items += _verdicts_between(following, before)
        items.sort(key=lambda item: item.moment, reverse=True)
    return items, following


def _verdicts_between(start: Position | None, end: Position):
    """Return the changes of verdicts since the change at a position, before that at another one."""
    moments = dict(Change.objects.filter(pk__in={end.number, *(start or ())[:1]}).values_list("pk", "made_at"))
    found = verdict_changes()
    if start:
        found = found.filter(changed_at__gte=moments[start.number])
    if end.number in moments:
        found = found.filter(changed_at__lt=moments[end.number])
    return [Item(verdict_change=row) for row in found]
