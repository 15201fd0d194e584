"""
The states of objects over time, read from the history: those of many tenders at once, and of all that they name.

A change is known by its primary key. ``BEFORE`` is what was so before the history of an object began, ``NOW`` what the
database holds and no row of history does.
"""

from bisect import bisect_right
from collections import defaultdict, namedtuple
from functools import cache
from itertools import chain

from django.db.models import Q

from tenders.audit.records import list_members
from tenders.choices import EditorialState
from tenders.models import Award, Category, Change, Citation, Company, Institution, Region, Source, Tender

BEFORE, NOW = 0, 2**63 - 1


class Timelines:
    """The states of objects of one model after each change that wrote them."""

    def __init__(self):
        self.states = defaultdict(dict)  # {primary key: {change: state}}, oldest first

    def at(self, pk, change):
        """Return the state of an object after a change; None where there was no such object."""
        states = self.states.get(pk)
        if not states:
            return None
        if len(states) == 1:
            ((first, state),) = states.items()
            return state if first <= change else None
        changes = list(states)
        number = bisect_right(changes, change)
        return states[changes[number - 1]] if number else None

    def public_at(self, pk, change):
        """Return the state of a record after a change, if it was public then and is today; else None."""
        state = self.at(pk, change)
        is_public = _is_published(state) and _is_published(self.at(pk, NOW))
        return state if is_public else None

    def all(self):
        """Return the states of all objects, each as (primary key, state)."""
        return [(pk, state) for pk, states in self.states.items() for state in states.values() if state]

    def changes(self, pks):
        """Return the changes that wrote some objects."""
        return chain.from_iterable(self.states.get(pk, ()) for pk in pks)


def _is_published(state):
    return state is not None and state.state == EditorialState.PUBLISHED


@cache
def _state_class(model):
    """Return the class of the states of a model: a column each, and a tuple of sorted primary keys for each list."""
    history = model.history.model
    columns = [field.attname for field in history.tracked_fields]
    return namedtuple(f"{model.__name__}State", [*columns, *(field.name for field in history._history_m2m_fields)])


def read_timelines(model, column, keys):
    """Return the timelines of the objects of a model that have or had one of some values in a column."""
    timelines, keys = Timelines(), list(keys)
    if not keys:
        return timelines
    history = model.history.model
    rows = history.objects.filter(**{f"{column}__in": keys})
    if column != "id":  # also the rows of those that belong elsewhere by now
        rows = history.objects.filter(id__in=rows.values("id"))
    for change, kind, state in _recorded(model, rows):
        states = timelines.states[state.id]
        if not states and kind != "+":  # it was there before its history began
            states[BEFORE] = state
        states[change] = None if kind == "-" else state
    present = _present(model, Q(**{f"{column}__in": keys}))
    for pk, state in present.items():
        if timelines.at(pk, NOW) != state:
            change = NOW if pk in timelines.states else BEFORE
            timelines.states[pk][change] = state
    for pk in set(timelines.states) - set(present):
        if timelines.at(pk, NOW) is not None:
            timelines.states[pk][NOW] = None
    return timelines


def _recorded(model, rows):
    """Yield (change, type, state) of rows of history, oldest first."""
    state_class, lists = _state_class(model), model.history.model._history_m2m_fields
    members = [list_members(model, field, rows) for field in lists]
    columns = state_class._fields[: -len(lists)] if lists else state_class._fields
    order = rows.order_by("change_id", "history_id")
    for row in order.values_list("history_id", "change_id", "history_type", *columns):
        lists_of_row = tuple(found.get(row[0], ()) for found in members) if members else ()
        yield row[1], row[2], state_class._make(row[3:] + lists_of_row)


def _present(model, condition):
    """Return {primary key: state} of objects as the database has them."""
    state_class, lists = _state_class(model), model.history.model._history_m2m_fields
    columns = state_class._fields[: -len(lists)] if lists else state_class._fields
    objects = model._base_manager.filter(condition).order_by("pk")
    members = [_members(field, objects.values("pk")) if lists else {} for field in lists]
    rows = objects.values_list(*columns)
    return {row[0]: state_class._make(row + tuple(found.get(row[0], ()) for found in members)) for row in rows}


def _members(field, holders):
    """Return {primary key: (member, …)} of a many-to-many list, the members sorted."""
    through = field.remote_field.through
    own, other = (
        through._meta.get_field(name).attname for name in (field.m2m_field_name(), field.m2m_reverse_field_name())
    )
    found = defaultdict(tuple)
    for holder, member in (
        through._base_manager.filter(**{f"{own}__in": holders}).order_by(other).values_list(own, other)
    ):
        found[holder] += (member,)
    return found


class Places:
    """The timelines of regions and categories, which all tenders share."""

    def __init__(self):
        self.regions = read_timelines(Region, "id", Region.objects.values_list("pk", flat=True))
        self.categories = read_timelines(Category, "id", Category.objects.values_list("pk", flat=True))


