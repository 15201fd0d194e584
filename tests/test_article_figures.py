"""The figures of articles: their marks, the sentence that a claim's page begins with, the text with our figures."""

import re
from html.parser import HTMLParser

import pytest
from django.http import QueryDict
from django.utils import translation

from tenders.choices import Cause, Finding, Verdict
from tenders.claims.evaluation import Evaluation, evaluate_article
from tenders.claims.queries import claims_of
from tenders.claims.sentences import summary
from tenders.claims.verdict_history import record_verdict_changes
from tenders.claims.wording import NUMBER, Names
from tenders.filters import TenderFilter
from tenders.models import Article, Claim, VerdictChange
from tests.factories import create_article, create_claim

ARTICLE = "/articles/interchain-pulse-2019/"
PREFIXES = {"en": "", "zh-hans": "/zh-hans"}
VOID = {"br", "hr", "input", "link", "meta"}
VERDICT = r'<span class="verdict ([a-z-]+) ([a-z-]+)">([^<]*)</span>'


def address(record, language):
    """Return the address of a record in a language."""
    with translation.override(language):
        return record.get_absolute_url()


in_both_languages = pytest.mark.parametrize("language", PREFIXES)


class Text(HTMLParser):
    """The texts of an article that a reader sees, each with the classes of the elements around it."""

    def __init__(self, page):
        super().__init__()
        self.texts, self._open = [], []
        self.feed(page[page.index("<article") : page.index("</article>")])

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self._open.append({tag, *(dict(attrs).get("class") or "").split()})

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        around = set().union(*self._open)
        if not around & {"visually-hidden", "note", "ours"}:
            self.texts.append((re.sub(r"\s", "", data), around))


# Marks.


@in_both_languages
def test_a_mark_says_the_same_as_the_page_of_its_claim(shipped_pages, language):
    articles = {}
    for article in Article.objects.all():
        page = shipped_pages.get(address(article, language)).text
        marks = re.findall(
            r'<span class="figure [^>]*>((?:(?!popover>).)*?)popover>(.*?)</a>\s*</span>', page, re.DOTALL
        )
        rows = {
            re.search(r'<span class="reference">(.*?)</span>', row)[1]: row
            for row in re.findall(r'<tr>(?:(?!<tr>).)*?<span class="reference">.*?</tr>', page, re.DOTALL)
        }
        articles[article.pk] = marks, rows
    for claim in Claim.objects.all():
        marks, rows = articles[claim.article_id]
        page = shipped_pages.get(address(claim, language)).text
        box = re.search(rf'<h2 id="verdict">{VERDICT}\s*</h2>\s*<p class="strength"><b>[^<]*</b>[^<]+</p>', page)
        verdict, finding, label = box.groups()
        with translation.override(language):
            assert label == str(Finding(finding).label)
        assert re.search(VERDICT, rows[claim.code]).groups() == (verdict, finding, label), claim.code
        for before, note in marks:
            if f'/claims/{claim.code}/"' in note:
                assert f'class="verdict {verdict} {finding}"' in before
                assert f">{label}</span></button>" in before
                assert re.search(VERDICT, note).groups() == (verdict, finding, label)


@in_both_languages
def test_less_than_a_tenth_of_an_article_are_marks(shipped_pages, language):
    texts = Text(shipped_pages.get(PREFIXES[language] + ARTICLE).text).texts

    marks = sum(len(text) for text, around in texts if around & {"verdict"})
    assert 0 < marks < sum(len(text) for text, _around in texts) / 10
    assert {frozenset(around & set(Verdict)) for text, around in texts if text and "verdict" in around} == {
        frozenset({"contradicted"}),
        frozenset({"undecided"}),
    }


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"verdict": Verdict.AGREES}, "so-far"),
        ({"verdict": Verdict.AGREES, "rests_on": 3}, "few-records"),
        ({"verdict": Verdict.AGREES, "rests_on": 4}, "so-far"),
        ({"verdict": Verdict.AGREES, "is_settled": True, "rests_on": 3}, "article-only"),
        ({"verdict": Verdict.AGREES, "is_of_text": True}, "adds-up"),
        ({"verdict": Verdict.CONFIRMED, "is_settled": True}, "confirmed"),
        ({"verdict": Verdict.UNDECIDED}, "inconclusive"),
        ({"verdict": Verdict.CONTRADICTED, "contradicts_itself": True}, "contradicts-itself"),
        ({"verdict": Verdict.CONTRADICTED, "corroborating_sources": ("a source",)}, "contradicted-by-source"),
        ({"verdict": Verdict.CONTRADICTED}, "contradicted-by-records"),
        ({"verdict": Verdict.NOT_CHECKABLE}, "not-checkable"),
    ],
)
def test_a_finding_is_the_verdict_with_what_it_rests_on(fields, finding):
    assert Evaluation("A1", **fields).finding == finding


