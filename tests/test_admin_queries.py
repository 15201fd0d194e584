"""Number of queries of admin pages: as many for many records as for few."""

from itertools import product

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.writing import Fields
from tenders.choices import Cause, EditorialState, Fact
from tenders.claims.verdict_history import record_verdict_changes
from tenders.models import Change, Report
from tests.factories import (
    create_article,
    create_award,
    create_category,
    create_citation,
    create_claim,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
    serial,
)

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# A change is made by writing something else, a report by a reader.
WITHOUT_PAGE = {(Change, "add"), (Report, "add")}


def create_records(article):
    """Create one record of each kind, with a shared region and with a category of its own."""
    region, n = create_region("CN-BJ"), next(serial)
    buyer = create_institution(region=region)
    category = create_category(f"category-{n}", parent=create_category(f"parent-{n}"))
    state = EditorialState.PUBLISHED if n % 2 else EditorialState.DRAFT
    titled = {"title_en": "A platform", "category": category, "category_basis": "stated"}
    tender = create_tender(buyer=buyer, region=region, state=state, **titled)
    company = create_company(region=region, group_region=region)
    create_award(tender, company, amount=100)
    source = create_source(version_of=create_source())
    for record in (tender, buyer, company):
        create_citation(record, Fact.REGION, "CN-BJ", source=source, is_chosen=True)
    article.sources.add(source)
    create_claim(article, "count", printed=3, query="year=2019")
    create_article(sources=[source])
    Report.objects.create(about=buyer.get_absolute_url(), text="It is wrong.", language="en")


def queries_of(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return [query["sql"] for query in captured]


def test_a_page_takes_as_many_queries_for_many_records_as_for_few(admin_client, db):
    article = create_article()
    create_records(article)
    pages = {}
    for model, view in product(REGISTERED, ["changelist", "add", "change", "history"]):
        if (model, view) in WITHOUT_PAGE:
            continue
        first = model._base_manager.order_by("pk").first()
        arguments = [first.pk] if view in {"change", "history"} and first else []
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"
        pages[model, view] = reverse(name, args=arguments)
    few, many = {}, {}
    for counted in ({}, few, many):
        for _ in range(1 if counted is not many else 20):
            create_records(article)
        for page, address in pages.items():
            counted[page] = queries_of(admin_client, address)

    for page in pages:
        assert len(many[page]) <= len(few[page]), (page, set(many[page]) - set(few[page]))
        assert len(many[page]) < 60


@pytest.mark.parametrize("kind", ["tender", "institution", "company"])
def test_a_save_of_notes_takes_at_most_40_statements(admin_client, all_data, django_assert_max_num_queries, kind):
    model = apps.get_model("tenders", kind)
    record = model.objects.published().annotate(n=Count("citations")).order_by("-n").first()
    record_verdict_changes(Cause.CHECKED)
    address = reverse(f"admin:tenders_{kind}_change", args=[record.pk])
    form = Fields(admin_client.get(address).text).values | {"notes": "Another note.", "change_reason": "It is so."}

    with django_assert_max_num_queries(40):
        response = admin_client.post(address, form)

    assert response.status_code == 302
    assert model.objects.get(pk=record.pk).notes == "Another note."
