import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tenders.credit_codes import CREDIT_CODE_ALPHABET, check_character, validate_credit_code
from tenders.fields import day_span, validate_partial_date
from tenders.models import Tender
from tenders.references import new_reference
from tests.factories import create_tender

days = st.dates(min_value=datetime.date(1978, 1, 1), max_value=datetime.date(2099, 12, 31))
partial_dates = st.builds(lambda day, length: day.isoformat()[:length], days, st.sampled_from([4, 7, 10]))


@given(partial_dates)
def test_the_span_of_a_partial_date_has_exactly_the_days_that_start_with_it(text):
    first, last = day_span(text)

    one = datetime.timedelta(days=1)
    assert first.isoformat().startswith(text)
    assert last.isoformat().startswith(text)
    assert not (first - one).isoformat().startswith(text)
    assert not (last + one).isoformat().startswith(text)


@pytest.mark.parametrize(
    "text", ["19", "2019-6", "2019-13", "2019-02-30", "2019-06-19T00", "2019/06", "２０１９", "2019-"]
)
def test_an_invalid_partial_date_is_refused(text):
    with pytest.raises(ValidationError, match=r"2019-06-19"):
        validate_partial_date(text)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["2019", "2019-02", "2020-02", "2019-12", "2019-06-19", "2000-02-29"])
def test_database_derives_the_same_days_as_python(text):
    tender = create_tender(notice_date=text)

    days = Tender.objects.filter(pk=tender.pk).values_list("notice_date__first_day", "notice_date__last_day").get()

    assert days == day_span(text)


@pytest.mark.django_db
def test_an_unknown_date_has_no_days():
    create_tender(notice_date="")

    assert not Tender.objects.filter(notice_date__first_day__isnull=False).exists()
    assert not Tender.objects.filter(notice_date__last_day__lte=datetime.date(2099, 1, 1)).exists()


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_published_credit_codes_are_valid(code):
    validate_credit_code(code)


codes = st.builds(
    lambda kind, region, organisation: kind + region + organisation,
    st.text(CREDIT_CODE_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(CREDIT_CODE_ALPHABET, min_size=9, max_size=9),
)


@given(codes, st.integers(0, 16), st.sampled_from(CREDIT_CODE_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_found(characters, position, other):
    code = characters + check_character(characters)
    wrong = code[:position] + other + code[position + 1 :]

    validate_credit_code(code)
    if wrong != code:
        with pytest.raises(ValidationError):
            validate_credit_code(wrong)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("9111000060003734", "16"),
        ("91110000600037341I", "code has I"),
        ("911100AA600037341L", "digits of a region"),
        ("91110000600037341A", "must be L"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_the_reason(code, message):
    with pytest.raises(ValidationError) as caught:
        validate_credit_code(code)

    assert message in str(caught.value.messages)


def test_references_are_random_and_have_no_ambiguous_letter():
    references = {new_reference("TW") for _ in range(1000)}

    assert len(references) == 1000
    assert not set("ILOU") & set("".join(reference.removeprefix("TW-") for reference in references))
