"""The form of a claim asks for what its measure uses, and loses nothing that was typed for another measure."""

import json
import re
from html import unescape

import pytest
from django.contrib.admin.utils import flatten
from django.contrib.auth.models import Group
from django.utils.html import escape

from tenders.admin.claim_fields import OF_MEASURES, fieldsets
from tenders.admin.claim_form import ALL_ARGUMENTS, BESIDE
from tenders.choices import Measure
from tenders.claims.measures import MEASURES
from tenders.claims.measures.base import NO_MEASURE
from tenders.models import Article, Claim
from tenders.models.changes import change_set
from tests.factories import create_article, create_claim, create_company, create_region, create_tender
from tests.test_admin import address
from tests.test_admin_articles import claim_form, errors

pytestmark = pytest.mark.django_db

EVERY_CLAIM = {
    *("article", "code", "statement_en", "statement_zh", "measure", "change_reason"),
    *("section", "place", "place_zh", "note", "note_zh", "sources"),
    *("reading_of", "not_checkable_reason", "not_checkable_reason_zh"),
}
# What is typed for each measure beside the text of the claim, and what the claim holds then.
NUMBER = {"printed_as": "exactly", "printed_low": "2"}
TYPED = {
    Measure.COUNT: NUMBER | {"unit": "tenders", "query": "year=2018", "is_set_size": ""},
    Measure.COUNT_INSTITUTIONS: NUMBER | {"query": "year=2018"},
    Measure.COUNT_REGIONS: NUMBER | {"query": "year=2018"},
    Measure.SHARE: NUMBER | {"query": "year=2018", "base_query": "year=2018&year=2019"},
    Measure.RATIO: NUMBER | {"query": "year=2018", "base_query": "year=2019"},
    Measure.RATIO_OF_SHARES: NUMBER
    | {"query": "year=2018", "base_query": "", "to_query": "year=2019", "to_base_query": "/tenders/"},
    Measure.RANK: NUMBER | {"base_query": "year=2018", "facet": "region", "value": "CN-BJ", "among": "CN-BJ\nCN-SH"},
    Measure.LARGEST_AWARD: NUMBER | {"query": "year=2018"},
    Measure.NTH_AWARD: NUMBER | {"query": "year=2018", "n": "2"},
    Measure.SUM_AWARD: NUMBER | {"query": "year=2018"},
    Measure.SUM_BUDGET: NUMBER | {"query": "year=2018"},
    Measure.AMOUNT: NUMBER | {"tender": "tender"},
    Measure.FACT: NUMBER | {"printed_low": "2013", "unit": "year", "company": "company", "fact": "founded"},
    Measure.EXISTS: {"query": "year=2018", "tender": "tender"},
    Measure.SUM_OF_CLAIMS: NUMBER | {"unit": "tenders", "claims": ["A02", "A03"], "total": ""},
    Measure.NONE: {"unit": "yuan", "not_checkable_reason": "No source has it."},
}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
def study():
    article = create_article("a-study", state="draft", from_date="2018", to_date="2019")
    for code in ("A02", "A03"):
        create_claim(article, "count", code=code, printed=1, query=f"article=a-study&year={2016 + int(code[2])}")
    for code in ("CN-BJ", "CN-SH"):
        create_region(code)
    return article


def typed(article, measure, /, **fields):
    """Return what is posted for a claim of a measure, with the keys of records in place of their kinds."""
    records = {"tender": lambda: create_tender().pk, "company": lambda: create_company(founded_year=2013).pk}
    values = {name: records.get(value, lambda value=value: value)() if isinstance(value, str) else value
              for name, value in TYPED[measure].items()}  # fmt: skip
    return {
        "article": article.pk,
        "code": "A01",
        "statement_en": "A statement.",
        "measure": measure,
        **values,
        **fields,
    }


def form_of(response):
    assert response.status_code == 200
    return response.context["adminform"].form


def carried(response):
    """Return what a form carries along without showing it, as it posts it again."""
    text = response.text.split('id="claim-fields"')[1].split("</form>")[0]
    found = {}
    for name, value in HIDDEN.findall(text):
        found.setdefault(name, []).append(unescape(value))
    return found


def open_fields(response):
    """Return the names of the fields that stand in the form before a closed part of it is opened."""
    found = response.context["adminform"].fieldsets
    shown = [fields_of(fieldset) for fieldset in found if "collapse" not in fieldset[1].get("classes", [])]
    return [*flatten(shown), "change_reason"]


def fields_of(fieldset):
    return flatten(fieldset[1]["fields"])


# The fields of each measure.


