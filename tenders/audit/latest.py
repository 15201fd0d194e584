"""The public changes of all records, newest first."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from tenders.audit.display import RELATED
from tenders.audit.records import PARTS, changes_by_record
from tenders.choices import EVER_PUBLIC
from tenders.models import Article, Change, Company, Institution, Tender

PUBLIC_MODELS = (Tender, Institution, Company, Article)
MAX_SHOWN_RECORDS = 10  # of one change
RECORDS_PER_READ = 200  # of a large change, after the first that are read


@dataclass(frozen=True)
class PublicChange:
    """One change as the public sees it: the first records that it changed, with the changes of these."""

    records: tuple  # of (title, reference, address, RecordChange)
    has_more: bool

    @property
    def head(self):
        return self.records[0][-1]


def latest_changes(size, before=None):
    """
    Return the latest public changes, newest first, and the ``before`` of the next page (None on the last page).

    ``before`` is the number of a change: only earlier ones are returned.
    """
    found, step = [], 2 * size
    while True:
        numbers = Change.objects.filter(**({"pk__lt": before} if before else {})).order_by("-pk")
        numbers = list(numbers.values_list("pk", flat=True)[:step])
        if not numbers:
            return found, None
        for change in public_changes(numbers):
            if len(found) == size:
                return found, found[-1].head.number
            found.append(change)
        before, step = numbers[-1], min(2 * step, 2000)


def last_public_change():
    """Return the moment of the last public change, None without any."""
    changes, _before = latest_changes(1)
    return changes[0].head.made_at if changes else None


def last_public_change_number():
    """Return the number of the last public change, None without any."""
    changes, _before = latest_changes(1)
    return changes[0].head.number if changes else None


def public_changes(numbers):
    """Yield those of some changes that changed something public, in their order."""
    touched = _touched(numbers)
    read = _HistoryCache()
    read.load([record for records in touched.values() for record in records[:MAX_SHOWN_RECORDS]])
    for number in numbers:
        if number in touched and (change := _public_change(number, touched[number], read)):
            yield change


def _touched(numbers):
    """Return {change: [record, …]}: records that were public when it wrote to them, or that it withdrew."""
    touched = defaultdict(dict)
    for model in PUBLIC_MODELS:
        public = model.objects.published().values("pk")
        record_history = model.history.model.objects
        for part, link in PARTS[model]:
            rows = part.history.model.objects.filter(change__in=numbers, **{f"{link}__in": public})
            if part is not model:
                then = record_history.filter(id=OuterRef(link), change__lte=OuterRef("change"))
                rows = rows.annotate(state=Subquery(then.order_by("-change", "-history_id").values("state")[:1]))
            rows = rows.filter(state__in=EVER_PUBLIC)
            for number, key in rows.order_by("change", link).values_list("change", link).distinct():
                touched[number][model, key] = True
    return {number: list(records) for number, records in touched.items()}


class _HistoryCache:
    """Public histories of records, each read from the database once."""

    def __init__(self):
        self.records, self.changes = {}, {}

    def load(self, records):
        keys = defaultdict(dict)
        for model, key in records:
            if (model, key) not in self.records:
                keys[model][key] = True
        for model, pks in keys.items():
            found = model.objects.select_related(*RELATED.get(model, ())).in_bulk(pks)
            self.records |= {(model, key): record for key, record in found.items()}
            for key, changes in changes_by_record(model, list(pks), is_public=True).items():
                self.changes[model, key] = {change.number: change for change in changes}


def _public_change(number, records, read):
    """Return a change with the first records that it changed, or None if it changed nothing public."""
    shown, num_read = [], 0
    while num_read < len(records) and len(shown) < MAX_SHOWN_RECORDS:
        some = records[num_read : num_read + (RECORDS_PER_READ if num_read else MAX_SHOWN_RECORDS)]
        read.load(some)
        for key in some:
            if len(shown) == MAX_SHOWN_RECORDS:
                break
            num_read += 1
            change, record = read.changes.get(key, {}).get(number), read.records.get(key)
            if change and record:
                shown.append((str(record), getattr(record, "reference", ""), record.get_absolute_url(), change))
    return PublicChange(tuple(shown), num_read < len(records)) if shown else None