def test_only_what_another_source_says_is_green_and_a_match_is_never_more_than_a_match():
    weak = {Finding.SO_FAR, Finding.FEW_RECORDS, Finding.ARTICLE_ONLY}

    assert all("confirmed" not in str(finding.label).lower() for finding in weak)
    assert str(Verdict.AGREES.label) == "Matches so far"


# The sentence that a claim's page begins with.


def test_the_sentence_about_small_firms(shipped_pages):
    page = shipped_pages.get(f"{ARTICLE}claims/A39/").text
    sentence = re.search(r'<h1>.*?</h1>\s*<p class="summary">(.*?)</p>', page, re.DOTALL)[1]

    assert re.sub("<[^>]*>", "", sentence) == (
        "Of 34 identified tenders of 2018 and 2019, 2 were won by a small or micro firm and 1 by a large firm; "
        "of 31 the size of the winner is unknown."
    )
    assert [int(number) for number in re.findall('data-count="([0-9]+)"', sentence)] == [34, 2, 1, 31]


@in_both_languages
def test_every_claim_begins_with_a_sentence(shipped_pages, language):
    for claim in Claim.objects.select_related("article"):
        page = shipped_pages.get(address(claim, language)).text
        sentence = re.search(r'</h1>\s*<p class="summary">(.*?)</p>', page, re.DOTALL)[1]
        text = re.sub("<[^>]*>", "", sentence).strip()

        assert text.endswith("。" if language == "zh-hans" else "."), claim.code
        assert "%(" not in text
        assert "  " not in text
        assert not NUMBER.search(text)


@pytest.mark.parametrize("language", PREFIXES)
def test_each_number_of_a_sentence_counts_the_tenders_of_its_list(all_data, language):
    with translation.override(language):
        number = 0
        for article in Article.objects.published():
            evaluations = evaluate_article(article)
            names = Names(evaluations.values())
            for claim in claims_of(article):
                text, tallies = summary(claim, evaluations[claim.code], names)
                shown = {tallies[int(place)] for place in NUMBER.findall(text)}
                assert all(tally.number == 0 for tally in set(tallies) - shown), claim.code
                for tally in shown:
                    assert len(set(tally.references)) == tally.number
                    if tally.address:
                        found = TenderFilter(QueryDict(tally.address)).qs.values_list("reference", flat=True)
                        assert set(found) == set(tally.references), (claim.code, tally.address)
                        number += 1
        assert number > 100


@pytest.mark.parametrize(
    ("code", "known", "unknown"),
    [("A17", 3, 4), ("A20", 7, 16), ("A07r", 13, 2), ("A53", 1, 31), ("A14", 2, 3)],
)
def test_known_and_unknown_tenders_are_never_more_than_all(article_data, code, known, unknown):
    article = Article.objects.get(slug="interchain-pulse-2019")
    evaluations = evaluate_article(article)
    (claim,) = [claim for claim in claims_of(article) if claim.code == code]

    text, tallies = summary(claim, evaluations[code], Names(evaluations.values()))

    numbers = [tallies[int(place)].number for place in NUMBER.findall(text)]
    assert numbers[1:] == [known, unknown]
    assert known + unknown <= numbers[0]


# The article as it would read today.


def differences(page):
    """Return the differences of a page as {number: (printed, today)}, and what the list below says of each."""
    text = page[page.index("<article") : page.index("</article>")]
    inline = re.findall(r"<del>(.*?)</del>\s*<ins>(.*?)</ins><sup>.*?>([0-9]+)</a></sup>", text, re.DOTALL)
    plain = [
        [re.sub("<[^>]*>", "", re.sub(r"<span.*?</span>", "", part, flags=re.DOTALL)).strip() for part in found]
        for found in inline
    ]
    return {int(number): (printed, today) for printed, today, number in plain}, page[page.index("</article>") :]


