"""The admin: editing and publishing records, and the validation of its forms."""

import html
import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from tenders.choices import EditorialState, Fact
from tenders.models import (
    Article,
    Award,
    Category,
    Change,
    Citation,
    Claim,
    Company,
    Institution,
    Page,
    Region,
    Report,
    Source,
    Tender,
)
from tests.factories import (
    create_award,
    create_category,
    create_citation,
    create_company,
    create_institution,
    create_region,
    create_source,
    create_tender,
)

MODELS = [Tender, Institution, Company, Source, Category, Region, Page, Article, Claim]


def address(model, page, *args):
    return reverse(f"admin:tenders_{model._meta.model_name}_{page}", args=args)


def test_every_record_of_the_app_has_its_admin_page():
    registered = {model for model in admin.site._registry if model._meta.app_label == "tenders"}

    assert registered == {*MODELS, Change, Report}


@pytest.mark.parametrize("model", MODELS)
def test_every_admin_page_opens(admin_client, article_data, model):
    record = model.objects.order_by("pk").first()

    for page in (
        address(model, "changelist"),
        address(model, "changelist") + "?q=tax",
        address(model, "add"),
        address(model, "change", record.pk),
        *([] if model is Page else [address(model, "delete", record.pk)]),
        address(model, "history", record.pk),
    ):
        assert admin_client.get(page).status_code == 200, page


@pytest.mark.parametrize("model", MODELS)
def test_a_form_has_one_field_for_the_reason_of_the_change(admin_client, model):
    assert admin_client.get(address(model, "add")).text.count('name="change_reason"') == 1


@pytest.mark.parametrize("model", [Tender, Institution, Company])
def test_the_form_of_a_new_record_explains_that_its_reference_follows(admin_client, model):
    text = admin_client.get(address(model, "add")).text

    assert "The reference is assigned when you first save." in text


def test_the_region_of_the_institution_is_suggested_and_not_saved(admin_client, db):
    buyer = create_institution(region=create_region(name_en="Guangdong"))
    tender = create_tender(buyer=buyer, title_en="A platform", state=EditorialState.DRAFT)
    suggestion = "The buyer is registered in Guangdong."

    assert suggestion in admin_client.get(address(Tender, "change", tender.pk)).text
    assert suggestion in admin_client.get(address(Tender, "add") + f"?buyer={buyer.reference}").text
    assert suggestion in admin_client.post(address(Tender, "add"), tender_form(buyer=buyer.reference, year="")).text
    assert "buyer is registered in" not in admin_client.get(address(Tender, "add") + "?buyer=x").text
    admin_client.post(address(Tender, "change", tender.pk), tender_form(buyer=buyer.reference))
    assert Tender.objects.get().region is None


def test_every_page_of_the_admin_links_to_its_other_language(admin_client, client, db):
    english = address(Tender, "changelist") + "?year=2018"

    for page in (english, address(Tender, "add"), reverse("admin:index")):
        assert f'<a href="/zh-hans{page}" hreflang="zh-hans" lang="zh-hans">' in admin_client.get(page).text
        assert f'<a href="{page}" hreflang="en" lang="en">English</a>' in admin_client.get(f"/zh-hans{page}").text
    client.logout()
    assert 'href="/zh-hans/admin/login/"' in client.get("/admin/login/").text


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
        "change_reason": "As the source says.",
        **formset("awards", *awards, initial=initial_awards),
        **formset("citations", *citations, initial=initial_citations),
        **fields,
    }


def offered(response):
    """Return the keys of the facts that a form offers to be cited, and those that are ticked."""
    ticks = re.findall(r'<input type="checkbox" name="cite_facts" value="([^"]*)"[^>]*?( checked)?>', response.text)
    ticks = [(html.unescape(key), is_ticked) for key, is_ticked in ticks]
    return [key for key, _ in ticks], [key for key, is_ticked in ticks if is_ticked]


def with_ticks(client, page, form):
    """Post a form with a source, and return it with the facts that are ticked in the answer."""
    offer, ticked = offered(client.post(page, form))
    return {**form, "cite_offered": offer, "cite_facts": ticked}


def save_and_cite(client, page, form, **options):
    """Post a form with a source, and once more with the facts that are ticked in the answer."""
    return client.post(page, with_ticks(client, page, form), **options)


