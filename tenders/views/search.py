"""The search of the whole site: a page of results in groups, and the suggestions under the field as one types."""

from itertools import islice

from django import forms
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, QueryDict
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.views.generic import TemplateView

from tenders.caching import VersionedMixin
from tenders.facets import LimitedValuesMixin, PossibleValuesField, parameter_errors_of
from tenders.parameters import MAX_SEARCH, SearchField
from tenders.search import words
from tenders.site_search import GROUPS, SUGGESTED, corrected, found_alone, is_found, named_lists
from tenders.spelling import vocabulary
from tenders.views.errors import prefers_problem, problem

ROWS = 5  # of a group; its list has the rest
ROWS_ON_A_PAGE = 25  # of a group that has no list of its own
SUGGESTED_LISTS = 3


class SearchForm(LimitedValuesMixin, forms.Form):
    """What is sought, and of which group all is wanted."""

    q = SearchField(label=gettext_lazy("Search"), max_length=MAX_SEARCH, required=False)
    group = PossibleValuesField(
        required=False, choices=[(group.name, group.label) for group in GROUPS if not group.list_name]
    )
    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1)


class SearchView(VersionedMixin, TemplateView):
    """A page that reads ``q``; it shows again what cannot be read, and says why."""

    parameters = frozenset(SearchForm.base_fields)

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])  # errors are a page or JSON
        return response

    def get(self, request):
        form = SearchForm(request.GET)
        text = request.GET.get("q", "")
        if wrong := parameter_errors_of(form):
            if prefers_problem(request):
                return problem(request, wrong)
            context = self.get_context_data(site_search=text, problems=wrong, page_query=request.GET.urlencode())
            return self.render_to_response(context, status=400)
        return self.render_to_response(self.get_context_data(site_search=text.strip(), **self.found(form)))

    def found(self, form):
        """Return the context of what the form asks for."""
        raise NotImplementedError

    def cached(self, what, text, compute):
        """Return what is computed once for each version of the records, search and language."""
        return self.cache.get_or_compute([what, words(text), get_language()], compute)

    def first_rows(self, group, text, number):
        """Return the first records of a group, and how many there are."""
        pks, total = self.cached(f"search {group.name} {number}", text, lambda: _first_pks(group.find(text), number))
        return _records(group, pks), total


class Search(SearchView):
    """All that is found, in groups; where nothing is, what is spelled like it."""

    template_name = "tenders/search.html"

    def found(self, form):
        text, group = form.cleaned_data["q"], form.cleaned_data["group"]
        if not text:
            return {}
        if group:
            page = self._page(next(found for found in GROUPS if found.name == group), form.cleaned_data)
            query = _query(q=text, group=group, page=page["number"])
            return {"sought": words(text), "page": page, "page_query": query, "all_query": _query(q=text)}
        groups = self._groups(text)
        found = {"sought": words(text), "groups": groups, "total": sum(group["total"] for group in groups)}
        found["named"] = self.cached("search named", text, lambda: list(named_lists(text)))
        if not groups and not found["named"]:
            found |= self._other_searches(text)
        return {**found, "page_query": _query(q=text)}

    def _groups(self, text):
        groups = []
        for group in GROUPS:
            rows, total = self.first_rows(group, text, ROWS)
            if total:
                groups.append(_shown(group, rows, total, url=group.address(text)))
        return groups

    def _page(self, group, asked):
        """Return a page of all records of a group; 404 where there is none."""
        paginator = Paginator(group.find(asked["q"]).values_list("pk", flat=True), ROWS_ON_A_PAGE)
        try:
            page = paginator.page(asked["page"] or 1)
        except EmptyPage:
            last = paginator.num_pages
            text = ngettext("This list has %(last)s page.", "This list has %(last)s pages.", last)
            raise Http404(text % {"last": last}) from None
        return _shown(group, _records(group, list(page)), paginator.count, pages=page, number=page.number)

    def _other_searches(self, text):
        """Return what to search for instead: other spellings that find something, or fewer words."""

        def known_words():
            return self.cache.get_or_compute(["vocabulary"], vocabulary)

        spellings = self.cached(
            "search corrected", text, lambda: [other for other in corrected(text, known_words) if is_found(other)]
        )
        if spellings:
            other = spellings[0]
            groups = self._groups(other)
            return {
                "corrected": {"text": other, "query": _query(q=other), "sought": words(other), "groups": groups},
                "spellings": [(spelling, _query(q=spelling)) for spelling in spellings[1:]],
            }
        alone = self.cached("search alone", text, lambda: found_alone(text))
        return {"alone": [(word, _query(q=word)) for word in alone]}


class Suggestions(SearchView):
    """A few lists and records that are found, for the list under the field of the search; no page of its own."""

    template_name = "components/suggestions.html"

    def found(self, form):
        text = form.cleaned_data["q"]
        if not text:
            return {}
        named = self.cached(
            "suggested lists", text, lambda: list(islice(named_lists(text, is_begun=True), SUGGESTED_LISTS))
        )
        groups = []
        for group, number in SUGGESTED.items():
            pks = self.cached(
                f"suggested {group.name}",
                text,
                lambda group=group, number=number: list(group.find(text).values_list("pk", flat=True)[:number]),
            )
            groups.append(_shown(group, _records(group, pks), len(pks)))
        return {
            "sought": words(text),
            "named": named,
            "groups": groups,
            "query": _query(q=text),
            "num_suggestions": len(named) + sum(group["total"] for group in groups),
        }


def _first_pks(queryset, number):
    """Return the primary keys of the first rows, and the number of all."""
    pks = list(queryset.values_list("pk", flat=True)[: number + 1])
    return pks[:number], len(pks) if len(pks) <= number else queryset.order_by().count()


def _records(group, pks):
    records = group.records().in_bulk(pks)
    return [records[pk] for pk in pks if pk in records]


def _shown(group, rows, total, **also):
    return {"name": group.name, "label": group.label, "rows": rows, "total": total, **also}


def _query(**values):
    query = QueryDict(mutable=True)
    for name, value in values.items():
        if value not in ("", 1):
            query[name] = value
    return query.urlencode()
