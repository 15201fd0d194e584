"""`check_data` reports every error that it checks for, and nothing else."""

import pytest
from django.core.management import CommandError, call_command

from tenders.choices import EditorialState, Fact, NameStatus, SourceKind
from tenders.models import Award, Citation, Company, Institution, Tender
from tests.factories import (
    cite_all,
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender():
    """Create a valid published tender with parties and an award."""
    region = create_region("CN-BJ")
    buyer, company = create_institution(region=region), create_company()
    tender = create_tender(buyer=buyer, region=region, title_en="A platform", notice_date="2019-06")
    create_award(tender, company, amount=100)
    for record in (buyer, company, tender):
        cite_all(record)
    return tender


def report(capsys):
    """Run the command; return its exit code and its lines of output."""
    code = 0
    try:
        call_command("check_data")
    except CommandError as error:
        code = error.returncode
    return code, capsys.readouterr().out.splitlines()


def test_valid_records_give_no_error(tender, capsys):
    assert report(capsys) == (0, ["No problems found."])


def uncited(tender):
    Citation.objects.filter(fact=Fact.REGION, tender=tender).delete()


def uncited_existence(tender):
    Citation.objects.filter(fact=Fact.EXISTENCE).delete()


def uncited_award(tender):
    Citation.objects.filter(fact=Fact.AWARD_AMOUNT).update(is_chosen=False)


def uncited_party(tender):
    Institution.objects.update(level="central")


def other_column(tender):
    Tender.objects.update(title_en="Another platform")


def other_amount(tender):
    Award.objects.update(amount=200)


def emptied_column(tender):
    Tender.objects.update(region=None)


def other_year(tender):
    Tender.objects.update(year=2018)
    Citation.objects.filter(fact=Fact.YEAR).update(value="2018")


def other_region(tender):
    Tender.objects.update(region=create_region("CN-GD"))
    Citation.objects.filter(fact=Fact.REGION, tender=tender).update(value="CN-GD")


def unpublished_buyer(tender):
    Institution.objects.update(state=EditorialState.DRAFT)


def unpublished_company(tender):
    Company.objects.update(state=EditorialState.WITHDRAWN)


def unknown_code(tender):
    Tender.objects.update(status="done")
    create_citation(tender, Fact.STATUS, "done", is_chosen=True)


def unknown_fact(tender):
    Citation.objects.filter(fact=Fact.YEAR).update(fact="colour")


def uncanonical_value(tender):
    create_citation(tender, Fact.YEAR, "last year")


def unknown_region(tender):
    create_citation(tender, Fact.REGION, "CN-ZZ")


def award_of_another(tender):
    Citation.objects.filter(fact=Fact.AWARD_AMOUNT).update(
        is_chosen=False, award=create_award(create_tender(state="draft"))
    )
    create_citation(tender, Fact.AWARD_AMOUNT, "100", award=tender.awards.get(), is_chosen=True)


def no_such_day(tender):
    Tender.objects.update(notice_date="2019-02-29")
    Citation.objects.filter(fact=Fact.NOTICE_DATE).delete()
    create_citation(tender, Fact.NOTICE_DATE, "2019-02-29", is_chosen=True)


def wrong_credit_code(tender):
    Institution.objects.update(credit_code="123")
    create_citation(tender.buyer, Fact.CREDIT_CODE, "123", is_chosen=True)


def no_document(tender):
    source = create_source(kind=SourceKind.COMMON_KNOWLEDGE)
    Citation.objects.filter(fact=Fact.EXISTENCE).update(source=source)


def words_of_no_document(tender):
    Citation.objects.filter(fact=Fact.YEAR).update(
        source=create_source(kind=SourceKind.COMMON_KNOWLEDGE), stated="the year of the notice"
    )


def own_words_for_a_code(tender):
    Institution.objects.update(kind="government-department")
    create_citation(tender.buyer, Fact.KIND, "government-department", stated="Government department", is_chosen=True)


def own_words_for_a_region(tender):
    Citation.objects.filter(fact=Fact.REGION, tender=tender).update(stated="CN-BJ")


def own_words_for_a_winner(tender):
    supplier = tender.suppliers[0].reference
    Citation.objects.filter(fact=Fact.SUPPLIER).update(stated=supplier)


def own_words_for_existence(tender):
    Citation.objects.filter(fact=Fact.EXISTENCE).update(stated="yes")


def english_words_of_a_chinese_source(tender):
    Citation.objects.filter(fact=Fact.AWARD_AMOUNT).update(
        source=create_source(slug="source-in-chinese", language="zh"), stated="100 yuan"
    )


def translated_title_of_a_document(tender):
    Tender.objects.update(title_en_status=NameStatus.UNVERIFIED)


def translated_names_of_documents(tender):
    Institution.objects.update(name_en_status=NameStatus.UNVERIFIED)
    Company.objects.update(name_en_status=NameStatus.UNVERIFIED)


def corrected_title_without_printed_words(tender):
    Tender.objects.update(title_en_status=NameStatus.CORRECTED)


def disputed_without_a_reason(tender):
    create_citation(tender, Fact.AWARD_AMOUNT, "200", award=tender.awards.get())


def disputed_kind_without_a_reason(tender):
    Company.objects.update(size="small")
    company = tender.suppliers[0]
    create_citation(company, Fact.SIZE, "small", is_chosen=True)
    create_citation(company, Fact.SIZE, "micro")


def too_deep(tender):
    parent = None
    for slug in ("one", "two", "three", "four"):
        parent = create_category(slug, parent=parent)


def mark_of_no_claim(tender):
    article = create_article("study", text_en="[[A01]] and [[A02]]", text_zh="[[A01]]")
    create_claim(article, "count", code="A01")


def unknown_measure(tender):
    create_claim(create_article("study"), "guess", code="A01")


@pytest.mark.parametrize(
    ("make_wrong", "lines"),
    [
        (uncited, ["{tender}: “Region” has no source."]),
        (uncited_existence, ["{tender}: “Existence of the tender” has no source."]),
        (uncited_award, ["{tender}, award 1: “Award amount” has no source."]),
        (uncited_party, ["{buyer}: “Level” has no source."]),
        (other_column, ["{tender}: “English title” is Another platform in the record, but A platform in the cita"]),
        (other_amount, ["{tender}, award 1: “Award amount” is 200 in the record, but 100 in the citation we use"]),
        (emptied_column, ["{tender}: “Region” is unknown in the record, but CN-BJ in the citation we use"]),
        (other_year, ["{tender}: its year is 2018, but its date of notice is 2019-06."]),
        (other_region, ["{tender}: its region is CN-GD, but {buyer} is in CN-BJ; no note explains the difference."]),
        (unpublished_buyer, ["{tender}: it is published, but its institution {buyer} is not."]),
        (unpublished_company, ["{tender}: it is published, but its company {company} is not."]),
        (unknown_code, ["{tender}: 'done' isn't a code of status.", "{tender}: source-"]),
        (unknown_fact, ["{tender}:0:colour", "{tender}: “Year” has no source.", "{tender}: source-"]),
        (uncanonical_value, ["{tender}: source-", "{tender}: sources disagree on"]),
        (unknown_region, ["{tender}: source-", "{tender}: sources disagree on"]),
        (award_of_another, ["{tender}: source-"]),
        (no_such_day, ["{tender}: date of notice isn't valid.", "{tender}: source-"]),
        (wrong_credit_code, ["{buyer}: unified social credit code isn't valid.", "{buyer}: source-"]),
        (no_document, ["{tender}: no document shows that it exists (source-"]),
        (words_of_no_document, ["{tender}: source-"]),
        (own_words_for_a_code, ["{buyer}: source-"]),
        (own_words_for_a_region, ["{tender}: source-"]),
        (own_words_for_a_winner, ["{tender}: source-"]),
        (own_words_for_existence, ["{tender}: source-"]),
        (english_words_of_a_chinese_source, ["{tender}: source-in-chinese is cited with “100” for “Award amount” and"]),
        (translated_title_of_a_document, ["{tender}: “English title” is our translation, but cited from a document"]),
        (
            translated_names_of_documents,
            ["{buyer}: “English name” is our translation", "{company}: “English name” is our translation"],
        ),
        (corrected_title_without_printed_words, ["{tender}: we corrected “English title”, but source-"]),
        (
            disputed_without_a_reason,
            ["{tender}, award 1: sources disagree on “Award amount”, and there is no reason for following"],
        ),
        (
            disputed_kind_without_a_reason,
            ["{company}: sources disagree on “Size class”, and there is no reason for following"],
        ),
        (too_deep, ["four: it is deeper than 3 levels."]),
        (mark_of_no_claim, ["study: its text marks A02, but the article has no such claim."]),
        (unknown_measure, ["study:A01: 'guess' isn't a code of measure."]),
    ],
)
def test_an_error_is_reported_in_one_line(tender, capsys, make_wrong, lines):
    make_wrong(tender)

    code, found = report(capsys)

    names = {
        "tender": tender.reference,
        "buyer": tender.buyer.reference,
        "company": tender.suppliers[0].reference,
    }
    assert code == 1
    assert len(found) == len(lines), found
    for line, prefix in zip(sorted(found), sorted(line.format(**names) for line in lines), strict=True):
        assert line.startswith(prefix)


def test_a_region_that_differs_with_a_note_is_no_error(tender, capsys):
    other_region(tender)
    Tender.objects.update(notes="Bought for a branch in another province.")

    assert report(capsys)[0] == 0


@pytest.mark.parametrize(
    ("fact", "value", "stated", "language"),
    [
        (Fact.YEAR, "2019", "2019", "zh"),
        (Fact.YEAR, "2019", "2019年", "zh"),
        (Fact.REGION, "CN-BJ", "Beijing", "en"),
        (Fact.REGION, "CN-BJ", "Beijing 北京", "zh"),
        (Fact.REGION, "CN-BJ", "Beijing", ""),
        (Fact.TITLE_EN, "A platform", "A platform", "en"),
        (Fact.EXISTENCE, "yes", "a call for tenders", "other"),
    ],
)
def test_words_that_a_source_may_have_are_no_error(tender, capsys, fact, value, stated, language):
    create_citation(tender, fact, value, stated=stated, source=create_source(language=language))

    assert report(capsys)[0] == 0


def test_a_disputed_fact_with_a_reason_or_without_a_choice_is_no_error(tender, capsys):
    create_citation(tender, Fact.AWARD_AMOUNT, "200", award=tender.awards.get())
    Citation.objects.filter(fact=Fact.AWARD_AMOUNT, is_chosen=True).update(reason="The contract is nearer.")
    create_citation(tender, Fact.STATUS, "active")
    create_citation(tender, Fact.STATUS, "complete")

    assert report(capsys)[0] == 0


def test_a_corrected_title_whose_citation_has_the_printed_words_is_no_error(tender, capsys):
    Tender.objects.update(title_en_status=NameStatus.CORRECTED)
    Citation.objects.filter(fact=Fact.TITLE_EN).update(stated="A plateform")

    assert report(capsys)[0] == 0


def test_drafts_may_be_incomplete(tender, capsys):
    create_tender(state=EditorialState.DRAFT, title_en="Not ready")
    create_institution(state=EditorialState.DRAFT)

    assert report(capsys)[0] == 0