def test_an_editor_adds_a_tender_and_publishes_it(admin_client, client, article_data):
    source = Source.objects.get(slug="bda-contract-copy")
    buyer = create_institution(state=EditorialState.DRAFT, name_en="Hefei Data Bureau")
    company = create_company(state=EditorialState.DRAFT)
    form = tender_form(
        buyer=buyer.reference,
        awards=[{"number": 1, "suppliers": [company.reference], "amount": "1200000", "amount_qualifier": "exact"}],
        citations=[{"fact": "award_amount", "source": source.slug, "stated": "1200000.00元", "is_chosen": "on"}],
        cite_source=source.slug,
        cite_place="page 1",
        _publish="Save and publish",
    )

    response = save_and_cite(admin_client, address(Tender, "add"), form, follow=True)

    tender = Tender.objects.get(title_en="A platform")
    assert response.redirect_chain, response.context["errors"]
    assert tender.is_published
    assert list(tender.awards.get().suppliers.all()) == [company]
    amount = tender.citations.get(fact=Fact.AWARD_AMOUNT)
    assert (amount.award, amount.value, amount.stated) == (tender.awards.get(), "1200000", "1200000.00元")
    assert set(tender.citations.filter(place="page 1").values_list("fact", flat=True)) == {
        "existence",
        "institution",
        "year",
        "supplier",
    }
    for record in (tender, buyer, company):
        assert client.get(record.get_absolute_url()).status_code == 200
    assert tender.reference in client.get("/tenders/").text
    assert f"{buyer.reference}: “English name” has no source." in response.text
    assert LogEntry.objects.filter(object_id=buyer.pk, change_message__contains="published").exists()


def test_saving_a_draft_does_not_publish_it(admin_client, db):
    admin_client.post(address(Tender, "add"), tender_form(state="published"))

    assert Tender.objects.get().state == EditorialState.DRAFT


def test_publishing_without_a_source_is_refused_and_the_draft_is_saved(admin_client, db):
    response = admin_client.post(address(Tender, "add"), tender_form(_publish="Save and publish"), follow=True)

    assert "has no source. Cite at least one document, then publish." in response.text
    assert Tender.objects.get().state == EditorialState.DRAFT


def test_bulk_actions_publish_and_withdraw(admin_client, db):
    tender = create_tender(state=EditorialState.DRAFT, buyer=create_institution(state=EditorialState.DRAFT))
    create_citation(tender, Fact.EXISTENCE, "yes")

    def act(model, action, record):
        data = {"action": action, "_selected_action": [record.pk], "reason": "As the source says."}
        return admin_client.post(address(model, "changelist"), data, follow=True).text

    assert f"{tender.reference} was published." in act(Tender, "publish_selected", tender)
    assert "Published tenders refer to" in act(Institution, "withdraw_selected", tender.buyer)
    assert f"{tender.reference} was withdrawn." in act(Tender, "withdraw_selected", tender)
    assert f"{tender.buyer.reference} was withdrawn." in act(Institution, "withdraw_selected", tender.buyer)


def test_a_user_with_view_permission_only_publishes_nothing(client, django_user_model, db):
    user = django_user_model.objects.create_user("viewer", password="viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_tender"))
    client.force_login(user)
    tender = create_tender(state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes")

    data = {"action": "publish_selected", "_selected_action": [tender.pk]}
    client.post(address(Tender, "changelist"), data)
    assert client.post(address(Tender, "change", tender.pk), tender_form(_publish="x")).status_code == 403

    tender.refresh_from_db()
    assert tender.state == EditorialState.DRAFT


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title_en_status": ""}, "Enter a name or title together with its basis, or neither."),
        ({"year": "2200"}, "Ensure this value is less than or equal to 2099."),
        ({"notice_date": "June 2019"}, "Write a date as 2019, 2019-06 or 2019-06-19."),
        ({"budget_amount": "-5"}, "Write a plain number of yuan, such as 8995000, or 899.5万元."),
        ({"category_basis": "stated"}, "Choose whether the category is stated or implied"),
        ({"certainty": ""}, "This field is required."),
    ],
)
def test_an_invalid_form_is_shown_again_with_its_values_and_the_error(admin_client, db, fields, message):
    response = admin_client.post(address(Tender, "add"), tender_form(notes="Typed at length.", **fields))

    assert response.status_code == 200
    assert message in response.text
    assert "Typed at length." in response.text
    assert not Tender.objects.exists()


AWARD = {"number": 1, "amount": "5", "amount_qualifier": "exact"}


