"""The version of what lists show: what is left out of it changes no list; a write elsewhere leaves lists warm."""

import pytest
from django.core.cache import cache

from tenders import triggers
from tenders.caching import VersionedCache
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Citation, DatasetVersion, Page, Tender
from tests.factories import create_tender
from tests.test_evaluated_version import other_value

LISTS = {"/tenders/": TenderFilter, "/institutions/": InstitutionFilter, "/companies/": CompanyFilter}


def addresses():
    """Yield addresses of each list: each order, the commonest option of each facet, its charts, the overview."""
    yield from ["/", "/zh-hans/"]
    for path, filterset_class in LISTS.items():
        filterset = filterset_class()
        yield from [path, f"/zh-hans{path}", f"{path}?view=charts"]
        yield from (f"{path}?sort={sort}" for sort, _label in filterset.filters["sort"].field.choices)
        for facet in filterset.facets():
            option = max(facet.options, key=lambda option: option.number)
            yield f"{path}?{facet.name}={option.value}"


def shown(client, pages):
    cache.clear()
    return {page: client.get(page).text for page in pages}


def versions():
    return DatasetVersion.versions()


def test_lists_do_not_depend_on_columns_left_out_of_their_version(client, all_data):
    Tender.objects.update(notes="A note.", notes_zh="备注。")
    pages = list(dict.fromkeys(addresses()))
    before, listed = shown(client, pages), versions().listed

    for model, columns in triggers.NOT_LISTED_COLUMNS.items():
        for name in sorted(columns):
            assert model.objects.update(**{name: other_value(model._meta.get_field(name))})

    assert versions().listed == listed
    assert shown(client, pages) == before
    assert len(pages) > 60


def test_what_evaluations_are_computed_from_is_listed_too():
    evaluated_models, evaluated = triggers.PARTIAL_VERSIONS["evaluated"]
    listed_models, listed = triggers.PARTIAL_VERSIONS["listed"]

    assert listed_models <= evaluated_models
    assert all(columns <= evaluated[model] for model, columns in listed.items())


@pytest.mark.parametrize("values", [{"year": 2017}, {"state": "withdrawn"}, {"title_en": "Another"}, {"city": "Wuhan"}])
def test_what_lists_show_renews_their_version(tender_data, values):
    before = versions().listed
    tender = Tender.objects.exclude(title_en="").exclude(**values).first()

    Tender.objects.filter(pk=tender.pk).update(**values)

    assert versions().listed != before


def test_new_and_deleted_rows_renew_it(tender_data):
    seen = {versions().listed}
    create_tender()
    seen.add(versions().listed)
    Citation.objects.last().delete()
    seen.add(versions().listed)

    assert len(seen) == 3


def test_writes_that_no_list_shows_leave_it(tender_data):
    before = versions()

    Tender.objects.filter(pk=Tender.objects.first().pk).update(notes="More is known now.")
    Page.objects.update(text_en="Another text.")

    assert versions().listed == before.listed
    assert versions().dataset != before.dataset


def statements(django_assert_max_num_queries, client, address):
    with django_assert_max_num_queries(1000) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("address", ["/tenders/", "/tenders/?view=charts", "/companies/", "/"])
def test_a_note_leaves_lists_warm(client, all_data, django_assert_max_num_queries, address):
    cold = statements(django_assert_max_num_queries, client, address)
    warm = statements(django_assert_max_num_queries, client, address)
    Tender.objects.filter(pk=Tender.objects.first().pk).update(notes="More is known now.")

    assert warm < cold
    # The latest news is read anew: changes, and verdicts.
    assert statements(django_assert_max_num_queries, client, address) <= warm + 3


def test_a_note_is_found_by_a_search_at_once(client, all_data):
    assert "TW-N9GRJT" not in client.get("/tenders/?q=hippopotamus").text
    tender = Tender.objects.get(reference="TW-N9GRJT")
    tender.notes = "A hippopotamus."
    tender.save()

    assert "TW-N9GRJT" in client.get("/tenders/?q=hippopotamus").text


def test_values_of_another_subject_are_stored_when_a_note_was_written_meanwhile(tender_data):

    first = VersionedCache()
    first.get_or_compute("list", lambda: 1, subject="listed")
    first.get_or_compute("page", lambda: 1)
    Tender.objects.filter(pk=Tender.objects.first().pk).update(notes="More is known now.")
    first.store()
    second = VersionedCache()

    assert second.get_or_compute("list", lambda: 2, subject="listed") == 1
    assert second.get_or_compute("page", lambda: 2) == 2
