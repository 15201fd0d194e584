"""The living articles: what the shipped one must show, its pages, and what changes when a record does."""

import json
import re

import pytest
from django.core.management import call_command
from django.http import QueryDict

from tenders.choices import Cause, EditorialState
from tenders.claims.evaluation import evaluate, over_all_tenders
from tenders.claims.sets import ArticleSet
from tenders.claims.verdict_history import record_verdict_changes
from tenders.filters import TenderFilter
from tenders.models import Article, Citation, Claim, Inclusion, Institution, Tender, VerdictChange
from tests.factories import create_article, create_citation, create_claim, create_source, create_tender
from tests.test_crawl import Links

ARTICLE = "/articles/interchain-pulse-2019/"


def checked(capsys, *arguments):
    """Return what ``check_claims`` says of each claim, by its code."""
    capsys.readouterr()
    call_command("check_claims", "--format", "json", *arguments)
    return {row["code"]: row for row in json.loads(capsys.readouterr().out)}


# What the shipped article must show.

EXPECTED = {
    "A02": ("undecided", 10, 10, 14),
    "A12": ("agrees", 3, 3, 7),
    "A17": ("undecided", 3, 3, 11),
    "A45": ("contradicted", 8595000, 8595000, 8595000),
    "A46": ("confirmed", 8595000, 8595000, None),
    "A08c": ("undecided", 0, 0, 14),
    "A27": ("undecided", 3.5, 0.6, 15),
    "A27r": ("contradicted", 1.5, 0.22, 5.5),
}


def test_the_verdicts_of_the_article(article_data, capsys):
    claims = checked(capsys, "--article", "interchain-pulse-2019")

    assert len(claims) == 87
    for code, expected in EXPECTED.items():
        found = claims[code]
        assert (found["verdict"], found["recorded"], found["low"], found["high"]) == expected, code
    for code in ("A45", "A46"):
        assert "(unofficial copy)" in claims[code]["reason"]
    for code in ("A13", "A51"):
        assert claims[code]["verdict"] == "agrees"
        assert "only the article says so" in claims[code]["reason"]
    assert claims["A17"]["reason"] == (
        "The article counts 8; our records have 3, and up to 8 more are possible: "
        "4 recorded tenders have no sufficiently specific category and 4 are not identified."
    )


def test_recorded_counts_are_the_length_of_their_lists(article_data, capsys):
    for claim in checked(capsys).values():
        if claim["measure"] == "count":
            assert TenderFilter(QueryDict(claim["query"])).qs.count() == claim["recorded"], claim["code"]


def test_moving_a_tender_to_another_year_changes_all_that_depends_on_it_at_once(article_data, client, capsys):
    before = checked(capsys)
    tender = Tender.objects.get(title_en__startswith="Rongcheng")

    Tender.objects.filter(pk=tender.pk).update(year=2018)

    page = client.get(ARTICLE).text
    with pytest.raises(Exception, match="have changed"):
        call_command("check_claims", "--format", "json")
    after = {row["code"]: row for row in json.loads(capsys.readouterr().out)}
    changed = {code for code in before if before[code] != after[code]}
    assert {"A02", "A03", "A05", "A17", "A20", "A26", "A27", "A27r", "A28"} <= changed
    assert not {"A01", "A04", "A45", "A49"} & changed
    assert (after["A02"]["recorded"], after["A03"]["recorded"]) == (11, 23)
    assert (after["A28"]["verdict"], before["A28"]["verdict"]) == ("contradicted", "agrees")
    assert 'data-count="11">11</a>' in page


# The page of an article.


def test_the_article_reads_with_its_figures_in_place(article_data, client):
    page = client.get(ARTICLE).text

    assert "[[A" not in page
    for number, heading in enumerate(("Who bought", "What was bought", "Who won", "What the text gets wrong"), start=1):
        assert f'<h2 id="part-{number}">{heading}</h2>' in page
        assert f'<a href="#part-{number}" lang="en">{heading}</a>' in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page[page.index("<article") : page.index("</article>")]))
    assert "8,995,000 yuanContradicted by another source" in text
    assert "our records: 7 of 7 (100" in text


