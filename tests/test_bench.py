"""The benchmark: its records are reproducible and valid, and its pages make the expected SQL statements."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from bench import measuring
from bench.synthetic import fill
from tenders import integrity
from tenders.choices import EditorialState
from tenders.models import Tender
from tenders.triggers import COMPUTED_MODELS

MODELS = [
    model
    for model in apps.get_app_config("tenders").get_models(include_auto_created=True)
    if model not in COMPUTED_MODELS
]
SMALL = 60


@pytest.fixture
def places(db):
    """Load the shipped regions and categories."""
    call_command("loaddata", "regions", "categories", verbosity=0)


def filled():
    """Return all rows of a run, which is rolled back."""
    with transaction.atomic():
        fill(SMALL, seed=1)
        rows = {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in MODELS}
        transaction.set_rollback(True)
    return rows


def test_a_size_and_a_seed_give_the_same_records(places):
    first, second = filled(), filled()

    assert first == second
    assert len(first["Tender"]) == SMALL


def test_the_records_are_valid(places):
    fill(SMALL, seed=1)

    for model in MODELS:
        for record in model._base_manager.all():
            record.clean_fields()
            record.clean()
    assert list(integrity.find_problems()) == []


def test_unknown_values_disputes_consortia_and_all_states_occur(places):
    fill(400, seed=1)

    tenders = Tender.objects.all()
    for unknown in (
        {"buyer": None},
        {"region": None},
        {"category": None},
        {"figures__award_amount": None},
        {"budget_amount": None},
        {"is_main_subject": None},
        {"status": ""},
        {"procurement_method": ""},
        {"notice_date": ""},
        {"title_en": "", "title_zh": ""},
        {"buyer__kind": ""},
        {"buyer__level": ""},
        {"buyer__region": None},
        {"awards__suppliers__size": ""},
    ):
        assert tenders.filter(**unknown).exists(), unknown
    assert set(tenders.values_list("state", flat=True)) == set(EditorialState.values)
    assert 0.01 < tenders.filter(figures__is_disputed=True).count() / 400 < 0.06
    assert max(tender.awards.count() for tender in tenders) > 1
    assert max(award.suppliers.count() for tender in tenders for award in tender.awards.all()) > 1


def test_the_search_words_are_in_one_title_of_ten(places):
    fill(1000, seed=1)

    for word, column in (("surveillance", "title_en"), ("监控", "title_zh"), ("服务器", "title_zh")):
        share = Tender.objects.filter(**{f"{column}__contains": word}).count() / 1000
        assert 0.07 < share < 0.13, word


@pytest.fixture
def measured(places):
    fill(SMALL, seed=1)
    with override_settings(
        MIDDLEWARE=["bench.measuring.MeasuringMiddleware", "django.middleware.locale.LocaleMiddleware"],
        CACHES={"default": {"BACKEND": "bench.measuring.Cache"}},
        ROOT_URLCONF="bench.urls",
    ):
        yield


def test_the_floor_equals_the_list_and_makes_no_statement(client, measured):
    page = client.get("/tenders/")
    first, second = client.get("/bench/floor/"), client.get("/bench/floor/")

    assert int(page["X-Query-Count"]) > 5
    assert second["X-Query-Count"] == "0"
    assert first.text == second.text == page.text


def test_the_plain_page_has_the_counts_of_the_list(client, measured):
    page, plain = client.get("/tenders/"), client.get("/bench/plain/")

    numbers, references = r'data-count="\d+"', r"/tenders/TW-[^/]+/"
    assert re.findall(numbers, plain.text) == re.findall(numbers, page.text)
    assert re.findall(references, plain.text) == re.findall(references, page.text)
    assert int(plain["X-Query-Count"]) > int(page["X-Query-Count"]) + 50


def test_a_cold_request_neither_reads_nor_writes_the_cache():
    cache = measuring.Cache("test", {})
    cache.set("key", 1)
    measuring.is_cold.set(True)
    cache.set("key", 2)
    cache.add("other", 2)

    assert cache.get("key") is None
    measuring.is_cold.set(False)
    assert cache.get("key") == 1
    assert cache.get("other") is None
