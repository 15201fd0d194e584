"""What is not public today, and so is not shown in the past either: records that were withdrawn, or deleted."""

from django.contrib.auth import get_user_model

from tenders.caching import VersionedCache
from tenders.choices import ChangeKind, EditorialState
from tenders.models import Article, Change, Company, Institution, RedirectedReference, Tender

EDITORIAL = (Tender, Institution, Company, Article)


def hidden_today():
    """
    Return {name of a model: [(primary key, state that is shown)]} of what was public once and is not today.

    What was merged into a record that is public counts as public: its reference leads there.
    """
    return {model._meta.model_name: [*_not_published(model), *_deleted(model)] for model in EDITORIAL}


def made_from():
    """Return all of today's that copies of the past depend on: what is hidden, what was erased, names of editors."""
    cache = VersionedCache()

    def compute():
        erased = Change.objects.filter(kind=ChangeKind.ERASED).order_by("pk").last()
        editors = get_user_model().objects.filter(pk__in=Change.objects.values("by"))
        names = editors.order_by("pk").values_list("pk", "first_name", "last_name")
        return [hidden_today(), erased and erased.pk, list(map(list, names))]

    found = cache.get_or_compute("the past is made from", compute)
    cache.store()
    return found


def _not_published(model):
    was_public = model.history.filter(state=EditorialState.PUBLISHED).values("id")
    rows = model.objects.exclude(state=EditorialState.PUBLISHED).filter(pk__in=was_public)
    return [list(row) for row in rows.order_by("pk").values_list("pk", "state")]


def _deleted(model):
    was_public = model.history.filter(state=EditorialState.PUBLISHED).values("id")
    deleted = model.history.filter(history_type="-", id__in=was_public).exclude(id__in=model.objects.values("pk"))
    name = "reference" if model is not Article else "slug"
    names = dict(deleted.order_by("id").values_list("id", name))
    merged = RedirectedReference.objects.public().resolve(names.values())
    public = set(model.objects.published().filter(**{f"{name}__in": merged.values()}).values_list(name, flat=True))
    return [[pk, EditorialState.WITHDRAWN] for pk, own in names.items() if merged.get(own) not in public]