@pytest.mark.parametrize(
    ("awards", "citations", "message"),
    [
        ([{**AWARD, "amount_qualifier": ""}], [], "choose exactly, about or at least"),
        ([AWARD, AWARD], [], "Please correct the duplicate"),
        (
            [],
            [{"fact": "year", "is_chosen": "on"}, {"fact": "year", "is_chosen": "on"}],
            "Only one statement of each fact",
        ),
        ([], [{"fact": "year", "value": "2018"}, {"fact": "year", "value": "2018"}], "recorded already"),
        ([], [{"fact": "year", "value": "last year"}], "Write the year with four digits"),
        ([], [{"fact": "year"}], "Enter the value in database form (e.g. 3206000), or tick"),
        ([], [{"fact": "award_amount", "value": "5"}], "There is no award."),
        ([], [{"fact": "award_amount", "is_chosen": "on"}], "There is no award."),
        (
            [AWARD, {**AWARD, "number": 2}],
            [{"fact": "award_amount", "is_chosen": "on"}],
            "Enter the number of the award",
        ),
        ([{"number": 1, "lot": "A"}], [{"fact": "award_amount", "is_chosen": "on"}], "The record has no value"),
        ([], [{"fact": "year", "is_chosen": "on"}, {"fact": "year", "value": "2019"}], "recorded already"),
        ([AWARD, {**AWARD, "number": 2}], [{"fact": "award_amount", "value": "5"}], "Enter the number of the award"),
        ([AWARD], [{"fact": "award_amount", "value": "5", "award_number": 3}], "no award with this number"),
        ([AWARD], [{"fact": "year", "value": "2019", "award_number": 1}], "a fact of the tender, not of an award"),
        ([], [{"fact": "category", "is_chosen": "on"}], "The record has no value of this fact"),
        ([], [{"fact": "level", "value": "central"}], "Select a valid choice"),
    ],
)
def test_invalid_awards_and_citations_are_refused_with_a_message(admin_client, db, awards, citations, message):
    source = create_source()
    citations = [{"source": source.slug, **citation} for citation in citations]

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
    statement = {"fact": "award_amount", "source": source.slug}
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


def posted(citation, **changes):
    """Return the form data of a saved citation, with changes."""
    data = {
        "id": citation.pk,
        "fact": citation.fact,
        "award_number": citation.award.number if citation.award else "",
        "source": citation.source.slug,
        "place": citation.place,
        "stated": citation.stated,
        "value": citation.value,
        "reason": citation.reason,
        **({"is_chosen": "on"} if citation.is_chosen else {}),
    }
    return {**data, **changes}


def posted_award(award, **changes):
    return {
        "id": award.pk,
        "number": award.number,
        "amount": "" if award.amount is None else award.amount,
        "amount_qualifier": award.amount_qualifier,
        "suppliers": [company.reference for company in award.suppliers.all()],
        **changes,
    }


def test_only_the_citation_marked_for_deletion_is_deleted(admin_client, article_data):
    tender = Tender.objects.get(title_en__startswith="Blockchain-based development zone")
    citations = list(tender.citations.all())
    deleted = next(citation for citation in citations if citation.value == "8995000")
    form = tender_form(
        title_en=tender.title_en,
        title_zh=tender.title_zh,
        title_zh_status=tender.title_zh_status,
        buyer=tender.buyer.reference,
        region=tender.region.code,
        city=tender.city,
        status=tender.status,
        is_main_subject="true",
        awards=[posted_award(award) for award in tender.awards.all()],
        initial_awards=1,
        citations=[posted(citation, **({"DELETE": "on"} if citation == deleted else {})) for citation in citations],
        initial_citations=len(citations),
    )

    response = admin_client.post(address(Tender, "change", tender.pk), form, follow=True)

    assert response.redirect_chain, response.context["errors"]
    assert set(tender.citations.all()) == set(citations) - {deleted}


def test_a_second_statement_beside_the_chosen_one_is_saved(admin_client, db):
    tender = create_tender(title_en="A platform")
    source = create_source()
    old = create_citation(tender, Fact.YEAR, "2019", source=source, is_chosen=True, reason="It is nearer.")
    form = tender_form(
        citations=[posted(old), {"fact": "year", "source": source.slug, "value": "2018"}], initial_citations=1
    )

    admin_client.post(address(Tender, "change", tender.pk), form)

    assert set(tender.citations.values_list("value", "is_chosen")) == {("2019", True), ("2018", False)}


