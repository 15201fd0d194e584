"""The page of a record leads with what sources disagree on, and folds what no source states."""

import html
import re
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tenders.charts.disputes import LETTER_WIDTH, amount_line
from tenders.choices import Fact
from tenders.models import Citation, Company, Institution, Tender
from tenders.models.sources import disputed
from tests.factories import create_award, create_citation, create_company, create_source, create_tender

DISPUTE = re.compile(r'<section class="dispute" aria-labelledby="dispute-([\w-]+)">(.*?)</section>', re.DOTALL)
amounts = st.decimals(0, 10**12, places=2).map(lambda amount: f"{amount.normalize():f}")
statements = st.lists(st.tuples(st.sampled_from(["", ">"]), amounts).map("".join), min_size=1, max_size=6)


def anchor(award_id, fact, awards):
    return f"award-{awards[award_id]}-{fact}" if award_id else fact


def page_of(record, pages, prefix=""):
    with override("en"):  # an earlier page in Chinese has set the language
        return pages.get(f"{prefix}{record.get_absolute_url()}").text


def written(text):
    """Return a canonical amount as the drawing labels it in English."""
    return f"more than {int(text[1:]):,}" if text.startswith(">") else f"{int(text):,}"


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_a_page_leads_with_the_disputes_that_citations_have(shipped_pages, prefix):
    num_disputes = 0
    for model in (Tender, Institution, Company):
        for record in model.objects.published().prefetch_related("citations"):
            text = page_of(record, shipped_pages, prefix)
            awards = {award.pk: award.number for award in record.awards.all()} if model is Tender else {}
            expected = {anchor(award_id, fact, awards) for award_id, fact in disputed(record.citations.all())}
            num_disputes += len(expected)

            assert {name for name, _section in DISPUTE.findall(text)} == expected, record.reference
            if expected:
                assert text.index('class="dispute"') < text.index('class="facts"')
    assert num_disputes == 3


def test_a_dispute_shows_every_statement_with_its_source_and_draws_every_amount(shipped_pages):
    num_drawn = 0
    for tender in Tender.objects.published().prefetch_related("citations__source"):
        text = page_of(tender, shipped_pages)
        awards = {award.pk: award.number for award in tender.awards.all()}
        for (award_id, fact), section in zip(
            sorted(disputed(tender.citations.all()), key=str), DISPUTE.findall(text), strict=True
        ):
            stated = tender.citations.filter(award=award_id, fact=fact)
            assert section[0] == anchor(award_id, fact, awards)
            shown = html.unescape(section[1])
            assert shown.count('<span class="statement">') == len(stated)
            for citation in stated:
                assert citation.stated in shown
                assert citation.reason in shown
                assert citation.source.title in shown
            values = {citation.value for citation in stated}
            drawn = re.findall(r"<text[^>]*>(?:✓ )?([^<]+)</text>", shown)
            if fact != Fact.AWARD_AMOUNT:
                assert "<svg" not in shown
                continue
            num_drawn += 1
            assert sorted(drawn) == sorted(map(written, values))
            assert shown.count('class="open-end"') == sum(value.startswith(">") for value in values)
    assert num_drawn == 2


@given(statements, st.data())
def test_marks_are_the_stated_amounts_in_their_order(texts, data):
    chosen = data.draw(st.sampled_from([*texts, ""]))

    line = amount_line(texts, chosen)

    assert {mark.text for mark in line.marks} == set(texts)
    assert len(line.marks) == len(set(texts))
    assert [mark.text for mark in line.marks if mark.is_chosen] == [chosen] * bool(chosen)
    assert all(mark.is_open == mark.text.startswith(">") for mark in line.marks)
    known = [(Decimal(mark.text.removeprefix(">")), mark.x) for mark in line.marks]
    assert known == sorted(known)
    assert all(0 <= x <= 100 for _amount, x in known)
    low, high = known[0], known[-1]
    for amount, x in known:  # in proportion
        share = (amount - low[0]) / (high[0] - low[0]) if high[0] > low[0] else 0
        assert abs(x - float(low[1] + float(share) * (high[1] - low[1]))) < 0.02


@given(statements)
def test_no_label_covers_another_or_leaves_the_drawing(texts):
    line = amount_line(texts, "")

    spans = {}
    for mark in line.marks:
        width = LETTER_WIDTH * len(mark.label)
        spans.setdefault(mark.y, []).append((mark.x - width, mark.x) if mark.is_end else (mark.x, mark.x + width))
        assert 0 < mark.y < line.y < line.height
    for lane in spans.values():
        ordered = sorted(lane)
        assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(ordered))


def test_an_undecided_dispute_leaves_the_value_unknown_and_says_so(client, db):
    tender = create_tender()
    award = create_award(tender, create_company())
    for value in ("100", "200"):
        create_citation(tender, Fact.AWARD_AMOUNT, value, award=award)

    text = client.get(tender.get_absolute_url()).text

    ((name, section),) = DISPUTE.findall(text)
    assert name == f"award-{award.number}-award_amount"
    assert "We can’t decide between them" in section
    assert "is-chosen" not in section
    awarded = text.split("<dt>Awarded</dt>")[1].split("</dd>")[0]
    assert f'href="#dispute-{name}"' in awarded
    assert "unknown" not in awarded