def test_coverage_and_what_is_still_missing(article_data, client):
    response = client.get(ARTICLE)

    coverage = response.context["coverage"]
    assert coverage["counts"] == 45
    assert [coverage[name].number for name in ("recorded", "doubtful", "amounts")] == [34, 1, 4]
    found = {
        year["residual"].year: (
            [row["margin"].rest for row in year["rows"]],
            year["residual"].rest,
            year["residual"].num_unidentified,
            year["unfiled"].number,
        )
        for year in response.context["residuals"]
    }
    assert found == {2018: ([5, 2, 1], 8, 4, 4), 2019: ([15, 6, 2], 23, 7, 16)}
    assert "cannot all be right" not in response.text


def test_impossible_margins_are_flagged(article_data, client):
    Claim.objects.filter(code="A17").update(printed_low=2, printed_high=2)

    response = client.get(ARTICLE)

    assert response.text.count("cannot all be right") == 1
    assert "impossible" in response.text


def test_claims_by_verdict(article_data, client):
    links = Links(client.get(ARTICLE).text)
    counts = {link: number for link, number in links.counts if "?verdict=" in link}

    assert sum(counts.values()) >= 72
    for link, number in counts.items():
        page = client.get(link)
        assert Links(page.text).total == number
        (group,) = page.context["groups"]
        assert len(group["figures"]) == number
        assert f"verdict={group['code']}" in link


def test_a_mark_in_a_link_or_in_code_stays_as_it_is(db, client):
    article = create_article(text_en="[see [[A01]]](/tenders/) and `[[A01]]`")
    create_claim(article, "count", code="A01", printed=3, query=f"article={article.slug}")

    page = client.get(article.get_absolute_url()).text

    assert page.count("[[A01]]") == 2


def test_a_verdict_that_is_none_is_refused(article_data, client):
    response = client.get(f"{ARTICLE}?verdict=maybe", headers={"accept": "text/html"})

    assert response.status_code == 400
    assert "not-checkable" in response.text
    assert client.get(f"{ARTICLE}?verdict=agrees&verdict=undecided").status_code == 400
    assert client.get(f"{ARTICLE}?utm_source=letter").status_code == 200


def test_no_claim_of_a_verdict(db, client):
    article = create_article()

    assert (
        "No claim of this article has this verdict today"
        in client.get(f"/articles/{article.slug}/?verdict=agrees").text
    )


def test_the_article_in_chinese(article_data, client):
    page = client.get(f"/zh-hans{ARTICLE}").text

    assert '<article class="prose living" lang="zh-Hans">' in page
    assert "[[A" not in page
    assert "/zh-hans/tenders/?article=interchain-pulse-2019" in page


def test_what_editors_write_is_escaped(db, client):
    article = create_article(text_en="## A\n\n<b>bold</b> [[A01]] [[Z99]]")
    create_claim(article, "count", code="A01", printed=3, query=f"article={article.slug}", statement_en="<i>x</i>")

    page = client.get(article.get_absolute_url()).text

    assert "<b>bold" not in page
    assert "<i>" not in page
    assert "[[Z99]]" in page


def test_what_is_not_public(db, client):
    draft = create_article(state=EditorialState.DRAFT)
    withdrawn = create_article(state=EditorialState.WITHDRAWN)
    for article in (draft, withdrawn):
        create_claim(article, "count", code="A01", printed=3, query=f"article={article.slug}")

    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(withdrawn.get_absolute_url()).status_code == 410
    assert client.get("/articles/none/").status_code == 404
    assert client.get(f"{draft.get_absolute_url()}claims/A01/").status_code == 404
    assert client.get(f"{withdrawn.get_absolute_url()}claims/A01/").status_code == 410
    for article in (draft, withdrawn):
        assert article.slug not in client.get("/articles/").text
        assert article.slug not in client.get("/articles/compare/").text
        assert client.get(f"/tenders/?article={article.slug}").status_code == 400
        assert article.slug not in client.get("/sitemap-claims.xml").text + client.get("/sitemap-articles.xml").text