@pytest.mark.parametrize("code", Measure)
def test_the_form_has_exactly_the_fields_of_its_measure(admin_client, study, code):
    form = form_of(admin_client.get(address(Claim, "add"), {"article": study.pk, "measure": code}))

    assert set(form.fields) == EVERY_CLAIM | set(MEASURES.get(code, NO_MEASURE).fields)
    assert set(form.fields) == {*flatten(map(fields_of, fieldsets(form.measure, lambda name: False))), "change_reason"}


@pytest.mark.parametrize("code", Measure)
def test_few_fields_are_open(admin_client, study, code):
    response = admin_client.get(address(Claim, "add"), {"article": study.pk, "measure": code})

    assert len(open_fields(response)) <= (12 if code == Measure.COUNT else 14)


def test_every_argument_of_a_claim_is_of_a_measure():
    columns = {field.name for field in Claim._meta.get_fields()} - {"arguments", "id"}

    assert set(ALL_ARGUMENTS) <= set(OF_MEASURES)
    assert set(OF_MEASURES) <= columns | set(ALL_ARGUMENTS)
    assert {name for one in MEASURES.values() for name in (*one.queries, *one.arguments)} <= set(OF_MEASURES)


def test_what_is_typed_for_each_measure_is_tested():
    assert set(TYPED) == set(Measure)


@pytest.mark.parametrize("code", Measure)
def test_a_claim_of_each_measure_is_saved_and_shown_again(admin_client, study, code):
    data = typed(study, code)

    response = admin_client.post(f"{address(Claim, 'add')}?article={study.pk}", data)

    assert response.status_code == 302, errors(response)
    claim = study.claims.get(code="A01")
    assert claim.measure == code
    assert set(claim.arguments) <= set(ALL_ARGUMENTS)
    page = admin_client.get(address(Claim, "change", claim.pk))
    form = form_of(page)
    assert form.unused == {}
    assert "use these fields" not in page.text
    again = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in again.items() if value not in (None, False, [])}
    response = admin_client.post(address(Claim, "change", claim.pk), {**given, "statement_en": "Another."})
    assert response.status_code == 302, errors(response)
    saved = study.claims.get(code="A01")
    kept = ("printed_as", "printed_low", "printed_high", "unit", "query", "base_query", "arguments", "tender_id")
    assert {name: getattr(saved, name) for name in kept} == {name: getattr(claim, name) for name in kept}
    assert saved.statement_en == "Another."


@pytest.mark.parametrize("code", Measure)
def test_who_may_only_view_a_claim_sees_what_is_stored(client, admin_client, django_user_model, study, code):
    admin_client.post(address(Claim, "add"), typed(study, code))
    user = django_user_model.objects.create_user("contributor")
    user.groups.add(Group.objects.get(name="Contributors"))
    client.force_login(user)
    claim = study.claims.get(code="A01")

    response = client.get(address(Claim, "change", claim.pk))

    assert response.status_code == 200
    assert "use these fields" not in response.text
    assert set(flatten(map(fields_of, response.context["adminform"].fieldsets))).isdisjoint(ALL_ARGUMENTS)
    for value in claim.arguments.values():
        assert escape(json.dumps(value, ensure_ascii=False)) in response.text


def test_a_contributor_is_offered_their_own_drafts(client, django_user_model, study):
    user = django_user_model.objects.create_user("contributor")
    user.groups.add(Group.objects.get(name="Contributors"))
    with change_set("added", by=user):
        own = create_article(state="draft")
        create_article()
    client.force_login(user)

    form = form_of(client.get(address(Claim, "add")))

    assert list(form.fields["article"].queryset) == [own]


@pytest.mark.parametrize("code", [code for code, one in MEASURES.items() if one.unit])
def test_the_unit_follows_from_the_measure(admin_client, study, code):
    admin_client.post(address(Claim, "add"), typed(study, code, unit="cases"))

    assert study.claims.get(code="A01").unit == MEASURES[code].unit


# The measure first, then its fields.


def test_a_new_claim_begins_with_its_measure(admin_client, study):
    form = form_of(admin_client.get(address(Claim, "add"), {"article": study.pk, "code": "S1"}))

    assert set(form.fields) == {"article", "code", "statement_en", "statement_zh", "measure", "change_reason"}
    assert (form["article"].value(), form["code"].value()) == (str(study.pk), "S1")


def test_the_fields_of_a_measure_are_shown_without_saving_and_without_errors(admin_client, study):
    first = {"article": study.pk, "code": "A01", "statement_en": "", "statement_zh": "共一个。", "measure": "share"}

    form = form_of(response := admin_client.post(address(Claim, "add"), {**first, "_show_fields": "on"}))

    assert {"query", "base_query"} < set(form.fields)
    assert form["statement_zh"].value() == "共一个。"
    assert not form.errors
    assert "errornote" not in response.text
    assert not study.claims.filter(code="A01").exists()


