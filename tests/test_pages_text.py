"""The texts under /about/ that come with the software: they never take the place of an editor's."""

import re
from importlib import import_module

import pytest
from django.apps import apps

from tenders.models import Change, Page

fuller = import_module("tenders.migrations.0010_fuller_pages")
corrected = import_module("tenders.migrations.0014_corrected_pages")
contact = import_module("tenders.migrations.0029_contact_page")
plainer = import_module("tenders.migrations.0031_plainer_pages")
COLUMNS = ("text_en", "text_zh")
SLUGS = ("method", "coverage", "licence", "contact")


def now():
    return {(page.slug, column): getattr(page, column) for page in Page.objects.all() for column in COLUMNS}


def old_texts(migration):
    return {(slug, column): old for slug, column, old, _new in migration.texts()}.items()


def new_texts(migration):
    return {(slug, column): new for slug, column, _old, new in migration.texts()}.items()


def test_a_new_site_has_the_plainer_texts_and_the_way_back_is_exact(db):
    shipped = now()
    assert new_texts(plainer) <= shipped.items()

    plainer.restore(apps, None)
    before = now()
    assert old_texts(plainer) <= before.items()

    plainer.make_plainer(apps, None)
    assert now() == shipped


def test_the_way_back_from_the_corrected_texts_is_exact(db):
    plainer.restore(apps, None)
    after = now()
    assert new_texts(corrected) <= after.items()

    corrected.restore(apps, None)
    before = now()
    assert old_texts(corrected) <= {key: text.rstrip() + "\n" for key, text in before.items()}.items()

    corrected.correct(apps, None)
    assert now() == after


def test_the_contact_page_says_how_to_report_and_the_way_back_is_exact(db):
    shipped = now()
    assert new_texts(contact) <= shipped.items()

    contact.restore(apps, None)
    assert old_texts(contact) <= {key: text.rstrip() + "\n" for key, text in now().items()}.items()

    contact.explain(apps, None)
    assert now() == shipped


def test_the_way_back_to_the_first_texts_is_exact(db):
    plainer.restore(apps, None)
    contact.restore(apps, None)
    corrected.restore(apps, None)
    before = now()
    assert new_texts(fuller) <= before.items()

    fuller.make_shorter(apps, None)
    assert old_texts(fuller) <= now().items()

    fuller.make_fuller(apps, None)
    assert now() == before


@pytest.mark.parametrize(
    ("forwards", "backwards"),
    [
        (plainer.make_plainer, plainer.restore),
        (corrected.correct, corrected.restore),
        (fuller.make_fuller, fuller.make_shorter),
    ],
)
def test_the_text_of_an_editor_stays(db, forwards, backwards):
    plainer.restore(apps, None)
    corrected.restore(apps, None)
    backwards(apps, None)
    page = Page.objects.get(slug="method")
    page.text_en = "Ours."
    page.save()

    forwards(apps, None)
    page.refresh_from_db()
    assert page.text_en == "Ours."
    assert page.text_zh.count("##") > 5

    backwards(apps, None)
    assert Page.objects.get(slug="method").text_en == "Ours."


def test_a_page_with_a_history_has_this_in_it(db):
    page = Page.objects.get(slug="licence")
    page.save()
    plainer.restore(apps, None)

    last = page.history.first()

    assert last.text_en == Page.objects.get(slug="licence").text_en
    assert (last.change.kind, last.change.by) == ("changed", None)
    assert Change.objects.filter(reason=fuller.WHY).count() == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_both_languages_say_the_same_under_as_many_headings_with_the_same_links(slug, db):
    page = Page.objects.get(slug=slug)
    english, chinese = (re.findall(r"\]\((/[^)]*)\)", text) for text in (page.text_en, page.text_zh))

    assert len(re.findall(r"^##+ ", page.text_en, re.M)) == len(re.findall(r"^##+ ", page.text_zh, re.M))
    assert [f"/zh-hans{link}" for link in english] == chinese


@pytest.mark.parametrize("slug", SLUGS)
def test_links_of_the_texts_lead_somewhere(client, article_data, slug):
    page = Page.objects.get(slug=slug)
    for link in re.findall(r"\]\((/[^)]*)\)", page.text_en + page.text_zh):
        assert client.get(link).status_code == 200, link