def test_the_text_with_our_figures(shipped_pages):
    page = shipped_pages.get(f"{ARTICLE}?view=today").text
    found, below = differences(page)

    changes = list(found.values())
    assert changes[:4] == [
        ("45", "between 33 and 45"),
        ("14", "between 10 and 14"),
        ("31", "between 23 and 31"),
        ("more than 2 times", "2.4 times"),
    ]
    assert ("8,995,000 yuan", "8,595,000 yuan") in changes
    assert ("6 times", "1.5 times") in changes
    assert ("54.54\N{NO-BREAK SPACE}%", "between 20 and 100\N{NO-BREAK SPACE}%") in changes
    assert all(printed != today for printed, today in changes)
    assert re.search(r"/claims/A06/[^>]*>9</a>\s*<a[^>]*not-checkable[^>]*>Not checkable</a>", page)
    assert list(found) == list(range(1, len(found) + 1))
    for number in found:
        assert f'id="difference-{number}"' in page
        assert f'<li id="change-{number}">' in below
    assert f"{len(found)} figures differ" in below
    assert "[[" not in page


def test_what_agrees_and_what_is_undecided_reads_by_the_records(all_data, client):
    """An oracle in plain Python: of printed numbers of tenders, those that agree stay, the others are the limits."""
    article = Article.objects.get(slug="interchain-pulse-2019")
    page = client.get(f"{ARTICLE}?view=today").text
    text = page[page.index("<article") : page.index("</article>")]
    evaluations, tried = evaluate_article(article), 0

    for claim in article.claims.filter(measure="count", printed_as="exactly"):
        links = re.findall(rf'<(\w+)>(?:<span[^>]*>[^<]*</span>)?<a[^>]*claims/{claim.code}/"[^>]*>([^<]*)</a>', text)
        evaluation = evaluations[claim.code]
        if evaluation.verdict == Verdict.UNDECIDED:
            assert ("ins", f"between {evaluation.low} and {evaluation.high}") in links, claim.code
        else:
            assert evaluation.recorded == claim.printed_low
            assert links == [], claim.code
        tried += 1
    assert tried > 10


def test_each_difference_names_the_change_that_caused_it(article_data, client):
    record_verdict_changes(Cause.CHECKED)
    claim = Claim.objects.get(code="A45")
    VerdictChange.objects.create(
        claim=claim, changed_at="2030-01-02T03:04:00Z", verdict="contradicted", cause="changed", subject="TW-N9GRJT"
    )

    _found, below = differences(client.get(f"{ARTICLE}?view=today").text)

    entries = re.findall(r'<li id="change-.*?</li>', below, re.DOTALL)
    (entry,) = [entry for entry in entries if f"{claim.get_absolute_url()}#history" in entry]
    assert 'href="/tenders/TW-N9GRJT/#history"' in entry
    assert "2030-01-02" in entry
    assert all("#history" in other for other in entries)


def test_the_cause_of_a_difference_names_no_hidden_record(article_data, client):
    VerdictChange.objects.create(
        claim=Claim.objects.get(code="A45"),
        changed_at="2030-01-02T03:04:00Z",
        verdict="contradicted",
        cause="changed",
        subject="TW-222222",
    )

    assert "TW-222222" not in client.get(f"{ARTICLE}?view=today").text


def test_an_article_of_which_nothing_differs(db, client):
    article = create_article(text_en="It counts [[A01]].")
    create_claim(article, "none", code="A01", printed=3)

    page = client.get(f"{article.get_absolute_url()}?view=today").text

    assert "Every figure of the text is still as in the article." in page
    assert "We have written no text" in client.get(f"{create_article().get_absolute_url()}?view=today").text


@pytest.mark.parametrize(
    ("query", "status"),
    [("view=printed", 200), ("view=tomorrow", 400), ("view=today&view=today", 400), ("view=today&verdict=agrees", 400)],
)
def test_the_parameters_of_an_article(article_data, client, query, status):
    assert client.get(f"{ARTICLE}?{query}", headers={"accept": "text/html"}).status_code == status


def test_a_view_takes_a_bounded_number_of_statements(article_data, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        assert client.get(f"{ARTICLE}?view=today").status_code == 200
    with django_assert_max_num_queries(5):
        assert client.get(f"{ARTICLE}?view=today").status_code == 200
