"""The forms of records: a row for each fact, records that are typed by name, and values as people type them."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tenders.choices import EditorialState, Fact, NameStatus
from tenders.models import Award, Category, Citation, Company, Institution, RedirectedReference, Source, Tender
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
from tests.test_admin import address, formset, posted, posted_award, save_and_cite, tender_form

ADD = "/admin/tenders/tender/add/"
NEW_SOURCE = {
    "new_source-title": "某项目成交公告",
    "new_source-kind": "award-notice",
    "new_source-language": "zh",
    "new_source-url": "https://example.org/1",
}


@pytest.fixture
def contributor_client(client, django_user_model, db):
    user = django_user_model.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="Contributors"))
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("budget_amount", "8,995,000", 8_995_000),
        ("budget_amount", "899.5万元", 8_995_000),
        ("budget_amount", "８９９５０００", 8_995_000),
        ("budget_amount", "￥899.5 万元", 8_995_000),
        ("notice_date", "2019年10月25日", "2019-10-25"),
        ("notice_date", "２０１９／１０／５", "2019-10-05"),
        ("notice_date", "2019年10月", "2019-10"),
        ("official_number", " ＺＦＣＧ 2019-001 ", "ZFCG2019-001"),
        ("year", "２０１９年", 2019),
        ("year", " 2019 ", 2019),
    ],
)
def test_a_value_is_read_as_people_type_it(admin_client, db, name, typed, stored):
    admin_client.post(ADD, tender_form(**{name: typed}))

    assert getattr(Tender.objects.get(), name) == stored


def test_a_credit_code_is_read_in_lower_case_and_with_blanks(admin_client, db):
    form = {"name_zh": "某公司", "name_zh_status": "sourced", "credit_code": " 91350100 m000100 y43 "}

    admin_client.post(address(Company, "add"), {**form, **formset("citations")})

    assert Company.objects.get().credit_code == "91350100M000100Y43"


@pytest.mark.parametrize(
    "typed",
    [
        "{reference}",
        "{lower}",
        "Hefei Data Bureau",
        "hefei  data bureau",
        "合肥市数据局",
        "合肥数据",
        "Any words · {reference}",
    ],
)
def test_a_party_is_typed_by_its_name_or_its_reference(admin_client, db, typed):
    buyer = create_institution(
        name_en="Hefei Data Bureau", name_zh="合肥市数据局", name_zh_status="sourced", aliases_zh="合肥数据"
    )
    create_institution(name_en="Hefei Data Bureau of Old")

    admin_client.post(ADD, tender_form(buyer=typed.format(reference=buyer.reference, lower=buyer.reference.lower())))

    assert Tender.objects.get().buyer == buyer


@pytest.mark.parametrize("typed", ["CN-GD", "cn-gd", "Guangdong", "广东", "Guangdong · CN-GD"])
def test_a_region_is_typed_by_its_name_or_its_code(admin_client, db, typed):
    region = create_region(code="CN-GD", name_en="Guangdong", name_zh="广东")

    admin_client.post(ADD, tender_form(region=typed))

    assert Tender.objects.get().region == region


def test_the_reference_of_a_merged_party_means_the_one_that_was_kept(admin_client, db):
    kept = create_institution()
    RedirectedReference.objects.create(reference="I-ZZZZZZ", redirects_to=kept.reference)

    admin_client.post(ADD, tender_form(buyer="I-ZZZZZZ"))

    assert Tender.objects.get().buyer == kept


def test_a_name_that_nobody_has_is_refused_and_kept(admin_client, db):
    response = admin_client.post(ADD, tender_form(buyer="Nobody’s Bureau", region="Atlantis"))

    assert (
        "There is no institution named “Nobody’s Bureau”. Write “+Nobody’s Bureau” to add it as a draft."
        in response.text
    )
    assert "There is no region named “Atlantis”. Choose one of the suggestions." in response.text
    assert 'value="Nobody’s Bureau"' in response.text
    assert not Tender.objects.exists()
    assert not Institution.objects.exists()


def test_a_name_that_several_have_is_refused_with_their_references(admin_client, db):
    parties = [create_company(name_en="Same Name Ltd") for _ in range(2)]

    response = admin_client.post(ADD, tender_form(awards=[{"number": 1, "suppliers": ["Same Name Ltd"]}]))

    assert "Several records have this name" in response.text
    assert all(party.reference in response.text for party in parties)


def test_a_consortium_is_typed_in_several_fields(admin_client, db):
    one, other = create_company(name_en="One Ltd"), create_company(name_en="Other Ltd")

    admin_client.post(ADD, tender_form(awards=[{"number": 1, "suppliers": ["One Ltd", other.reference, "  "]}]))

    assert {*Award.objects.get().suppliers.all()} == {one, other}


def test_new_parties_and_a_new_source_are_added_and_cited_in_one_save(admin_client, db):
    form = tender_form(
        title_zh="某项目",
        title_zh_status="sourced",
        title_en="",
        title_en_status="unverified-translation",
        buyer="+某市数据局",
        awards=[
            {"number": 1, "suppliers": ["+甲公司", "+乙公司"], "amount": "5", "amount_qualifier": "exact"},
            {"number": 2, "suppliers": ["＋甲公司"]},
        ],
        cite_place="page 1",
        **NEW_SOURCE,
    )

    response = save_and_cite(admin_client, ADD, form, follow=True)

    tender, source = Tender.objects.get(), Source.objects.exclude(slug="editors-translation").get()
    assert source.title == "某项目成交公告"
    assert tender.buyer.state == EditorialState.DRAFT
    assert Company.objects.count() == 2  # 甲公司 is one, although it is typed twice
    assert {award.number: award.suppliers.count() for award in tender.awards.all()} == {1: 2, 2: 1}
    for party in (tender.buyer, *Company.objects.all()):
        assert party.name_zh_status == NameStatus.SOURCED
        (citation,) = party.citations.all()
        assert (citation.source, citation.place, citation.value) == (source, "page 1", party.name_zh)
    assert f"某市数据局 · {tender.buyer.reference} was added as a draft." in response.text
    assert tender.title_en_status == ""  # a title that is not there rests on nothing
    assert not Citation.objects.filter(is_chosen=False).exists()


def test_nothing_is_added_by_a_form_that_is_refused(admin_client, db):
    admin_client.post(ADD, tender_form(buyer="+某市数据局", year="", **NEW_SOURCE))
    admin_client.post(ADD, tender_form(buyer="+某市数据局", **NEW_SOURCE))  # the facts are to be ticked first

    assert not Institution.objects.exists()
    assert not Source.objects.filter(title=NEW_SOURCE["new_source-title"]).exists()


def test_a_new_party_of_a_name_that_is_there_is_refused(admin_client, db):
    party = create_institution(name_zh="某市数据局", name_zh_status="sourced")

    response = admin_client.post(ADD, tender_form(buyer="+某市数据局"))

    assert f"{party.name} · {party.reference} already has this name." in response.text


def test_a_party_is_not_added_by_who_may_not(client, django_user_model, db):
    user = django_user_model.objects.create_user("typist", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["add_tender", "view_tender", "add_award"]))
    client.force_login(user)

    text = client.post(ADD, tender_form(buyer="+某市数据局", awards=[{"number": 1, "suppliers": ["+甲公司"]}])).text

    assert text.count("can’t be added here. Add it on its own page first.") == 4  # each at the top and beside its field
    assert not Institution.objects.exists()
    assert not Company.objects.exists()


def test_a_source_is_not_added_by_who_may_not(client, django_user_model, db):
    user = django_user_model.objects.create_user("typist")
    names = ["add_tender", "view_tender", "change_tender", "add_citation"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client.force_login(user)

    assert "new_source-title" not in client.get(ADD).text
    assert client.post(ADD, tender_form(**NEW_SOURCE)).status_code == 403
    assert not Source.objects.exists()


def test_no_company_is_added_for_an_award_that_is_deleted(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    award = posted_award(create_award(tender, amount=5), suppliers=["+甲公司"], DELETE="on")

    admin_client.post(address(Tender, "change", tender.pk), tender_form(awards=[award], initial_awards=1))

    assert not Award.objects.exists()
    assert not Company.objects.exists()


def test_a_source_is_either_chosen_or_new(admin_client, db):
    response = admin_client.post(ADD, tender_form(cite_source=create_source().slug, **NEW_SOURCE))

    assert "Choose a source or enter a new one, not both." in response.text


def test_an_incomplete_new_source_is_refused_with_its_errors(admin_client, db):
    response = admin_client.post(
        ADD, tender_form(**{**NEW_SOURCE, "new_source-kind": "", "new_source-url": "no address"})
    )

    assert "Complete the new source." in response.text
    assert 'href="#id_new_source-kind"' in response.text
    assert 'href="#id_new_source-url"' in response.text
    assert 'value="某项目成交公告"' in response.text


def test_every_error_is_listed_at_the_top_and_leads_to_its_field(admin_client, db):
    form = tender_form(
        year="",
        buyer="Nobody",
        budget_amount="much",
        awards=[{"number": 1, "amount": "much", "suppliers": ["Nobody Ltd"]}],
        citations=[{"fact": "year", "value": "2019", "source": "no-source"}],
    )

    text = admin_client.post(ADD, form).text

    links = re.findall(r'<li class="error">\s*<a href="#([^"]+)">', text)
    assert {"id_year", "id_buyer", "id_budget_amount", "id_awards-0-amount", "id_awards-0-suppliers"} <= {*links}
    assert "id_citations-0-source" in links
    assert [link for link in links if f'id="{link}"' not in text] == []


def test_a_statement_is_read_as_people_type_it(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT, budget_amount=1)
    create_region(code="CN-GD", name_en="Guangdong", name_zh="广东")
    source = create_source().slug
    rows = [
        {"fact": "budget", "source": source, "value": "899.5万元"},
        {"fact": "notice_date", "source": source, "value": "2019年10月25日"},
        {"fact": "region", "source": source, "value": "广东"},
        {"fact": "status", "source": source, "value": "complete"},
    ]

    admin_client.post(address(Tender, "change", tender.pk), tender_form(budget_amount="1", citations=rows))

    stated = dict(tender.citations.values_list("fact", "value"))
    assert stated == {"budget": "8995000", "notice_date": "2019-10-25", "region": "CN-GD", "status": "complete"}


def test_an_award_is_deleted_with_its_statements(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    award = create_award(tender, amount=5)
    citation = create_citation(tender, Fact.AWARD_AMOUNT, "5", award=award, is_chosen=True)
    form = tender_form(
        awards=[posted_award(award, DELETE="on")],
        initial_awards=1,
        citations=[posted(citation)],
        initial_citations=1,
    )

    assert admin_client.post(address(Tender, "change", tender.pk), form).status_code == 302
    assert not Award.objects.exists()
    assert not Citation.objects.exists()


def test_the_statements_of_an_award_stay_with_it_when_its_number_is_changed(admin_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    award = create_award(tender, amount=5)
    citation = create_citation(tender, Fact.AWARD_AMOUNT, "5", award=award, is_chosen=True)
    form = tender_form(
        awards=[posted_award(award, number=7)],
        initial_awards=1,
        citations=[posted(citation, stated="5元")],
        initial_citations=1,
    )

    assert admin_client.post(address(Tender, "change", tender.pk), form).status_code == 302
    award.refresh_from_db()
    citation.refresh_from_db()
    assert (award.number, citation.award, citation.stated) == (7, award, "5元")


def test_the_table_shows_names_sources_and_words_and_folds_what_is_unknown(admin_client, db):
    region = create_region(code="CN-GD", name_en="Guangdong")
    tender = create_tender(title_en="A platform", region=region, state=EditorialState.DRAFT)
    source = create_source(slug="the-notice")
    Source.objects.update(title="The notice")
    create_citation(tender, Fact.REGION, "CN-GD", source=source, place="page 2", stated="广东省", is_chosen=True)

    text = admin_client.get(address(Tender, "change", tender.pk)).text

    (row,) = re.findall(
        r'<details class="fact">\s*<summary><span class="fact-label">Region.*?</summary>', text, re.DOTALL
    )
    assert all(words in row for words in ("Guangdong", "The notice", "page 2", "<q>广东省</q>"))
    assert "CN-GD" not in row
    (unknown,) = re.findall(r'<details class="unknown-facts">.*?<span class="labels">(.*?)</span>', text, re.DOTALL)
    assert "Budget" in unknown
    assert "Region" not in unknown


def test_a_contributor_reads_the_form_of_anothers_draft_without_fields(contributor_client, db):
    tender = create_tender(title_en="A platform", state=EditorialState.DRAFT)
    create_citation(tender, Fact.YEAR, "2019", stated="2019年", is_chosen=True)

    text = contributor_client.get(address(Tender, "change", tender.pk)).text

    form = text.split('id="tender_form"')[1]
    assert "<q>2019年</q>" in form
    assert re.findall(r'<(?:select|textarea|input type="(?:text|checkbox)")', form) == []


def suggestions(client, model, text):
    response = client.get(reverse(f"admin:tenders_{model._meta.model_name}_suggest"), {"q": text})
    assert response.status_code == 200
    return response.json()["names"]


def test_names_are_suggested_as_forms_read_them(admin_client, db):
    buyer = create_institution(name_en="Hefei Data Bureau", name_zh="合肥市数据局", name_zh_status="sourced")
    category = create_category(slug="housing")

    assert suggestions(admin_client, Institution, "hefei") == [f"Hefei Data Bureau · {buyer.reference}"]
    assert suggestions(admin_client, Institution, "合肥") == [f"Hefei Data Bureau · {buyer.reference}"]
    assert suggestions(admin_client, Category, "hous") == [f"{category} · housing"]
    assert suggestions(admin_client, Institution, "nobody" * 500) == []


def test_names_are_suggested_only_to_those_who_may_see_them(client, django_user_model, db):
    page = reverse("admin:tenders_institution_suggest")
    assert client.get(page).status_code == 302
    user = django_user_model.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_tender"))
    client.force_login(user)
    assert client.get(page).status_code == 403