@pytest.mark.parametrize("measure", ["", "guess"])
def test_a_claim_without_a_measure_keeps_what_was_typed(admin_client, study, measure):
    form = typed(study, Measure.NTH_AWARD, measure=measure)

    response = admin_client.post(address(Claim, "add"), form)

    assert list(errors(response)) == ["measure"]
    assert carried(response) == {name: [form[name]] for name in ("printed_as", "printed_low", "query", "n")}


@pytest.mark.parametrize("first", Measure)
@pytest.mark.parametrize("other", [Measure.COUNT, Measure.EXISTS, Measure.NONE])
def test_changing_the_measure_and_back_loses_nothing(admin_client, study, first, other):
    data = typed(study, first)

    changed = admin_client.post(address(Claim, "add"), {**data, "measure": other, "_show_fields": "on"})
    shown = {name: changed.context["adminform"].form[name].value() for name in form_of(changed).fields}
    shown = {name: value for name, value in shown.items() if value not in (None, False, [])}
    back = {**carried(changed), **shown, "measure": first, "_show_fields": "on"}
    form = form_of(admin_client.post(address(Claim, "add"), back))

    for name, value in data.items():
        if name in form.fields and value != "":
            assert str(form[name].value()) == str(value), name


def test_what_a_measure_does_not_use_is_named_before_it_is_emptied(admin_client, study):
    tender = create_tender(title_en="A platform")
    create_claim(study, "nth-award", code="A09", printed=5, unit="yuan", tender=tender, arguments={"n": 3})
    page = address(Claim, "change", (claim := study.claims.get(code="A09")).pk)
    form = {"statement_en": "Now it adds up.", "measure": "sum-of-claims", "claims": ["A02", "A03"], "unit": "tenders"}
    form |= {"printed_as": "exactly", "printed_low": "2", "n": "3", "tender": tender.pk, "query": ""}

    shown = admin_client.post(page, {**form, "_show_fields": "on"})
    refused = admin_client.post(page, form)

    for response in (shown, refused):
        text = re.sub(r"\s+", " ", response.text)
        assert "“Whether the article’s figures add up” doesn’t use these fields. Saving empties them:" in text
        assert "Award “3”" in text
        assert f"about the tender “{tender}”" in text
    assert list(errors(refused)) == ["measure"]
    claim.refresh_from_db()
    assert (claim.measure, claim.arguments, claim.tender) == ("nth-award", {"n": 3}, tender)

    saved = admin_client.post(page, {**form, **carried(refused)})

    assert saved.status_code == 302, errors(saved)
    claim.refresh_from_db()
    assert (claim.measure, claim.arguments, claim.tender) == ("sum-of-claims", {"claims": ["A02", "A03"]}, None)


def test_what_is_stored_and_not_used_is_named_when_the_form_is_opened(admin_client, study):
    claim = create_claim(study, "count", code="A09", printed=1, base_query="year=2018", arguments={"n": 3})
    page = address(Claim, "change", claim.pk)

    opened = admin_client.get(page)

    assert form_of(opened).unused == {"base_query": ["year=2018"], "n": ["3"]}
    assert carried(opened) == {"_emptied": ["n", "base_query"], "base_query": ["year=2018"], "n": ["3"]}
    form = claim_form(statement_en="A.", query="year=2018", **carried(opened))
    assert admin_client.post(page, form).status_code == 302
    claim.refresh_from_db()
    assert (claim.base_query, claim.arguments) == ("", {})


def test_a_wrong_value_that_is_emptied_is_no_error(admin_client, study):
    form = claim_form(study, n="third", facet="nothing", _emptied=["n", "facet"])

    assert admin_client.post(address(Claim, "add"), form).status_code == 302


def test_the_error_of_every_constraint_stands_beside_a_field():
    assert set(BESIDE) == {constraint.name for constraint in Claim._meta.constraints}
    assert set(BESIDE.values()) <= EVERY_CLAIM | set(OF_MEASURES)


def test_errors_stand_beside_the_fields_of_the_measure(admin_client, study):
    form = typed(study, Measure.RANK, facet="", among="CN-XX", printed_low="many")

    response = admin_client.post(address(Claim, "add"), form)

    assert set(errors(response)) == {"printed_low"}
    response = admin_client.post(address(Claim, "add"), {**form, "printed_low": "1"})
    assert set(errors(response)) == {"facet"}


# Back to the article.


def test_a_claim_that_was_added_from_its_article_leads_back_to_it(admin_client, study):
    page = f"{address(Claim, 'add')}?article={study.pk}&code=S1&from_article=1"

    saved = admin_client.post(page, typed(study, Measure.COUNT, code="S1"))
    another = admin_client.post(page, typed(study, Measure.COUNT, code="S2", _addanother="on"))

    assert saved.url == address(Article, "change", study.pk)
    assert another.url == f"{address(Claim, 'add')}?article={study.pk}&from_article=1"