def test_disputes_of_several_awards_name_their_award(client, db):
    tender = create_tender()
    awards = [create_award(tender, create_company(), number=number) for number in (1, 2)]
    for value in ("100", "200"):
        create_citation(tender, Fact.AWARD_AMOUNT, value, award=awards[1])

    text = client.get(tender.get_absolute_url()).text

    assert text.count("Sources disagree: Award 2: Award amount") == 2  # the heading and the contents
    assert 'id="dispute-award-2-award_amount"' in text


@pytest.mark.parametrize(
    ("fact", "values"), [(Fact.NOTICE_DATE, ("2019-06", "2019-07")), (Fact.BUDGET, ("about", "400"))]
)
def test_what_is_no_amount_is_listed_and_not_drawn(client, db, fact, values):
    tender = create_tender()
    for value in values:
        create_citation(tender, fact, value)

    ((name, section),) = DISPUTE.findall(client.get(tender.get_absolute_url()).text)

    assert name == fact
    assert section.count('<span class="statement">') == 2
    assert "<svg" not in section


def test_a_dispute_of_a_company_leads_its_page(client, db):
    company, source = create_company(), create_source()
    for value in ("small", "large"):
        create_citation(company, Fact.SIZE, value, source=source)

    assert [name for name, _section in DISPUTE.findall(client.get(company.get_absolute_url()).text)] == [Fact.SIZE]


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_folded_facts_are_those_without_value_and_statement(shipped_pages, prefix):
    for model in (Tender, Institution, Company):
        for record in model.objects.published().order_by("pk")[:12]:
            targets = [("", record)]
            if model is Tender:
                targets += [(f"award-{award.number}-", award) for award in record.awards.all()]
            stated = {
                anchor(award_id, fact, {award.pk: award.number for _name, award in targets[1:]})
                for award_id, fact in Citation.objects.filter(**{model._meta.model_name: record}).values_list(
                    "award", "fact"
                )
            }
            text = page_of(record, shipped_pages, prefix)
            folded = "".join(re.findall(r'<details class="unstated">.*?</details>', text, re.DOTALL))

            expected = {
                f"{name}{fact}"
                for name, target in targets
                for fact, attribute in target.FACTS.items()
                if not target.canonical(fact) and f"{name}{fact}" not in stated and not attribute.is_optional
            }
            assert set(re.findall(r'<tr id="([\w-]+)">', folded)) == expected, record.reference
            for name in expected:
                assert text.count(f'id="{name}"') == 1


def test_the_summary_of_what_is_folded_names_every_fact(client, db):
    text = client.get(create_tender(title_en="A platform").get_absolute_url()).text

    summary, table = re.search(
        r"<summary>(.*?)</summary>(.*?)</details>", text.split("unstated")[1], re.DOTALL
    ).groups()
    labels = re.findall(r'<th scope="row">(.*?)</th>', table)
    assert len(labels) > 5
    assert " ".join(summary.split()) == f"{len(labels)} facts unknown: {', '.join(labels)}"


def test_related_tenders_are_public_and_few(client, db):
    company = create_company()
    tender = create_tender(title_en="First")
    create_award(tender, company)
    for number in range(6):
        create_award(create_tender(title_en=f"Other {number}"), company)
    create_award(create_tender(title_en="Hidden", state="draft"), company)

    margin = client.get(tender.get_absolute_url()).text.split('<aside class="margin"')[1].split("</aside>")[0]

    assert margin.count(">Other ") == 4
    assert "Hidden" not in margin
    assert "First" not in margin
    assert f"?company={company.reference}" in margin


def test_the_page_of_a_tender_takes_as_many_queries_for_many_related_tenders(client, db, django_assert_num_queries):
    company = create_company()
    tender = create_tender(title_en="First")
    create_award(tender, company)

    def add(number):
        for _ in range(number):
            create_award(create_tender(title_en="Other"), company)

    add(1)
    address = tender.get_absolute_url()
    with django_assert_num_queries(100, exact=False) as few:
        client.get(address)
    add(20)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(address)


def test_the_largest_known_award_is_called_so(shipped_pages):
    known = Tender.objects.published().with_figures().filter(award_amount__isnull=False)
    for tender in known:
        others = [other for other in known if other.pk != tender.pk]
        of_year = [other for other in others if other.year == tender.year]
        expected = ""
        if others and all(other.award_amount <= tender.award_amount for other in others):
            expected = "The largest known award"
        elif of_year and all(other.award_amount <= tender.award_amount for other in of_year):
            expected = f"The largest known award of {tender.year}"

        awarded = page_of(tender, shipped_pages).split("<dt>Awarded</dt>")[1].split("</dd>")[0]
        assert re.findall(r">(The largest[^<]*)</a>", awarded) == [expected] * bool(expected), tender.reference