def test_a_tender_names_the_articles_that_count_it(db, client):
    source = create_source()
    cites, infers, draft = create_article(sources=[source]), create_article(), create_article(state="draft")
    tender = create_tender()
    create_citation(tender, "existence", "yes", source=source)
    Inclusion.objects.create(article=infers, tender=tender, reason="No other is known.")
    Inclusion.objects.create(article=draft, tender=tender, reason="A secret.")

    page = client.get(tender.get_absolute_url()).text

    assert cites.get_absolute_url() in page
    assert infers.get_absolute_url() in page
    assert "No other is known." in page
    assert "secret" not in page
    assert "No other is known." in client.get(infers.get_absolute_url()).text


# A claim.


def test_a_claim_shows_what_it_rests_on(article_data, client):
    page = client.get(f"{ARTICLE}claims/A17/").text

    assert "between 3 and 11: the range of possible values; not an estimate, not a margin of error" in page
    assert "<svg" in page
    counts = [number for _link, number in Links(page).counts]
    assert counts[:3] == [10, 3, 4]  # of the sentence at the top
    assert counts[3:7] == [3, 3, 3, 4]


def test_a_chinese_claim_is_punctuated_as_chinese_is(article_data, client):
    page = client.get(f"/zh-hans{ARTICLE}claims/A07/").text

    assert "<title>A07：" in page
    assert (
        '<meta name="description" content="目前相符。已查明的34个2018年和2019年采购项目中，13个采购地区为北京，' in page
    )
    assert "文章称第 1 位，本站记录为第 1 位。" in page
    assert "第 1 位至第 2 位：这是" in page
    sentence = re.search(r"<p>在本站全部记录中.*?</p>", page, re.DOTALL)[0]
    assert re.sub("<[^>]+>", "", sentence).endswith("今天的结果：第 1 位。项目数：13、34")


def test_every_claim_has_a_page(article_data, client):
    for claim in Claim.objects.select_related("article"):
        response = client.get(claim.get_absolute_url())
        assert response.status_code == 200
        assert response.context["figure"]["reason"].endswith(".")


def test_other_readings_lead_to_each_other(article_data, client):
    for one, other in (("A27", "A27r"), ("A27r", "A27"), ("A45", "A45r")):
        assert f"{ARTICLE}claims/{other}/" in client.get(f"{ARTICLE}claims/{one}/").text


def test_the_same_figure_over_the_whole_database(all_data, client):
    words, ((number, *_rest),) = (
        client.get(f"{ARTICLE}claims/A46/").context["over_all_tenders"][0],
        [[part.number for part in client.get(f"{ARTICLE}claims/A01/").context["over_all_tenders"][1]]],
    )

    assert words == "8,595,000 yuan"
    assert number == Tender.objects.published().filter(year__in=[2018, 2019]).count()


def test_over_the_whole_database_is_over_the_article_where_there_is_nothing_else(article_data):
    article = Article.objects.get(slug="interchain-pulse-2019")
    found, claims = ArticleSet(article), 0
    for claim in found.claims:
        if (whole := over_all_tenders(claim)) is not None:
            assert whole.recorded == evaluate(claim, found).recorded, claim.code
            claims += 1
    assert claims > 50


def test_history_names_the_cause_of_a_changed_verdict(article_data, client):
    record_verdict_changes(Cause.CHECKED)
    claim = Claim.objects.get(code="A12")
    VerdictChange.objects.create(
        claim=claim,
        changed_at="2030-01-02T03:04:00Z",
        verdict="contradicted",
        cause="changed",
        subject="TW-N9GRJT",
        details="year",
    )
    withdrawn = create_tender(state=EditorialState.WITHDRAWN)
    VerdictChange.objects.create(
        claim=claim, changed_at="2030-01-03T03:04:00Z", verdict="agrees", cause="withdrawn", subject=withdrawn.reference
    )

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", client.get(claim.get_absolute_url()).text))

    assert "2030-01-03 11:04 Matches so far A record withdrawn" in page
    assert "2030-01-02 11:04 Contradicted TW-N9GRJT changed: year" in page
    assert withdrawn.reference not in page
    assert "first judged" in page


