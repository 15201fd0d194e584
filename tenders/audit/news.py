"""
News: what was added to the public records, corrected, newly disputed, and which verdicts changed.

Recording the existing state, as when the data set is imported, is no news. A change set is one piece of news of each
kind that its records are of; so is a verdict change.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from tenders.audit.latest import public_changes
from tenders.choices import Cause, ChangeKind, EditorialState, NewsKind
from tenders.models import Change, VerdictChange

CHANGES_PER_READ = 100
MAX_CHANGES_PER_MONTH = 2_000  # the latest; of a month with more, the others are not looked at


@dataclass(frozen=True)
class NewsItem:
    """A piece of news: the records that a change set did this to, or a verdict change."""

    kind: NewsKind
    number: int  # primary key of the change or the verdict change
    made_at: datetime
    records: tuple = ()  # as in PublicChange
    has_more: bool = False
    verdict_change: VerdictChange | None = None

    @property
    def head(self):
        return self.records[0][-1]

    @property
    def label(self):
        return self.kind.label


def latest_news(size):
    """Return the latest news, newest first."""
    found, before, step = [], {}, 2 * size
    while len(found) < size:
        numbers = list(_news_changes().filter(**before).values_list("pk", flat=True)[:step])
        if not numbers:
            break
        found += [item for change in public_changes(numbers) for item in _items_of(change)]
        before, step = {"pk__lt": numbers[-1]}, min(2 * step, 2_000)
    found += _of_verdicts(verdict_changes()[:size])
    return sorted(found, key=lambda item: item.made_at, reverse=True)[:size]


def month_of_news(start, end):
    """Return the numbers of the news between two moments by kind, newest first, for ``news_items``."""
    within = {"made_at__gte": start, "made_at__lt": end}
    numbers = list(_news_changes().filter(**within).values_list("pk", flat=True)[:MAX_CHANGES_PER_MONTH])
    found = {kind.value: [] for kind in NewsKind}
    for first in range(0, len(numbers), CHANGES_PER_READ):
        for change in public_changes(numbers[first : first + CHANGES_PER_READ]):
            for item in _items_of(change):
                found[item.kind].append(item.number)
    verdicts = verdict_changes().filter(changed_at__gte=start, changed_at__lt=end)
    found[NewsKind.VERDICT] = list(verdicts.values_list("pk", flat=True))
    return found


def news_items(numbers):
    """Return the news with the given numbers by kind, in their order, from {kind: numbers}."""
    changes = {number for kind, some in numbers.items() if kind != NewsKind.VERDICT for number in some}
    found = {kind: {} for kind in numbers}
    for change in public_changes(sorted(changes)):
        for item in _items_of(change):
            found.get(item.kind, {})[item.number] = item
    if verdicts := numbers.get(NewsKind.VERDICT):
        news = _of_verdicts(verdict_changes().filter(pk__in=verdicts))
        found[NewsKind.VERDICT] = {item.number: item for item in news}
    return {kind: [found[kind][number] for number in some if number in found[kind]] for kind, some in numbers.items()}


def _news_changes():
    return Change.objects.exclude(kind=ChangeKind.BASELINE).order_by("-pk")


def verdict_changes():
    """Return the changes of verdicts on claims of public articles, each with the verdict ``before``."""
    earlier = VerdictChange.objects.filter(claim=OuterRef("claim"), changed_at__lt=OuterRef("changed_at"))
    before = Subquery(earlier.order_by("-changed_at").values("verdict")[:1])
    public = VerdictChange.objects.filter(claim__article__state=EditorialState.PUBLISHED).exclude(cause=Cause.FIRST)
    return public.annotate(before=before).select_related("claim__article").order_by("-changed_at", "-pk")


def _of_verdicts(rows):
    return [NewsItem(NewsKind.VERDICT, row.pk, row.changed_at, verdict_change=row) for row in rows]


def _items_of(change):
    """Yield the news that a public change is, one for each kind of what it did to its records."""
    for kind in NewsKind:
        if records := tuple(record for record in change.records if _kind_of(record[-1]) == kind):
            yield NewsItem(kind, change.head.number, change.head.made_at, records, change.has_more)


def _kind_of(record_change):
    """Return what a change did to a record; None if it only recorded its state."""
    if record_change.is_baseline:
        return None
    if record_change.is_first:
        return NewsKind.ADDED
    return NewsKind.DISPUTED if record_change.disputed else NewsKind.CORRECTED
