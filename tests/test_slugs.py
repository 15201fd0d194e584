"""Slugs are made from titles, of Chinese in pinyin; what is saved keeps its slug."""

import re

import pytest
from django.core.validators import validate_slug
from django.urls import reverse
from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st

from tenders.models import Article, Category, Page, Source
from tenders.slugs import free_slug, slug_of
from tests.factories import create_article, create_category, create_source
from tests.test_admin import address
from tests.test_admin_articles import article_form, errors

# A new object of each model that has a slug: the fields of its form, and of which of them the slug is made.
FORMS = {
    Article: (article_form(slug=""), "title_en", "title_zh"),
    Page: ({"title_en": "x", "title_zh": "一", "text_en": "x", "text_zh": "一", "position": 0}, "title_en", "title_zh"),
    Category: ({"name_en": "x", "name_zh": "一", "position": 0}, "name_en", "name_zh"),
    Source: ({"title": "x", "kind": "news"}, "title", "title_zh"),
}


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("区块链应用", "qu-kuai-lian-ying-yong"),
        ("新余市“区块链+电子社保卡”项目 2021", "xin-yu-shi-qu-kuai-lian-dian-zi-she-bao-ka-xiang-mu-2021"),
        ("绿色旅游", "lu-se-lu-you"),
        ("２０１９年", "2019-nian"),
        ("A study: of 45 Tenders", "a-study-of-45-tenders"),
        ("The editors’ desk", "the-editors-desk"),
        ("——", ""),
        ("", ""),
    ],
)
def test_the_slug_of_a_title(title, slug):
    assert slug_of(title, 80) == slug


@pytest.mark.parametrize(
    ("length", "slug"),
    [(22, "qu-kuai-lian-ying-yong"), (21, "qu-kuai-lian-ying"), (12, "qu-kuai-lian"), (11, "qu-kuai"), (1, "q")],
)
def test_a_slug_is_cut_at_a_word(length, slug):
    assert slug_of("区块链应用", length) == slug


@given(st.text(), st.integers(1, 80))
def test_a_slug_of_any_text_fits_its_field_and_stays_what_it_is(text, length):
    slug = slug_of(text, length)

    assert len(slug) <= length
    assert slug == "" or validate_slug(slug) is None
    assert slug_of(slug, length) == slug
    assert not re.search("--|^-", slug)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_slug_of_an_english_title_is_as_before(title):
    assert slug_of(title, 10**6).strip("-_") == slugify(title)


def test_a_slug_that_is_taken_gets_a_number_within_its_length(db):
    create_category("qu-kuai-lian")
    create_category("qu-kuai-lian-2")
    create_category("-".join(["lian"] * 12))

    assert free_slug(Category, "区块链") == "qu-kuai-lian-3"
    assert free_slug(Category, "链" * 12) == "-".join(["lian"] * 11) + "-2"


@pytest.mark.parametrize("model", FORMS)
@pytest.mark.parametrize("title", ["区块链应用", "An English title"])
def test_an_empty_slug_is_made_from_the_title(admin_client, db, model, title):
    fields, source, _other = FORMS[model]
    create = {Article: create_article, Category: create_category, Source: lambda slug: create_source(slug=slug)}
    slug = slug_of(title, 80)
    if model in create:
        create[model](slug)
        slug = f"{slug}-2"

    response = admin_client.post(address(model, "add"), {**fields, "slug": "", source: title})

    assert response.status_code == 302, errors(response)
    assert model.objects.filter(slug=slug).exists()


@pytest.mark.parametrize("model", FORMS)
def test_a_typed_slug_is_saved_as_it_is(admin_client, db, model):
    fields, source, _other = FORMS[model]

    admin_client.post(address(model, "add"), {**fields, "slug": "typed", source: "区块链"})

    assert model.objects.filter(slug="typed").exists()


@pytest.mark.parametrize("model", FORMS)
def test_a_title_without_letters_is_refused_beside_the_slug(admin_client, db, model):
    fields, source, other = FORMS[model]

    response = admin_client.post(address(model, "add"), {**fields, "slug": "", source: "——", other: ""})

    assert "can’t be generated from this title" in errors(response)["slug"]
    assert response.context["adminform"].form[source].value() == "——"


@pytest.mark.parametrize("model", FORMS)
def test_the_form_says_what_an_empty_slug_becomes(admin_client, db, model):
    assert (
        "Leave empty to generate it from the title or name (Chinese in pinyin)"
        in admin_client.get(address(model, "add")).text
    )


def test_a_saved_slug_never_changes_by_itself(admin_client, db):
    category, source = create_category("taxes"), create_source(slug="a-source", title_zh="来源")
    category_form = {"name_en": "Customs", "name_zh": "海关", "position": 0}
    source_form = {"title": "海关", "kind": "news"}

    for record, form in ((category, category_form), (source, source_form)):
        for slug in ({}, {"slug": ""}):
            response = admin_client.post(address(type(record), "change", record.pk), {**form, **slug})
            assert response.status_code == 302, errors(response)
        before = record.slug
        record.refresh_from_db()
        assert record.slug == before
    assert Source.objects.get(slug="a-source").title == "海关"


def test_a_title_in_chinese_is_not_given_half_a_slug_by_a_script(admin_client, db):
    text = admin_client.get(reverse("admin:tenders_source_add")).text

    assert "data-prepopulated-fields" not in text or '"#id_slug"' not in text