def test_a_claim_about_what_was_withdrawn_does_not_fail(article_data, client, capsys):
    Institution.objects.update(state=EditorialState.WITHDRAWN)
    Tender.objects.filter(title_en__contains="big data").update(state=EditorialState.WITHDRAWN)

    claims = checked(capsys)

    assert claims["A12"]["verdict"] == "not-checkable"
    assert "There is no record with this reference" in claims["A12"]["reason"]
    assert claims["A45"]["verdict"] == "undecided"
    assert client.get(ARTICLE).status_code == 200
    assert client.get(f"{ARTICLE}claims/A12/").status_code == 200
    assert "big data" not in client.get(f"{ARTICLE}claims/A46/").text.partition("<h1>")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("measure", "fields"),
    [
        ("guess", {}),
        ("count", {"arguments": []}),
        ("count", {"query": "article=study&year=18"}),
        ("count", {"query": "article=another"}),
        ("nth-award", {"arguments": {"n": 0}}),
        ("nth-award", {"arguments": {"n": "2"}}),
        ("rank", {"arguments": {"facet": ["region"], "value": {"a": 1}}}),
        ("rank", {"arguments": {"facet": "region", "value": "CN-BJ", "among": [["CN-BJ", "CN-BJ"], {}]}}),
        ("rank", {"arguments": {"facet": "category", "value": "nothing"}}),
        ("sum-of-claims", {"arguments": {"claims": [["A01"], {}], "total": 3}}),
        ("fact", {"arguments": {"fact": "founded"}}),
        ("amount", {}),
        ("ratio", {}),
    ],
)
def test_a_claim_that_cannot_be_read_says_why(db, client, measure, fields):
    article = create_article("study", text_en="[[B01]]")
    claim = create_claim(article, measure, code="B01", printed=1, **fields)

    response = client.get(claim.get_absolute_url())

    assert response.status_code == client.get(article.get_absolute_url()).status_code == 200
    if fields != {"arguments": []}:
        assert response.context["figure"]["verdict"] == "not-checkable"
        assert (
            response.context["figure"]["reason"]
            == "We can no longer read what this claim asks for; an editor has to look at it."
        )


# Side by side.


def test_studies_side_by_side(all_data, client):
    context = client.get("/articles/compare/").context
    printed = {
        row["year"]: sorted(figure["printed"] for _publisher, figure in row["cells"] if figure is not None)
        for row in context["rows"]
    }

    assert printed[2018] == ["14", "9"]
    assert printed[2019] == ["28", "31"]
    assert all(article.scope for article in context["articles"])


# How much is asked of the database.


def test_an_article_takes_a_bounded_number_of_statements(article_data, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        assert client.get(ARTICLE).status_code == 200
    with django_assert_max_num_queries(5):
        assert client.get(ARTICLE).status_code == 200
    with django_assert_max_num_queries(40):
        assert client.get(f"{ARTICLE}claims/A07/").status_code == 200


def test_more_claims_take_no_more_statements(article_data, client, django_assert_max_num_queries):
    article = Article.objects.get(slug="interchain-pulse-2019")
    buyers = Institution.objects.values_list("reference", flat=True)
    for number, buyer in enumerate(buyers, start=200):
        query = f"article={article.slug}&institution={buyer}"
        create_claim(article, "count", code=f"B{number}", printed=1, query=query)

    with django_assert_max_num_queries(38):
        assert client.get(ARTICLE).status_code == 200


def test_nothing_is_older_than_the_last_write(article_data, client):
    def recorded():
        return next(f for g in client.get(ARTICLE).context["groups"] for f in g["figures"] if f["code"] == "A02")[
            "recorded"
        ]

    assert recorded() == "10"
    Citation.objects.filter(fact="existence", tender__year=2018).first().delete()
    assert recorded() == "9"
