"""The editors' desk: what an editor does there, and what the forms refuse."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from tenders.choices import EditorialState, Fact
from tenders.models import Award, Category, Citation, Company, Institution, Page, Region, Source, Tender
from tests.factories import (
    create_award,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)

MODELS = [Tender, Institution, Company, Source, Category, Region, Page]


def address(model, page, *args):
    return reverse(f"admin:tenders_{model._meta.model_name}_{page}", args=args)


def test_every_record_of_the_app_has_its_admin_page():
    registered = {model for model in admin.site._registry if model._meta.app_label == "tenders"}

    assert registered == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_every_admin_page_opens(admin_client, article_data, model):
    record = model.objects.order_by("pk").first()

    for page in (
        address(model, "changelist"),
        address(model, "changelist") + "?q=tax",
        address(model, "add"),
        address(model, "change", record.pk),
        address(model, "delete", record.pk),
        address(model, "history", record.pk),
    ):
        assert admin_client.get(page).status_code == 200, page


def test_a_change_form_with_awards_and_citations_opens(admin_client, article_data):
    tender = Tender.objects.get(title_en__startswith="Blockchain-based development zone")

    text = admin_client.get(address(Tender, "change", tender.pk)).text

    assert "8595000" in text
    assert "8995000" in text


@pytest.mark.parametrize("model", [Tender, Institution, Company, Source])
def test_a_changelist_takes_as_many_queries_for_many_rows_as_for_one(
    admin_client, django_assert_num_queries, django_assert_max_num_queries, db, model
):
    def create_row():
        region = create_region()
        tender = create_tender(
            buyer=create_institution(region=region), region=region, title_en="A platform", state=EditorialState.DRAFT
        )
        create_award(tender, create_company(region=region), amount=100)
        create_citation(tender, Fact.EXISTENCE, "yes", source=create_source(version_of=create_source()))

    create_row()
    admin_client.get(address(model, "changelist"))
    with django_assert_max_num_queries(40) as few:
        admin_client.get(address(model, "changelist"))
    for _ in range(20):
        create_row()
    with django_assert_num_queries(len(few.captured_queries)):
        admin_client.get(address(model, "changelist"))


def formset(prefix, *rows, initial=0):
    data = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for number, row in enumerate(rows):
        data.update({f"{prefix}-{number}-{name}": value for name, value in row.items()})
    return data


def tender_form(*, awards=(), citations=(), initial_awards=0, initial_citations=0, **fields):
    return {
        "title_en": "A platform",
        "title_en_status": "sourced",
        "certainty": "high",
        "year": "2019",
        "is_main_subject": "unknown",
        **formset("awards", *awards, initial=initial_awards),
        **formset("citations", *citations, initial=initial_citations),
        **fields,
    }


def test_an_editor_adds_a_tender_and_publishes_it(admin_client, client, article_data):
    source = Source.objects.get(slug="bda-contract-copy")
    buyer = create_institution(state=EditorialState.DRAFT, name_en="Hefei Data Bureau")
    company = create_company(state=EditorialState.DRAFT)
    form = tender_form(
        buyer=buyer.pk,
        awards=[{"number": 1, "suppliers": [company.pk], "amount": "1200000", "amount_qualifier": "exact"}],
        citations=[{"fact": "award_amount", "source": source.pk, "stated": "1.2 million yuan", "is_chosen": "on"}],
        cite_source=source.pk,
        cite_place="page 1",
        _publish="Save and publish",
    )

    response = admin_client.post(address(Tender, "add"), form, follow=True)

    tender = Tender.objects.get(title_en="A platform")
    assert response.redirect_chain, response.context["errors"]
    assert tender.is_published
    assert tender.awards.get().supplier_list == [company]
    amount = tender.citations.get(fact=Fact.AWARD_AMOUNT)
    assert (amount.award, amount.value, amount.stated) == (tender.awards.get(), "1200000", "1.2 million yuan")
    assert set(tender.citations.filter(place="page 1").values_list("fact", flat=True)) == {
        "existence",
        "title",
        "institution",
        "year",
        "supplier",
    }
    for record in (tender, buyer, company):
        assert client.get(record.get_absolute_url()).status_code == 200
    assert tender.reference in client.get("/tenders/").text
    assert f"{buyer.reference}: “English name” is cited from no source." in response.text
    assert LogEntry.objects.filter(object_id=buyer.pk, change_message__contains="published").exists()


def test_save_keeps_a_draft_a_draft(admin_client, db):
    admin_client.post(address(Tender, "add"), tender_form(state="published"))

    assert Tender.objects.get().state == EditorialState.DRAFT


def test_publishing_without_a_source_is_refused_and_the_draft_is_kept(admin_client, db):
    response = admin_client.post(address(Tender, "add"), tender_form(_publish="Save and publish"), follow=True)

    assert "has no source. Cite at least one, then publish." in response.text
    assert Tender.objects.get().state == EditorialState.DRAFT


def test_bulk_actions_publish_and_withdraw(admin_client, db):
    tender = create_tender(state=EditorialState.DRAFT, buyer=create_institution(state=EditorialState.DRAFT))
    create_citation(tender, Fact.EXISTENCE, "yes")

    def act(model, action, record):
        data = {"action": action, "_selected_action": [record.pk]}
        return admin_client.post(address(model, "changelist"), data, follow=True).text

    assert f"{tender.reference} is published." in act(Tender, "publish_selected", tender)
    assert "needed by published tenders" in act(Institution, "withdraw_selected", tender.buyer)
    assert f"{tender.reference} is withdrawn." in act(Tender, "withdraw_selected", tender)
    assert f"{tender.buyer.reference} is withdrawn." in act(Institution, "withdraw_selected", tender.buyer)


def test_who_may_only_view_publishes_nothing(client, django_user_model, db):
    user = django_user_model.objects.create_user("viewer", password="viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_tender"))
    client.force_login(user)
    tender = create_tender(state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes")

    data = {"action": "publish_selected", "_selected_action": [tender.pk]}
    client.post(address(Tender, "changelist"), data)
    client.post(address(Tender, "change", tender.pk), tender_form(_publish="x"))

    tender.refresh_from_db()
    assert tender.state == EditorialState.DRAFT


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title_en_status": ""}, "Give a name or title and what it rests on together, or neither."),
        ({"year": "2200"}, "Ensure this value is less than or equal to 2099."),
        ({"notice_date": "June 2019"}, "write 2019, 2019-06 or 2019-06-19"),
        ({"budget_amount": "-5"}, "Ensure this value is greater than or equal to 0."),
        ({"category_basis": "stated"}, "Say whether the category is stated or implied"),
        ({"certainty": ""}, "This field is required."),
    ],
)
def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(admin_client, db, fields, message):
    response = admin_client.post(address(Tender, "add"), tender_form(notes="Typed at length.", **fields))

    assert response.status_code == 200
    assert message in response.text
    assert "Typed at length." in response.text
    assert not Tender.objects.exists()


AWARD = {"number": 1, "amount": "5", "amount_qualifier": "exact"}


@pytest.mark.parametrize(
    ("awards", "citations", "message"),
    [
        ([{**AWARD, "amount_qualifier": ""}], [], "say whether it is exact, about or at least"),
        ([AWARD, AWARD], [], "Please correct the duplicate"),
        ([], [{"fact": "year", "is_chosen": "on"}, {"fact": "year", "is_chosen": "on"}], "One statement of each fact"),
        ([], [{"fact": "year", "value": "2018"}, {"fact": "year", "value": "2018"}], "recorded already"),
        ([], [{"fact": "year", "value": "last year"}], "Write the year with four digits"),
        ([], [{"fact": "year"}], "Give the canonical value, or choose this statement"),
        ([], [{"fact": "award_amount", "value": "5"}], "There is no award."),
        ([AWARD, {**AWARD, "number": 2}], [{"fact": "award_amount", "value": "5"}], "Say which award"),
        ([AWARD], [{"fact": "award_amount", "value": "5", "award_number": 3}], "no award of this number"),
        ([AWARD], [{"fact": "year", "value": "2019", "award_number": 1}], "a fact of the tender, not of an award"),
        ([], [{"fact": "category", "is_chosen": "on"}], "The record holds no value of this fact"),
        ([], [{"fact": "level", "value": "central"}], "Select a valid choice"),
    ],
)
def test_awards_and_citations_are_refused_in_words(admin_client, db, awards, citations, message):
    source = create_source()
    citations = [{"source": source.pk, **citation} for citation in citations]

    response = admin_client.post(address(Tender, "add"), tender_form(awards=awards, citations=citations))

    assert response.status_code == 200
    assert message in response.text
    assert not Tender.objects.exists()


def test_another_statement_is_chosen_in_one_save(admin_client, db):
    tender = create_tender(title_en="A platform")
    source = create_source()
    award = create_award(tender, amount=8995000)
    old = create_citation(tender, Fact.AWARD_AMOUNT, "8995000", award=award, source=source, is_chosen=True)
    new = create_citation(tender, Fact.AWARD_AMOUNT, "8595000", award=award, source=source)
    statement = {"fact": "award_amount", "source": source.pk}
    form = tender_form(
        awards=[{"id": award.pk, "number": 1, "amount": "8595000", "amount_qualifier": "exact"}],
        initial_awards=1,
        citations=[
            {"id": new.pk, **statement, "value": "8595000", "is_chosen": "on", "reason": "printed three times"},
            {"id": old.pk, **statement, "value": "8995000"},
        ],
        initial_citations=2,
    )

    response = admin_client.post(address(Tender, "change", tender.pk), form, follow=True)

    assert response.redirect_chain, response.context["errors"]
    assert Citation.objects.get(is_chosen=True) == new
    assert Award.objects.get().amount == 8595000


def test_what_does_not_fit_is_saved_and_said(admin_client, db):
    tender = create_tender(title_en="A platform")
    citation = create_citation(tender, Fact.YEAR, "2018", is_chosen=True)
    form = tender_form(
        citations=[
            {"id": citation.pk, "fact": "year", "source": citation.source.pk, "value": "2018", "is_chosen": "on"}
        ],
        initial_citations=1,
    )

    response = admin_client.post(address(Tender, "change", tender.pk), form, follow=True)

    assert "“Year” is 2019 in the record, but 2018 in its chosen citation" in response.text


def test_deleting_what_others_need_is_refused_with_what_needs_it(admin_client, db):
    buyer = create_institution()
    tender = create_tender(buyer=buyer, title_en="A platform")

    response = admin_client.post(address(Institution, "delete", buyer.pk), {"post": "yes"})

    assert "would require deleting the following protected related objects" in response.text
    assert str(tender) in response.text
    assert Institution.objects.filter(pk=buyer.pk).exists()


@pytest.mark.parametrize("value", ["9" * 30, "-" + "9" * 30, "9223372036854775808", "%00", "abc", "[", "1e400"])
@pytest.mark.parametrize(
    "name",
    ["year", "year__gte", "id__exact", "buyer__id__exact", "region__id__exact", "p", "o", "q", "title_en__regex"],
)
def test_no_number_in_an_admin_address_makes_a_500(admin_client, article_data, name, value):
    admin_client.raise_request_exception = False

    assert admin_client.get(f"{address(Tender, 'changelist')}?{name}={value}").status_code < 500
    assert admin_client.get(f"{address(Tender, 'changelist')}{value}/change/").status_code < 500


def test_the_public_link_is_shown_for_what_is_public(admin_client, db):
    public, draft = create_tender(), create_tender(state=EditorialState.DRAFT)

    assert "View on site" in admin_client.get(address(Tender, "change", public.pk)).text
    assert "View on site" not in admin_client.get(address(Tender, "change", draft.pk)).text