def test_two_chosen_statements_may_swap_their_facts(admin_client, db):
    tender = create_tender(title_en="A platform", region=create_region("CN-GD"))
    source = create_source()
    year = create_citation(tender, Fact.YEAR, "2019", source=source, is_chosen=True)
    region = create_citation(tender, Fact.REGION, "CN-GD", source=source, is_chosen=True)
    form = tender_form(
        region=tender.region.code,
        citations=[
            posted(year, fact="region", value="CN-GD", place="p. 2"),
            posted(region, fact="year", value="2019", place="p. 1"),
        ],
        initial_citations=2,
    )

    response = admin_client.post(address(Tender, "change", tender.pk), form, follow=True)

    assert response.redirect_chain, response.context["errors"]
    found = set(tender.citations.values_list("fact", "place", "is_chosen"))
    assert found == {("region", "p. 2", True), ("year", "p. 1", True)}


def test_rows_that_swap_unique_values_are_refused_with_a_message(admin_client, db):
    tender = create_tender(title_en="A platform")
    first, second = create_award(tender, number=1), create_award(tender, number=2)
    source = create_source()
    one, two = (create_citation(tender, Fact.YEAR, value, source=source) for value in ("2018", "2019"))

    swapped = admin_client.post(
        address(Tender, "change", tender.pk),
        tender_form(
            awards=[posted_award(first, number=2), posted_award(second, number=1)],
            initial_awards=2,
            citations=[posted(one), posted(two)],
            initial_citations=2,
        ),
    )
    assert "Another award has this number until you save." in swapped.text

    swapped = admin_client.post(
        address(Tender, "change", tender.pk),
        tender_form(
            awards=[posted_award(first), posted_award(second)],
            initial_awards=2,
            citations=[posted(one, value="2019"), posted(two, value="2018")],
            initial_citations=2,
        ),
    )
    assert "Another row has the same statement until you save." in swapped.text


def test_an_amount_may_be_typed_with_separators(admin_client, db):
    source = create_source()
    form = tender_form(
        awards=[AWARD], citations=[{"fact": "award_amount", "source": source.slug, "value": " 2,530，000"}]
    )

    admin_client.post(address(Tender, "add"), form)

    assert Citation.objects.get().value == "2530000"


def test_saving_a_published_tender_publishes_its_new_parties(admin_client, client, db):
    tender = create_tender(title_en="A platform")
    citation = create_citation(tender, Fact.EXISTENCE, "yes", is_chosen=True)
    buyer = create_institution(state=EditorialState.DRAFT)
    form = tender_form(
        buyer=buyer.reference, citations=[posted(citation)], initial_citations=1, cite_source=citation.source.slug
    )

    save_and_cite(admin_client, address(Tender, "change", tender.pk), form)

    assert client.get(buyer.get_absolute_url()).status_code == 200


def test_withdrawing_a_tender_publishes_nothing(admin_client, db):
    tender = create_tender(title_en="A platform")
    citation = create_citation(tender, Fact.EXISTENCE, "yes", is_chosen=True)
    buyer = create_institution(state=EditorialState.DRAFT)
    form = tender_form(
        buyer=buyer.reference,
        citations=[posted(citation)],
        initial_citations=1,
        cite_source=citation.source.slug,
        _withdraw="x",
    )

    save_and_cite(admin_client, address(Tender, "change", tender.pk), form)

    tender.refresh_from_db()
    buyer.refresh_from_db()
    assert (tender.state, buyer.state) == (EditorialState.WITHDRAWN, EditorialState.DRAFT)


def test_the_last_source_of_a_published_tender_is_not_deleted(admin_client, db):
    tender = create_tender(title_en="A platform")
    citation = create_citation(tender, Fact.EXISTENCE, "yes", is_chosen=True)
    form = tender_form(citations=[posted(citation, DELETE="on")], initial_citations=1)

    response = admin_client.post(address(Tender, "change", tender.pk), form)

    assert "A published tender needs at least one citation of a document." in response.text
    assert tender.citations.exists()


def test_a_tender_that_was_public_is_not_deleted(admin_client, db):
    public, draft = create_tender(title_en="Public"), create_tender(state=EditorialState.DRAFT)

    for data in ({"post": "yes"}, {}):
        response = admin_client.post(address(Tender, "delete", public.pk), data)
        assert f"{public.reference} has been public: withdraw it instead" in response.text
    admin_client.post(address(Tender, "delete", draft.pk), {"post": "yes"})

    assert list(Tender.objects.all()) == [public]


def test_a_category_that_is_suggested_for_a_tender_is_not_deleted(admin_client, db):
    category, tender = create_category("judicial"), create_tender()
    tender.suggested_categories.add(category)

    response = admin_client.post(address(Category, "delete", category.pk), {"post": "yes"})

    assert f"{tender.reference}: suggested category of this tender" in response.text
    assert Category.objects.exists()


