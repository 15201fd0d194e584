"""Two languages on one site: which is spoken, which a text is in, and how sentences follow each other."""

import pytest
from django.template import Context, Template

from tenders.languages import join_sentences
from tenders.templatetags.tenderwatch import language


@pytest.mark.parametrize("preferred", ["zh", "zh-CN", "zh-hans,en;q=0.1"])
def test_an_address_without_prefix_is_english_whatever_a_browser_prefers(client, db, preferred):
    response = client.get("/tenders/", headers={"Accept-Language": preferred})

    assert response.status_code == 200
    assert '<html lang="en">' in response.text
    assert "Contact and corrections" in response.text


def test_an_address_with_the_prefix_is_chinese_whatever_a_browser_prefers(client, db):
    response = client.get("/zh-hans/tenders/", headers={"Accept-Language": "en"})

    assert '<html lang="zh-Hans">' in response.text
    assert "联系与更正" in response.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("区块链电子发票", "zh-Hans"),
        ("BaaS 平台采购项目", "zh-Hans"),
        ("The article (互链脉搏) names it in its second table, and nothing else does.", "en"),
        ("Foshan", "en"),
        ("2019", "en"),
    ],
)
def test_the_language_of_a_text(text, expected):
    assert language(text) == expected


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (["It fits.", "It rests on 2 tenders."], "It fits. It rests on 2 tenders."),
        (["文章刊载 超过 50%；已记录 3。", "仅以 3 个项目为据。"], "文章刊载超过 50%；已记录 3。仅以 3 个项目为据。"),
        (["No figure is printed.", "已记录：1。"], "No figure is printed. 已记录：1。"),
    ],
)
def test_sentences_follow_each_other_as_their_language_has_it(sentences, text):
    assert join_sentences(sentences) == text


def test_titles_in_a_sentence_are_marked_and_nothing_is_let_through():
    template = Template("{% load tenderwatch %}{{ text|marking:titles }}")

    html = template.render(Context({"text": "见《A <b>》（合同）。", "titles": ["A <b>"]}))

    assert html == '见《<span lang="en">A &lt;b&gt;</span>》（合同）。'


def test_a_title_that_is_part_of_another_is_marked_once():
    template = Template("{% load tenderwatch %}{{ text|marking:titles }}")

    html = template.render(Context({"text": "en, len & lang", "titles": ["en", "lang", "len"]}))

    assert html == '<span lang="en">en</span>, <span lang="en">len</span> &amp; <span lang="en">lang</span>'
