"""Articles and claims in the admin, and the confirmation of writes that change verdicts."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.forms import model_to_dict
from django.utils.datastructures import MultiValueDict

from tenders import actions
from tenders.choices import Cause, Certainty, EditorialState, Fact, Verdict
from tenders.claims import evaluation
from tenders.claims.verdict_history import record_verdict_changes, track_verdicts
from tenders.models import Article, Category, Claim, Inclusion, Institution, Region, Source, Tender, VerdictChange
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
)
from tests.test_admin import address, formset, offered, posted, tender_form, with_ticks

pytestmark = pytest.mark.django_db


def article_form(*, inclusions=(), initial_inclusions=0, **fields):
    return {
        "title_en": "A study",
        "slug": "a-study",
        "publisher": "A paper",
        "change_reason": "As the study says.",
        **formset("inclusions", *inclusions, initial=initial_inclusions),
        **fields,
    }


def study_form(**fields):
    """Return the form data of the article ``study``, with changes."""
    sources = [source.pk for source in Source.objects.filter(slug="a-study")]
    return article_form(title_en="a-study", from_date="2018", to_date="2019", sources=sources, **fields)


def claim_form(article=None, /, **fields):
    return {
        **({"article": article.pk, "code": "A01"} if article else {}),
        "statement_en": "It counts some.",
        "printed_as": "exactly",
        "printed_low": "1",
        "unit": "tenders",
        "measure": "count",
        **fields,
    }


def errors(response):
    """Return the errors of a form that was not saved, by field."""
    assert response.status_code == 200
    return {name: " ".join(found) for name, found in response.context["adminform"].form.errors.items()}


@pytest.fixture
def source():
    return create_source(slug="a-study")


@pytest.fixture
def study(source):
    """An article that counts one tender in 2018 and one in 2019, both of which are recorded."""
    article = create_article("a-study", sources=[source], from_date="2018", to_date="2019")
    create_claim(article, "count", code="A02", printed=1, query="article=a-study&year=2018", is_set_size=True)
    create_claim(article, "count", code="A03", printed=1, query="article=a-study&year=2019", is_set_size=True)
    for year in (2018, 2019):
        tender = create_tender(title_en=f"Of {year}", year=year)
        create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    return article


@pytest.fixture
def evaluated_articles(monkeypatch):
    """List of the slugs of the articles that were evaluated, once for each evaluation."""
    found = []

    def evaluate_changed(article, *given, evaluate=evaluation.evaluate_changed):
        found.append(article.slug)
        return evaluate(article, *given)

    monkeypatch.setattr("tenders.claims.verdict_history.evaluate_changed", evaluate_changed)
    return found


# Articles.


def test_an_editor_adds_an_article_and_publishes_it(admin_client, source):
    tender = create_tender()
    form = article_form(
        sources=[source.pk],
        inclusions=[{"tender": tender.pk, "reason": "Named in paragraph 3."}],
        _publish="Save and publish",
    )

    response = admin_client.post(address(Article, "add"), form, follow=True)

    article = Article.objects.get()
    assert response.redirect_chain, response.context["errors"]
    assert article.is_published
    assert list(article.sources.all()) == [source]
    assert Inclusion.objects.get().tender == tender
    assert f"{article.slug.capitalize()} was published." in response.text


def test_an_inferred_tender_requires_a_reason(admin_client):
    tender = create_tender()

    response = admin_client.post(address(Article, "add"), article_form(inclusions=[{"tender": tender.pk}]))

    assert "This field is required." in response.text
    assert not Article.objects.exists()


def test_the_slug_of_an_article_cannot_be_changed(admin_client, study):
    admin_client.post(address(Article, "change", study.pk), study_form(publisher="Corrected", slug="other"))

    study.refresh_from_db()
    assert (study.publisher, study.slug) == ("Corrected", "a-study")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("It counts [[A02]], [[A03]].", None),
        ("It counts [[A9]], [[A9]] or [[S1]].", "[[A9]], [[S1]] doesn’t match a claim of this article"),
        ("It counts [[A02 ]] and [[claim]].", "[[A02 ]], [[claim]] doesn’t mark a claim"),
        ("It counts [[ [[A02]].", "[[ [[A02]] doesn’t mark a claim"),
        ("It counts [[]].", "[[]] doesn’t mark a claim"),
        ("It counts [A9].", None),
    ],
)
@pytest.mark.parametrize("field", ["text_en", "text_zh"])
def test_the_text_of_a_public_article_marks_only_claims_of_it(admin_client, study, field, text, message):
    response = admin_client.post(address(Article, "change", study.pk), study_form(**{field: text}))

    if message:
        assert message in errors(response)[field]
        assert text in response.text
    else:
        assert getattr(Article.objects.get(), field) == text


@pytest.mark.parametrize("state", ["draft", "in-review", "withdrawn"])
def test_the_text_of_a_draft_may_mark_claims_that_are_not_there_yet(admin_client, study, state):
    Article.objects.update(state=state)
    form = study_form(text_en="It counts [[S1]] and [[A02]].", text_zh="共 [[S2]]、[[S1]]。")

    saved = admin_client.post(address(Article, "change", study.pk), form, follow=True)
    opened = admin_client.get(address(Article, "change", study.pk))

    assert saved.redirect_chain, errors(saved)
    for response in (saved, opened):
        for code in ("S1", "S2"):
            assert f'<a href="{address(Claim, "add")}?article={study.pk}&amp;from_article=1&amp;code={code}"' in (
                response.text
            )
        assert "[[A02]]</a>" not in response.text


def test_the_text_of_a_new_draft_may_mark_claims(admin_client):
    response = admin_client.post(address(Article, "add"), article_form(text_en="It counts [[A01]]."), follow=True)

    assert response.redirect_chain
    assert f"?article={Article.objects.get().pk}&amp;from_article=1&amp;code=A01" in response.text


def test_publishing_with_a_missing_claim_is_refused_beside_the_text(admin_client, study):
    Article.objects.update(state=EditorialState.DRAFT)
    form = study_form(text_en="It counts [[S1]], [[A02]].", text_zh="共 [[S2]]。", _publish="x")

    response = admin_client.post(address(Article, "change", study.pk), form)

    found = errors(response)
    assert "[[S1]] doesn’t match a claim of this article, so the article can’t be published." in found["text_en"]
    assert "[[S2]] doesn’t match a claim of this article" in found["text_zh"]
    assert "It counts [[S1]], [[A02]]." in response.text
    assert [code for code, _address in response.context["missing_claims"]] == ["S1", "S2"]
    assert 'target="_blank"' in response.text
    study.refresh_from_db()
    assert (study.state, study.text_en) == ("draft", "")


def test_no_way_publishes_an_article_with_a_missing_claim(admin_client, study):
    Article.objects.update(state=EditorialState.DRAFT, text_zh="共 [[S1]]。")

    response = act(admin_client, Article, "publish_selected", study)
    with pytest.raises(ValidationError, match="but there is no such claim"):
        actions.publish(study)

    assert "The text marks [[S1]], but there is no such claim." in response.text
    assert not Article.objects.published().exists()
    create_claim(study, "none", code="S1")
    assert actions.publish(study) == [study]


def test_a_public_article_is_withdrawn_whatever_its_text_marks(admin_client, study):
    admin_client.post(address(Article, "change", study.pk), study_form(text_en="It counts [[S1]].", _withdraw="x"))

    study.refresh_from_db()
    assert (study.state, study.text_en) == ("withdrawn", "It counts [[S1]].")


# What is empty is confirmed before it is public.

EMPTY = "these parts of the article would be empty"


@pytest.fixture
def empty_article():
    article = create_article("empty", state=EditorialState.DRAFT)
    create_claim(article, "count", code="A01", printed=3, query="article=empty&year=2018")
    create_claim(article, "none", code="A02")
    return article


def test_an_empty_article_is_published_only_when_that_is_confirmed(admin_client, empty_article):
    page = address(Article, "change", empty_article.pk)
    form = article_form(title_en="empty", publisher="Another paper", _publish="x")

    asked = admin_client.post(page, form)

    claim = empty_article.claims.get(code="A01")
    assert EMPTY in asked.text
    assert asked.context["dry_run"].empty_parts == (
        ("It has no source, so readers can’t see where its figures come from.", []),
        ("No tender belongs to this article yet.", []),
        (
            "No recorded tender matches these claims:",
            [("A01: A01", f"{address(Claim, 'change', claim.pk)}?from_article=1")],
        ),
    )
    assert asked.context["adminform"].form["publisher"].value() == "Another paper"
    empty_article.refresh_from_db()
    assert (empty_article.state, empty_article.publisher) == ("draft", "A paper")

    digest = re.search('name="_confirmed_empty_parts" value="([^"]+)"', asked.text)[1]
    create_claim(empty_article, "count", code="A03", printed=3, query="article=empty")
    asked_again = admin_client.post(page, {**form, "_confirmed_empty_parts": digest})
    assert EMPTY in asked_again.text
    digests = re.findall('name="_confirmed_empty_parts" value="([^"]+)"', asked_again.text)
    saved = admin_client.post(page, {**form, "_confirmed_empty_parts": digests})

    assert saved.status_code == 302
    empty_article.refresh_from_db()
    assert (empty_article.state, empty_article.publisher) == ("published", "Another paper")


def test_an_empty_article_is_published_in_bulk_only_when_that_is_confirmed(admin_client, empty_article, study):
    Article.objects.update(state=EditorialState.DRAFT)
    second = create_article("second", state=EditorialState.DRAFT)

    responses = [act(admin_client, Article, "publish_selected", empty_article, study, second)]
    for _ in range(2):
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', responses[-1].text)
        data = {name: [value for other, value in hidden if other == name] for name, _value in hidden}
        responses.append(admin_client.post(address(Article, "changelist"), data, follow=True))

    assert ["with empty parts" in response.text for response in responses] == [True, True, False]
    assert Article.objects.published().count() == 3


def test_what_is_empty_is_said_on_the_form_of_a_draft(admin_client, empty_article, study):
    assert "No tender belongs to this article yet." in (
        admin_client.get(address(Article, "change", empty_article.pk)).text
    )
    Article.objects.update(state=EditorialState.DRAFT)
    assert "Still empty" not in admin_client.get(address(Article, "change", study.pk)).text


def test_nothing_is_asked_of_an_article_that_is_complete(admin_client, study):
    Article.objects.update(state=EditorialState.DRAFT)

    response = admin_client.post(address(Article, "change", study.pk), study_form(_publish="x"))

    assert response.status_code == 302
    study.refresh_from_db()
    assert study.is_published


def test_an_article_shows_its_claims_with_their_verdicts(admin_client, study):
    text = admin_client.get(address(Article, "change", study.pk)).text

    claim = study.claims.get(code="A02")
    assert f'<a href="{address(Claim, "change", claim.pk)}?from_article=1">A02</a>' in text
    assert "Only the article says so" in text
    assert f'href="{address(Claim, "add")}?article={study.pk}&amp;from_article=1"' in text


def test_an_article_that_was_public_is_withdrawn_and_not_deleted(admin_client, study):
    draft = create_article("draft", state=EditorialState.DRAFT)

    response = admin_client.post(address(Article, "delete", study.pk), {"post": "yes"})
    admin_client.post(address(Article, "delete", draft.pk), {"post": "yes"})
    admin_client.post(address(Article, "change", study.pk), study_form(_withdraw="x"))

    assert "a-study has been public: withdraw it instead" in response.text
    assert Article.objects.get().state == EditorialState.WITHDRAWN


def test_articles_are_published_and_withdrawn_in_bulk(admin_client, study):
    def act(action):
        data = {"action": action, "_selected_action": [study.pk], "reason": "As the study says."}
        admin_client.post(address(Article, "changelist"), data)
        study.refresh_from_db()
        return study.state

    assert [act("withdraw_selected"), act("publish_selected")] == ["withdrawn", "published"]


def test_a_user_with_view_permission_only_changes_no_article_and_no_claim(client, django_user_model, study):
    user = django_user_model.objects.create_user("viewer", password="viewer", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_article", "view_claim"]))
    client.force_login(user)
    claim = study.claims.get(code="A02")
    data = {"action": "withdraw_selected", "_selected_action": [study.pk], "reason": "As the study says."}

    assert "Add a claim" not in client.get(address(Article, "change", study.pk)).text
    assert "article=a-study&amp;year=2018" in client.get(address(Claim, "change", claim.pk)).text
    assert client.post(address(Article, "change", study.pk), article_form(_withdraw="x")).status_code == 403
    assert client.post(address(Claim, "change", claim.pk), claim_form(_check="x")).status_code == 403
    assert client.post(address(Claim, "add"), claim_form(study)).status_code == 403
    client.post(address(Article, "changelist"), data)

    study.refresh_from_db()
    assert study.is_published


# Claims.


def test_a_pasted_address_is_saved_as_a_normalized_query(admin_client, study):
    query = "https://example.org/zh-hans/tenders/?year=2019&region=CN-BJ&sort=-amount&page=2#main"
    create_region("CN-BJ")

    response = admin_client.post(address(Claim, "add"), claim_form(study, query=query))

    assert response.status_code == 302
    assert study.claims.get(code="A01").query == "article=a-study&region=CN-BJ&year=2019"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("yaer=2018", "yaer: There is no such parameter. Did you mean “year”?"),
        ("region=Beijing", "“Beijing” isn’t a valid value."),
        ("certainty=high", "describes our records"),
        ("region=unknown", "describes our records"),
        ("article=another-study", "Remove the filter “another-study”"),
        ("/institutions/?year=2018", "this one is of another page"),
        ("year=2018?&year=2019", "“2018?” isn’t a year"),
        ("year=" + "9" * 1200, "at most 1000 characters"),
    ],
)
@pytest.mark.parametrize("field", ["query", "base_query", "to_query", "to_base_query"])
def test_the_error_of_a_query_is_at_its_field_with_the_typed_value(admin_client, study, field, query, message):
    queries = dict.fromkeys(("query", "base_query", "to_query", "to_base_query"), "/tenders/")
    form = claim_form(study, measure="ratio-of-shares", unit="times", **{**queries, field: query})
    create_region("CN-BJ")

    response = admin_client.post(address(Claim, "add"), form)

    assert list(errors(response)) == [field]
    assert message in errors(response)[field]
    assert response.context["adminform"].form[field].value() == query
    assert not study.claims.filter(code="A01").exists()


def test_the_arguments_of_a_measure_are_saved_and_shown_again(admin_client, study):
    for code in ("CN-BJ", "CN-SH", "CN-GD"):
        create_region(code)
    form = claim_form(
        study,
        measure="rank",
        unit="rank",
        base_query="year=2018",
        facet="region",
        value="CN-BJ, CN-SH",
        among="CN-BJ，CN-SH\n\nCN-GD",
    )

    response = admin_client.post(address(Claim, "add"), form)

    assert response.status_code == 302, errors(response)
    claim = study.claims.get(code="A01")
    assert claim.arguments == {"facet": "region", "value": ["CN-BJ", "CN-SH"], "among": [["CN-BJ", "CN-SH"], ["CN-GD"]]}
    shown = admin_client.get(address(Claim, "change", claim.pk)).context["adminform"].form
    assert (shown["value"].value(), shown["among"].value()) == ("CN-BJ, CN-SH", "CN-BJ, CN-SH\nCN-GD")


@pytest.mark.parametrize(
    ("fields", "arguments"),
    [
        ({"measure": "nth-award", "unit": "yuan", "n": "2"}, {"n": 2}),
        ({"measure": "sum-of-claims", "claims": ["A02", "A03"], "printed_low": "2"}, {"claims": ["A02", "A03"]}),
        (
            {"measure": "ratio-of-shares", "unit": "times", "to_query": "year=2018", "to_base_query": "/tenders/"},
            {"to_query": "article=a-study&year=2018", "to_base_query": "article=a-study"},
        ),
    ],
)
def test_each_measure_has_its_own_arguments(admin_client, study, fields, arguments):
    response = admin_client.post(address(Claim, "add"), claim_form(study, **fields))

    assert response.status_code == 302, errors(response)
    assert study.claims.get(code="A01").arguments == arguments


def test_a_claim_about_a_fact_has_its_record(admin_client, study):
    company = create_company(founded_year=2013)

    form = claim_form(study, measure="fact", fact="founded", company=company.pk, printed_low="2013", unit="year")
    admin_client.post(address(Claim, "add"), form)

    claim = study.claims.get(code="A01")
    assert (claim.company, claim.arguments) == (company, {"fact": "founded"})


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"n": "2"}, "measure", "Save again to empty them."),
        ({"base_query": "year=2018"}, "measure", "Save again to empty them."),
        ({"measure": "nth-award"}, "n", "Required for this measure."),
        ({"measure": "nth-award", "n": "0"}, "n", "greater than or equal to 1"),
        ({"measure": "rank"}, "facet", "Required for this measure."),
        (
            {"measure": "rank", "facet": "region", "value": "CN-BJ", "among": "CN-SH"},
            "among",
            "Include the ranked value",
        ),
        ({"measure": "fact", "fact": "year"}, "tender", "Choose the record that the claim is about."),
        ({"measure": "amount"}, "tender", "Choose the record that the claim is about."),
        ({"measure": "sum-of-claims"}, "claims", "Required for this measure."),
        ({"measure": "sum-of-claims", "claims": ["A99"]}, "claims", "Select a valid choice"),
        ({"measure": "ratio", "query": "year=2018"}, "base_query", "a tender could match both"),
        ({"measure": "share", "is_set_size": "on"}, "measure", "Save again to empty them."),
        ({"is_set_size": "on", "is_margin": "on"}, "is_margin", "not both"),
        ({"tender": "tender", "company": "company"}, "tender", "only one record"),
        ({"is_margin": "on", "query": "year=2018"}, "query", "one year and one category"),
        ({"is_set_size": "on", "query": "year=2018"}, "is_set_size", "A02 already states the total"),
        ({"is_set_size": "on", "query": "date_to=2018-01"}, "is_set_size", "A02 already states the total"),
        ({"code": "A02"}, "code", "already has a claim with this code"),
        ({"code": "first"}, "code", "A capital letter and a number"),
        ({"measure": "none"}, "not_checkable_reason", "why the claim can’t be checked"),
        ({"article": "abc"}, "article", "Select a valid choice"),
        ({"article": "9" * 30}, "article", "Select a valid choice"),
    ],
)
def test_an_inconsistent_claim_is_refused_with_an_error_at_its_field(admin_client, study, fields, field, message):
    keys = {"tender": Tender.objects.first().pk, "company": create_company().pk}
    fields = {name: keys.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    response = admin_client.post(address(Claim, "add"), claim_form(study, **fields))

    assert message in errors(response)[field]
    assert study.claims.count() == 2


@pytest.mark.parametrize("name", ["printed_low", "printed_high"])
@pytest.mark.parametrize(
    ("how", "ends"),
    [
        ("exactly", (14, 14)),
        ("at-least", (14, None)),
        ("more-than", (14, None)),
        ("at-most", (None, 14)),
        ("less-than", (None, 14)),
    ],
)
def test_one_printed_number_is_enough(admin_client, study, how, ends, name):
    form = claim_form(study, printed_as=how, printed_low="", printed_high="") | {name: "14"}

    admin_client.post(address(Claim, "add"), form)

    claim = study.claims.get(code="A01")
    assert (claim.printed_low, claim.printed_high) == ends


@pytest.mark.parametrize(("digits", "end"), [("54.54", "54.55"), ("54.5", "54.6"), ("54", "55")])
def test_the_upper_end_of_a_truncated_number_follows_from_its_digits(admin_client, study, digits, end):
    admin_client.post(address(Claim, "add"), claim_form(study, printed_as="cut-off", printed_low=digits))

    claim = study.claims.get(code="A01")
    assert f"{claim.printed_high.normalize():f}" == end
    shown = admin_client.get(address(Claim, "change", claim.pk)).context["adminform"].form
    assert (str(shown["printed_low"].value()), shown["printed_high"].value()) == (digits, None)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"printed_as": ""}, "printed_as", "Choose how the figure is stated."),
        ({"printed_low": ""}, "printed_low", "Enter the figure in the article."),
        ({"printed_high": "2"}, "printed_high", "for a single number"),
        ({"printed_as": "between"}, "printed_high", "Enter both ends"),
        ({"printed_as": "about", "printed_high": "0.5"}, "printed_high", "Enter both ends"),
        ({"printed_as": "cut-off", "printed_low": "", "printed_high": "5"}, "printed_low", "Enter the digits"),
        ({"printed_as": "cut-off", "printed_high": "1"}, "printed_high", "it follows from the digits"),
        ({"printed_low": "some"}, "printed_low", "Enter a number."),
        ({"printed_as": "", "printed_low": ""}, "printed_as", "why the claim can’t be checked"),
    ],
)
def test_an_invalid_printed_number_is_refused_with_a_message(admin_client, study, fields, field, message):
    response = admin_client.post(address(Claim, "add"), claim_form(study, **fields))

    assert message in errors(response)[field]


def test_a_claim_that_a_tender_exists_needs_no_number(admin_client, study):
    form = claim_form(study, measure="exists", printed_as="", printed_low="", query="year=2018")

    admin_client.post(address(Claim, "add"), form)

    claim = study.claims.get(code="A01")
    assert (claim.printed_as, claim.printed_low, claim.printed_high) == ("exactly", 1, 1)


def test_a_reading_belongs_to_a_claim_of_the_same_article(admin_client, study):
    own, other = study.claims.get(code="A02"), create_claim(create_article(), "none")

    refused = admin_client.post(address(Claim, "add"), claim_form(study, reading_of=other.pk))
    admin_client.post(address(Claim, "add"), claim_form(study, reading_of=own.pk))

    assert "Select a valid choice" in errors(refused)["reading_of"]
    assert study.claims.get(code="A01").reading_of == own


def test_code_and_article_of_a_claim_cannot_be_changed(admin_client, study):
    claim = study.claims.get(code="A02")
    form = claim_form(create_article(), statement_en="Corrected.", query=claim.query, is_set_size="on")

    admin_client.post(address(Claim, "change", claim.pk), form)

    claim.refresh_from_db()
    assert (claim.article, claim.code, claim.statement_en) == (study, "A02", "Corrected.")


def test_save_and_add_another_stays_in_the_article(admin_client, study):
    response = admin_client.post(address(Claim, "add"), claim_form(study, _addanother="x"), follow=True)

    form = response.context["adminform"].form
    assert (form["article"].value(), form["code"].value()) == (str(study.pk), "A04")


def test_the_form_shows_how_many_tenders_match_and_links_to_their_list(admin_client, client, study):
    claim = study.claims.get(code="A02")

    page = admin_client.get(address(Claim, "change", claim.pk))

    assert page.context["matches"] == [("Tenders counted", 1, "/tenders/?article=a-study&year=2018")]
    assert 'data-total="1"' in client.get("/tenders/?article=a-study&year=2018").text
    assert page.context["verdict"] == "Only the article says so"
    assert "The article counts 1; our records have 1" in page.text


def test_the_list_of_an_article_that_is_not_public_names_the_tenders(admin_client, client, study):
    Article.objects.update(state=EditorialState.DRAFT)
    claim = study.claims.get(code="A02")

    ((_label, number, link),) = admin_client.get(address(Claim, "change", claim.pk)).context["matches"]

    assert number == 1
    assert link == f"/tenders/?reference={Tender.objects.get(year=2018).reference}"
    assert 'data-total="1"' in client.get(link).text


def test_a_check_shows_the_verdict_and_saves_nothing(admin_client, study, evaluated_articles):
    record_verdict_changes(Cause.CHECKED)
    evaluated_articles.clear()
    form = claim_form(study, query="/tenders/?year=2018&page=1", printed_low="2", _check="x")

    response = admin_client.post(address(Claim, "add"), form)

    assert response.context["verdict"] == "Contradicted by our records"
    assert [number for _label, number, _link in response.context["matches"]] == [1]
    assert "(not saved)" in response.text
    assert 'value="/tenders/?year=2018&amp;page=1"' in response.text
    assert study.claims.count() == 2
    assert VerdictChange.objects.count() == 2
    assert evaluated_articles == []


def test_a_check_of_a_saved_claim_does_not_change_it(admin_client, study):
    claim = study.claims.get(code="A02")
    form = claim_form(query="year=2018", is_set_size="on", printed_low="3", statement_en="Three.", _check="x")

    response = admin_client.post(address(Claim, "change", claim.pk), form)

    assert response.context["verdict"] == "Inconclusive"
    assert "Three." in response.text
    claim.refresh_from_db()
    assert (claim.printed_low, claim.statement_en) == (1, "A02")


def test_a_check_with_an_invalid_query_still_counts_the_valid_one(admin_client, study):
    form = claim_form(study, measure="share", query="yaer=2018", base_query="year=2018", _check="x")

    response = admin_client.post(address(Claim, "add"), form)

    assert list(errors(response)) == ["query"]
    assert [number for _label, number, _link in response.context["matches"]] == [1]
    assert "verdict" not in response.context


def test_a_claim_that_others_or_the_text_refer_to_is_not_deleted(admin_client, study):
    marked, read, free = study.claims.get(code="A02"), study.claims.get(code="A03"), create_claim(study, "none")
    create_claim(study, "none", code="A03r", reading_of=read)
    create_claim(study, "sum-of-claims", code="A05", printed=2, arguments={"claims": ["A02", "A03"]})
    Article.objects.update(text_en="It counts [[A02]].")

    pages = {claim: admin_client.post(address(Claim, "delete", claim.pk), {"post": "yes"}) for claim in (marked, read)}
    admin_client.post(address(Claim, "delete", free.pk), {"post": "yes"})

    assert "A02 is marked in the article’s text: remove [[A02]] there first" in pages[marked].text
    assert "A05 adds up A02" in pages[marked].text
    assert "A03r is another reading of A03" in pages[read].text
    assert set(study.claims.values_list("code", flat=True)) == {"A02", "A03", "A03r", "A05"}


def test_shipped_articles_and_claims_are_valid_in_the_admin(admin_user, all_data, rf):
    request = rf.get("/")
    request.user = admin_user

    for record in [*Article.objects.all(), *Claim.objects.select_related("article")]:
        form_class = admin.site.get_model_admin(type(record)).get_form(request, record, change=True)
        shown = form_class(instance=record)
        data = {name: shown[name].value() for name in shown.fields}
        given = {name: value for name, value in data.items() if value not in (None, False)}
        values = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
        form = form_class(MultiValueDict({**values, "change_reason": ["To see."]}), instance=record)

        assert not form.errors, record
        assert set(form.changed_data) <= {"change_reason"}, record
        assert model_to_dict(form.save(commit=False)) == model_to_dict(type(record).objects.get(pk=record.pk))


@pytest.mark.parametrize("value", ["abc", "9" * 30, "\0", "1.5"])
@pytest.mark.parametrize("name", ["article", "tender", "sources", "reading_of", "n", "printed_low", "code", "query"])
def test_no_value_of_a_claim_makes_a_500(admin_client, study, name, value):
    responses = [
        admin_client.get(address(Claim, "add"), {name: value}),
        admin_client.post(address(Claim, "add"), claim_form(study, **{name: value, "_check": "x"})),
    ]

    assert {response.status_code for response in responses} <= {200, 400}


@pytest.mark.parametrize("model", [Article, Claim])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    admin_client, study, django_assert_num_queries, django_assert_max_num_queries, model
):
    admin_client.get(address(model, "changelist"))
    with django_assert_max_num_queries(12) as few:
        admin_client.get(address(model, "changelist"))
    for _ in range(9):
        create_claim(create_article() if model is Article else study, "count", printed=1)
    with django_assert_num_queries(len(few.captured_queries)):
        admin_client.get(address(model, "changelist"))


@pytest.mark.parametrize("model", [Article, Claim])
def test_a_form_takes_as_many_queries_for_many_claims_as_for_few(
    admin_client, study, django_assert_num_queries, django_assert_max_num_queries, model
):
    page = address(model, "change", (study if model is Article else study.claims.get(code="A02")).pk)
    create_claim(study, "count", printed=1, query="year=2018")
    admin_client.get(page)
    with django_assert_max_num_queries(60) as few:
        admin_client.get(page)
    num_queries = len(few.captured_queries)
    for _ in range(9):
        create_claim(study, "count", printed=1, query="year=2018")
    admin_client.get(page)
    with django_assert_num_queries(num_queries):
        admin_client.get(page)


# Writes that change verdicts.


def year_changed_form(client, tender, **fields):
    """Return the form data of a tender with another year."""
    citations = [posted(citation) for citation in tender.citations.all()]
    form = {"title_en": tender.title_en, "year": "2018", "notes": "Typed at length."}
    form["cite_source"] = tender.citations.first().source.slug
    data = tender_form(citations=citations, initial_citations=len(citations), **{**form, **fields})
    return with_ticks(client, address(Tender, "change", tender.pk), data)


def confirm(client, page, form, response):
    """Post a form again, with the confirmation that its page asks for."""
    return client.post(page, {**form, "_confirmed_verdict_changes": response.context["dry_run"].digest}, follow=True)


def test_a_change_of_verdicts_is_shown_before_it_is_saved(admin_client, study):
    record_verdict_changes(Cause.CHECKED)
    tender = Tender.objects.get(year=2019)

    response = admin_client.post(address(Tender, "change", tender.pk), year_changed_form(admin_client, tender))

    text = re.sub(r"\s+", " ", response.text)
    assert response.status_code == 200
    assert '<a href="/articles/a-study/claims/A02/">A02</a>' in text
    assert "Matches so far → Contradicted" in text
    assert "Matches so far → Inconclusive" in text
    assert "Typed at length." in text
    assert response.context["adminform"].form["year"].value() == "2018"
    assert not response.context["errors"]
    tender.refresh_from_db()
    assert (tender.year, tender.notes) == (2019, "")
    assert VerdictChange.objects.count() == 2


def test_the_verdict_history_names_a_tender_whose_year_was_changed(admin_client, study):
    record_verdict_changes(Cause.CHECKED)
    tender = Tender.objects.get(year=2019)
    page, form = address(Tender, "change", tender.pk), year_changed_form(admin_client, tender, notes="")

    response = confirm(admin_client, page, form, admin_client.post(page, form))

    assert response.redirect_chain
    tender.refresh_from_db()
    assert tender.year == 2018
    verdict_changes = VerdictChange.objects.exclude(cause=Cause.FIRST).order_by("claim__code")
    assert [(verdict_change.claim.code, verdict_change.verdict) for verdict_change in verdict_changes] == [
        ("A02", Verdict.CONTRADICTED),
        ("A03", Verdict.UNDECIDED),
    ]
    assert {
        (verdict_change.cause, verdict_change.subject, verdict_change.details) for verdict_change in verdict_changes
    } == {("changed", tender.reference, "year")}
    claim_page = admin_client.get(address(Claim, "change", study.claims.get(code="A02").pk)).text
    assert f"{tender.reference} changed · year" in claim_page


def test_only_the_verdict_changes_that_were_shown_are_confirmed(admin_client, study):
    record_verdict_changes(Cause.CHECKED)
    tender = Tender.objects.get(year=2019)
    page, form = address(Tender, "change", tender.pk), year_changed_form(admin_client, tender)
    shown = admin_client.post(page, form)
    create_claim(study, "count", code="A09", printed=1, query="year=2019")
    record_verdict_changes(Cause.CHECKED)

    response = confirm(admin_client, page, form, shown)

    assert not response.redirect_chain
    shown_again = response.context["dry_run"].verdict_changes
    assert [verdict_change.claim.code for verdict_change, _reason in shown_again] == ["A02", "A03", "A09"]
    tender.refresh_from_db()
    assert tender.year == 2019


def test_a_write_that_changes_no_verdict_is_saved_without_confirmation(admin_client, study):
    tender = Tender.objects.get(year=2019)

    response = admin_client.post(
        address(Tender, "change", tender.pk), year_changed_form(admin_client, tender, year="2019"), follow=True
    )

    assert response.redirect_chain, response.context["errors"]
    tender.refresh_from_db()
    assert tender.notes == "Typed at length."
    assert set(VerdictChange.objects.values_list("cause", flat=True)) == {Cause.FIRST}


def test_a_dry_run_shows_no_success_messages(admin_client, study, source):
    record_verdict_changes(Cause.CHECKED)
    tender = create_tender(title_en="A third", year=2019, state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    page, form = (
        address(Tender, "change", tender.pk),
        year_changed_form(admin_client, tender, year="2019", _publish="x"),
    )

    shown = admin_client.post(page, form)
    confirmed = confirm(admin_client, page, form, shown)

    assert "was published" not in shown.text
    assert confirmed.text.count(f"{tender.reference} was published.") == 1
    verdict_change = VerdictChange.objects.get(cause=Cause.PUBLISHED)
    assert (verdict_change.claim.code, verdict_change.subject, verdict_change.details) == (
        "A03",
        tender.reference,
        "notes",
    )


def test_saving_a_draft_evaluates_no_article(admin_client, study, source, evaluated_articles):
    tender = create_tender(title_en="A third", state=EditorialState.DRAFT)
    create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    draft = create_claim(create_article(state=EditorialState.DRAFT), "count", printed=1)

    admin_client.post(address(Tender, "change", tender.pk), year_changed_form(admin_client, tender))
    admin_client.post(address(Tender, "delete", tender.pk), {"post": "yes"})
    admin_client.post(address(Claim, "change", draft.pk), claim_form(printed_low="2"))
    admin_client.post(address(Article, "add"), article_form(slug="another"))
    admin_client.post(address(Source, "add"), {"slug": "new", "title": "New", "kind": "news"})

    assert Article.objects.filter(slug="another").exists()
    assert Source.objects.filter(slug="new").exists()
    assert evaluated_articles == []


def test_a_write_evaluates_an_article_once_before_and_once_after(admin_client, study, evaluated_articles):
    tender = create_tender(title_en="Elsewhere")
    create_citation(tender, Fact.EXISTENCE, "yes", is_chosen=True)

    admin_client.post(address(Tender, "change", tender.pk), year_changed_form(admin_client, tender))

    tender.refresh_from_db()
    assert tender.year == 2018
    assert len(evaluated_articles) == 2


def act(client, model, action, *records, **data):
    data = {
        "action": action,
        "_selected_action": [record.pk for record in records],
        "reason": "As the study says.",
        **data,
    }
    return client.post(address(model, "changelist"), data, follow=True)


def test_bulk_actions_ask_before_they_change_verdicts(admin_client, study, source):
    record_verdict_changes(Cause.CHECKED)
    tenders = [create_tender(year=2019, state=EditorialState.DRAFT) for _ in range(2)]
    for tender in tenders:
        create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)

    shown = act(admin_client, Tender, "publish_selected", *tenders)
    assert "Matches so far → Contradicted" in re.sub(r"\s+", " ", shown.text)
    assert not Tender.objects.filter(state=EditorialState.PUBLISHED, pk__in=[tender.pk for tender in tenders]).exists()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text)
    data = {name: [value for other, value in hidden if other == name] for name, _value in hidden}
    confirmed = admin_client.post(address(Tender, "changelist"), data, follow=True)

    assert all(f"{tender.reference} was published." in confirmed.text for tender in tenders)
    verdict_change = VerdictChange.objects.get(cause=Cause.PUBLISHED)
    assert set(verdict_change.subject.split(", ")) == {tender.reference for tender in tenders}


def test_withdrawing_in_bulk_asks_before_it_changes_verdicts(admin_client, study):
    record_verdict_changes(Cause.CHECKED)
    tender = Tender.objects.get(year=2018)

    shown = act(admin_client, Tender, "withdraw_selected", tender)
    confirmed = act(
        admin_client, Tender, "withdraw_selected", tender, _confirmed_verdict_changes=shown.context["dry_run"].digest
    )

    assert "was withdrawn" not in shown.text
    assert f"{tender.reference} was withdrawn." in confirmed.text
    assert VerdictChange.objects.get(cause=Cause.WITHDRAWN).subject == tender.reference


def test_deleting_the_size_of_a_set_asks_and_is_in_the_verdict_history(admin_client, study):
    create_claim(study, "count", code="A09", printed=3, query="article=a-study")
    record_verdict_changes(Cause.CHECKED)
    size = study.claims.get(code="A02")

    shown = admin_client.post(address(Claim, "delete", size.pk), {"post": "yes"})
    assert study.claims.count() == 3
    confirmed = confirm(admin_client, address(Claim, "delete", size.pk), {"post": "yes"}, shown)

    assert confirmed.redirect_chain
    assert study.claims.count() == 2
    assert set(VerdictChange.objects.filter(cause=Cause.DELETED).values_list("subject", flat=True)) == {"A02"}


def save_and_confirm(client, model, record, form):
    """Save a form, confirm its verdict changes, and return these as (subject, details)."""
    page = address(model, "change", record.pk)
    response = client.post(page, form)
    if response.status_code == 200:
        assert response.context["dry_run"].verdict_changes, response.context["errors"]
        response = confirm(client, page, form, response)
    return list(
        VerdictChange.objects.exclude(cause=Cause.FIRST).order_by("claim__code").values_list("subject", "details")
    )


def test_the_verdict_history_names_an_institution(admin_client, study):
    buyer = create_institution(name_en="A bureau", kind="hospital")
    tender = Tender.objects.get(year=2018)
    Tender.objects.filter(pk=tender.pk).update(buyer=buyer)
    create_claim(study, "count", code="A09", printed=1, query="year=2018&institution_kind=hospital")
    record_verdict_changes(Cause.CHECKED)
    form = {"name_en": "A bureau", "name_en_status": "sourced", "kind": "customs", **formset("citations")}
    form |= {"change_reason": "As the source says.", "cite_source": create_source().slug}
    offer, _ticked = offered(admin_client.post(address(Institution, "change", buyer.pk), form))
    form |= {"cite_offered": offer, "cite_facts": offer}

    assert save_and_confirm(admin_client, Institution, buyer, form) == [(buyer.reference, "kind")]


def test_the_verdict_history_names_a_changed_award(admin_client, study):
    tender = Tender.objects.get(year=2018)
    create_claim(study, "largest-award", code="A09", printed=5, unit="yuan", query="year=2018")
    create_award(tender, amount=5)
    record_verdict_changes(Cause.CHECKED)
    award = tender.awards.get()
    row = {"id": award.pk, "number": 1, "amount": "7", "amount_qualifier": "exact"}
    form = year_changed_form(admin_client, tender, notes="", awards=[row], initial_awards=1)

    assert save_and_confirm(admin_client, Tender, tender, form) == [
        (tender.reference, f"award changed ({tender.reference} · 1): amount (yuan)")
    ]


def test_the_verdict_history_names_a_source(admin_client, study, source):
    other = create_source(slug="a-notice", kind="official-notice")
    for tender in Tender.objects.all():
        create_citation(tender, Fact.EXISTENCE, "yes", source=other)
        create_citation(tender, Fact.YEAR, str(tender.year), source=other, is_chosen=True)
    record_verdict_changes(Cause.CHECKED)
    form = {"slug": "a-notice", "title": "a-notice", "kind": "official-notice", "version_of": source.pk}

    assert save_and_confirm(admin_client, Source, other, form) == [("a-notice", "version of")] * 2


def test_the_verdict_history_names_a_category_and_a_region(admin_client, study):
    above, below = create_category("government"), create_category("taxation")
    region = create_region("CN-BJ")
    Tender.objects.filter(year=2018).update(category=below, category_basis="stated", region=region)
    create_claim(study, "count", code="A08", printed=0, query="year=2018&category=government")
    create_claim(study, "count", code="A09", printed=1, query="year=2018&region=CN-BJ")
    record_verdict_changes(Cause.CHECKED)

    def names(record):
        return {"name_en": record.name_en, "name_zh": record.name_zh}

    form = {"slug": "taxation", "parent": above.pk, "position": 0, "name_zh_status": "", **names(below)}
    assert save_and_confirm(admin_client, Category, below, form) == [("taxation", "parent")]
    form = {"code": "CN-SH", "kind": "province", **names(region)}
    assert save_and_confirm(admin_client, Region, region, form)[1:] == [("CN-SH", "code")]


def test_the_verdict_history_names_an_article_and_its_inferred_tender(admin_client, study, source):
    record_verdict_changes(Cause.CHECKED)
    inferred = create_tender(year=2018, title_en="Inferred")
    form = study_form(inclusions=[{"tender": inferred.pk, "reason": "It is named."}])

    ((subject, details),) = save_and_confirm(admin_client, Article, study, form)

    assert subject == "a-study"
    assert details.startswith("tender counted by an article, inferred added")


def test_the_verdict_history_names_a_claim(admin_client, study):
    claim = create_claim(study, "count", code="A09", printed=1, query="article=a-study&year=2018")
    record_verdict_changes(Cause.CHECKED)

    form = claim_form(statement_en="A09", query=claim.query, printed_low="2")
    assert save_and_confirm(admin_client, Claim, claim, form) == [("A09", "from")]


def test_a_tracked_write_inside_another_belongs_to_it(study):
    record_verdict_changes(Cause.CHECKED)

    with track_verdicts(Cause.CHANGED, "TW-1", "year") as outer:
        Tender.objects.filter(year=2019).update(certainty=Certainty.LOW)
        with track_verdicts(Cause.PUBLISHED, "TW-1") as inner:
            Tender.objects.filter(year=2018).update(year=2019)

    assert inner is outer
    assert set(VerdictChange.objects.exclude(cause=Cause.FIRST).values_list("cause", "subject", "details")) == {
        ("changed", "TW-1", "year")
    }