def test_a_tender_is_not_compared_with_itself(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)

    response = admin_client.post(address(Tender, "change", tender.pk), tender_form(possibly_same_as=[tender.reference]))

    assert "a tender can’t be a duplicate of itself" in response.text


def test_a_user_without_permission_to_cite_cites_nothing(client, django_user_model, db):
    user = django_user_model.objects.create_user("corrector", password="corrector", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_tender", "change_tender", "view_source"]))
    client.force_login(user)
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)

    assert "Cite this source for" not in client.get(address(Tender, "change", tender.pk)).text
    client.post(address(Tender, "change", tender.pk), tender_form(cite_source=create_source().slug))

    assert not Citation.objects.exists()


@pytest.mark.parametrize("value", ["abc", "9" * 30, "\0", "1.5"])
@pytest.mark.parametrize("name", ["buyer", "region", "cite_source", "suggested_categories", "possibly_same_as"])
def test_no_value_of_a_form_makes_a_500(admin_client, db, name, value):
    add = address(Tender, "add")
    responses = [admin_client.get(add, {name: value}), admin_client.post(add, tender_form(**{name: value}))]

    assert {response.status_code for response in responses} <= {200, 302, 400}
    assert not Tender.objects.exists()


@pytest.mark.parametrize("value", ["abc", "9" * 30, "\0", "1.5"])
def test_no_value_of_a_row_or_a_bulk_action_makes_a_500(admin_client, db, value):
    add = address(Tender, "add")
    responses = [
        admin_client.post(add, tender_form(citations=[{"fact": "year", "source": value, "value": "2019"}])),
        admin_client.post(add, tender_form(awards=[{"number": 1, "suppliers": [value]}])),
        admin_client.post(address(Tender, "changelist"), {"action": "publish_selected", "_selected_action": [value]}),
    ]

    assert {response.status_code for response in responses} <= {200, 302, 400}
    assert not Tender.objects.exists()


def test_pages_that_every_page_links_to_cannot_be_deleted_nor_get_another_slug(admin_client, db):
    page = Page.objects.get(slug="method")

    admin_client.post(address(Page, "delete", page.pk), {"post": "yes"})
    admin_client.post(
        address(Page, "change", page.pk),
        {"slug": "x", "position": 1, "title_en": "M", "title_zh": "方法", "text_en": "x", "text_zh": "x"},
    )

    page.refresh_from_db()
    assert (page.slug, page.title_en) == ("method", "M")


def test_an_inconsistent_draft_is_saved_with_a_warning(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    citation = create_citation(tender, Fact.YEAR, "2018", is_chosen=True)
    form = tender_form(
        citations=[
            {"id": citation.pk, "fact": "year", "source": citation.source.slug, "value": "2018", "is_chosen": "on"}
        ],
        initial_citations=1,
    )

    response = admin_client.post(address(Tender, "change", tender.pk), form, follow=True)

    assert "“Year” is 2019 in the record, but 2018 in the citation we use" in response.text


def test_deleting_a_record_that_others_need_is_refused_and_names_them(admin_client, db):
    buyer = create_institution(state=EditorialState.DRAFT)
    tender = create_tender(buyer=buyer, title_en="A platform", state=EditorialState.DRAFT)

    response = admin_client.post(address(Institution, "delete", buyer.pk), {"post": "yes"})

    assert "would require deleting the following protected related objects" in response.text
    assert str(tender) in response.text
    assert Institution.objects.filter(pk=buyer.pk).exists()


@pytest.mark.parametrize("value", ["9" * 30, "-" + "9" * 30, "9223372036854775808", "%00", "abc", "[", "1e400"])
@pytest.mark.parametrize(
    "name",
    [
        "year",
        "year__range",
        "year__gte",
        "id__exact",
        "buyer__id__exact",
        "notice_date__first_day__year",
        "p",
        "o",
        "q",
    ],
)
def test_no_number_in_an_admin_address_makes_a_500(admin_client, article_data, name, value):
    admin_client.raise_request_exception = False

    assert admin_client.get(f"{address(Tender, 'changelist')}?{name}={value}").status_code < 500
    assert admin_client.get(f"{address(Tender, 'changelist')}{value}/change/").status_code < 500


def test_only_a_public_record_has_a_link_to_its_public_page(admin_client, db):
    public, draft = create_tender(), create_tender(state=EditorialState.DRAFT)

    assert "View on site" in admin_client.get(address(Tender, "change", public.pk)).text
    assert "View on site" not in admin_client.get(address(Tender, "change", draft.pk)).text
