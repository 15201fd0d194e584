"""Places in documents, translated by pattern."""

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tenders.passages import SECTIONS, translate_place

sections = st.sampled_from([*SECTIONS])
numbers = st.integers(1, 9999)
places = st.one_of(
    st.sampled_from(["title", *SECTIONS]),
    st.builds("{}, heading".format, sections),
    st.builds("{}, paragraph {}".format, sections, numbers),
    st.builds("paragraph {}".format, numbers),
    st.builds("page {}".format, numbers),
)


def translated(place, language):
    with override(language):
        return translate_place(place)


@given(places)
def test_a_place_is_translated_there_and_back(place):
    chinese = translated(place, "zh-hans")

    assert not re.search("[A-Za-z]", chinese)
    assert translated(chinese, "en") == translated(place, "en") == place
    assert translated(chinese, "zh-hans") == chinese


@given(st.text())
def test_a_place_of_another_form_is_unchanged(text):
    assert {translated(f"see {text}", language) for language in ("en", "zh-hans")} == {f"see {text}"}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("introduction, paragraph 11", "引言第11段"),
        ("winners, heading", "中标方小标题"),
        ("title", "标题"),
        ("paragraph 2", "第2段"),
    ],
)
def test_places_of_the_data_set(english, chinese):
    assert translated(english, "zh-hans") == chinese