class Batch:
    """The timelines of some tenders and of what their releases name."""

    def __init__(self, pks, places):
        self.regions, self.categories = places.regions, places.categories
        self.tenders = read_timelines(Tender, "id", pks)
        self.awards = read_timelines(Award, "tender_id", pks)
        tenders, awards = self.tenders.all(), self.awards.all()
        self.companies = read_timelines(Company, "id", {key for _pk, award in awards for key in award.suppliers})
        companies = self.companies.all()
        buyers = {tender.buyer_id for _pk, tender in tenders} | {company.institution_id for _pk, company in companies}
        self.institutions = read_timelines(Institution, "id", buyers - {None})
        self.related = read_timelines(Tender, "id", {key for _pk, tender in tenders for key in tender.possibly_same_as})
        self.citations = {
            Tender: read_timelines(Citation, "tender_id", pks),
            Institution: read_timelines(Citation, "institution_id", self.institutions.states),
            Company: read_timelines(Citation, "company_id", self.companies.states),
        }
        citations = [citation for timelines in self.citations.values() for _pk, citation in timelines.all()]
        self.sources = read_timelines(Source, "id", {citation.source_id for citation in citations})
        originals = {source.version_of_id for _pk, source in self.sources.all()} - {None}
        self.slugs = dict(Source.objects.filter(pk__in=originals).values_list("pk", "slug"))
        self.references = _references(citations)
        self._awards_of = _by_owner(self.awards, "tender_id")
        self._citations_of = {
            model: _by_owner(timelines, f"{model._meta.model_name}_id") for model, timelines in self.citations.items()
        }
        self._cached = {}
        self.moments = dict(Change.objects.filter(pk__in=self._all_changes()).values_list("pk", "made_at"))

    def cached(self, key, compute):
        """Return what ``compute()`` returned first for a key."""
        if key not in self._cached:
            self._cached[key] = compute()
        return self._cached[key]

    def region(self, pk, change):
        """Return a region after a change as an object of our extension; None without one."""
        region = self.regions.at(pk, change)
        return region and {"id": region.code, "name": region.name_en, "name_zh": region.name_zh}

    def awards_at(self, tender, change):
        """Return the awards of a tender after a change, in the order of their numbers."""
        found = (self.awards.at(pk, change) for pk in self._awards_of.get(tender, ()))
        return sorted((award for award in found if award and award.tender_id == tender), key=lambda award: award.number)

    def citations_at(self, model, pk, change):
        """Return the citations of a record after a change."""
        timelines, owner = self.citations[model], f"{model._meta.model_name}_id"
        found = (timelines.at(key, change) for key in self._citations_of[model].get(pk, ()))
        return [citation for citation in found if citation and getattr(citation, owner) == pk]

    def changes_of(self, tender):
        """Return the changes of a tender and of all that its releases name, oldest first."""
        states = [state for state in self.tenders.states.get(tender, {}).values() if state]
        awards = [award for pk in self._awards_of.get(tender, ()) for award in self.awards.states[pk].values() if award]
        buyers = {state.buyer_id for state in states} - {None}
        suppliers = {key for award in awards for key in award.suppliers}
        regions = {state.region_id for state in states}
        changes = {
            *self.tenders.changes([tender]),
            *self.awards.changes(self._awards_of.get(tender, ())),
            *self.related.changes({key for state in states for key in state.possibly_same_as}),
            *self.categories.changes(
                {key for state in states for key in (state.category_id, *state.suggested_categories)}
            ),
            *self._changes_of_citations(Tender, tender),
        }
        for model, timelines, keys in (
            (Institution, self.institutions, buyers),
            (Company, self.companies, suppliers),
        ):
            changes.update(timelines.changes(keys))
            for key in keys:
                changes |= self._changes_of_citations(model, key)
                regions |= {state.region_id for state in timelines.states[key].values() if state}
                if model is Company:
                    regions |= {state.group_region_id for state in timelines.states[key].values() if state}
        changes.update(self.regions.changes(regions))
        return sorted(changes)

    def _changes_of_citations(self, model, pk):
        """Return the changes of the citations of a record and of their sources."""

        def find():
            timelines, keys = self.citations[model], self._citations_of[model].get(pk, ())
            sources = {state.source_id for key in keys for state in timelines.states[key].values() if state}
            return {*timelines.changes(keys), *self.sources.changes(sources)}

        return self.cached(("changes", model, pk), find)

    def _all_changes(self):
        timelines = [self.tenders, self.awards, self.companies, self.institutions, self.related, self.sources]
        timelines += [self.regions, self.categories, *self.citations.values()]
        return {change for one in timelines for states in one.states.values() for change in states} - {BEFORE, NOW}


def _by_owner(timelines, column):
    """Return {owner: {primary key: True}}: the objects that a record has or had."""
    found = defaultdict(dict)
    for pk, state in timelines.all():
        found[getattr(state, column)][pk] = True
    return found


def _references(citations):
    """Return the references of parties that some citations state and that are public today."""
    stated = {part for citation in citations for part in citation.value.split("|") if part[:2] in ("I-", "C-")}
    found = (
        model.objects.published().filter(reference__in=stated).values_list("reference", flat=True)
        for model in (Institution, Company)
    )
    return set(chain.from_iterable(found))
