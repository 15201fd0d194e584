"""Texts of editors in two languages: what pages show, what forms ask, and that the data set has Chinese for all."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.template import Context, Template
from django.urls import reverse
from django.utils.translation import override

from tenders.choices import SourceKind
from tenders.models import Article, Award, Citation, Claim, Company, Inclusion, Institution, Source, Tender
from tenders.models.changes import is_history
from tests.factories import create_tender
from tests.test_translations import TEXT_ATTRIBUTES, VOID, Texts

NO_DOCUMENTS = [SourceKind.COMMON_KNOWLEDGE, SourceKind.EDITORS_TRANSLATION]


def pairs(model):
    """Return the (English, Chinese) pairs of fields for texts of editors."""
    names = [field.name for field in model._meta.concrete_fields]
    return [(name, f"{name}_zh") for name in names if f"{name}_zh" in names]


MODELS = [model for model in apps.get_app_config("tenders").get_models() if pairs(model) and not is_history(model)]


@pytest.mark.parametrize(
    ("reader", "texts", "expected"),
    [
        ("en", {"reason": "as printed", "reason_zh": "照录原文"}, '<span lang="en">as printed</span>'),
        ("zh-hans", {"reason": "as printed", "reason_zh": "照录原文"}, '<span lang="zh-Hans">照录原文</span>'),
        ("zh-hans", {"reason_zh": "由“Light load” 译回"}, '<span lang="zh-Hans">由“Light load” 译回</span>'),
        (
            "zh-hans",
            {"reason": "as <printed>"},
            '<span lang="en">as &lt;printed&gt;</span> <span class="mark">仅有英文</span>',
        ),
        ("en", {"reason_zh": "照录"}, '<span lang="zh-Hans">照录</span> <span class="mark">in Chinese only</span>'),
        ("zh-hans", {"reason": "2019"}, '<span lang="en">2019</span>'),
        ("en", {"reason": "See 湖北省武汉市, its seat."}, '<span lang="en">See 湖北省武汉市, its seat.</span>'),
        ("zh-hans", {"reason_zh": "见 iTax 系统"}, '<span lang="zh-Hans">见 iTax 系统</span>'),
    ],
)
def test_a_text_of_editors_is_shown_in_the_language_of_its_reader_or_marked(reader, texts, expected):
    template = Template('{% load tenderwatch %}{% editors_text citation "reason" %}')

    with override(reader):
        assert template.render(Context({"citation": Citation(**texts)})) == expected


@pytest.mark.parametrize(
    ("reader", "place", "place_zh", "expected"),
    [
        ("en", "winners, paragraph 2", "", "winners, paragraph 2"),
        ("zh-hans", "winners, paragraph 2", "", "中标方第2段"),
        ("zh-hans", "heading", "合同首部", "合同首部"),
        ("zh-hans", "annex 3", "", "annex 3"),
        ("en", "", "第2段", "paragraph 2"),
    ],
)
def test_a_place_is_shown_by_its_own_chinese_or_by_a_pattern(reader, place, place_zh, expected):
    with override(reader):
        assert Citation(place=place, place_zh=place_zh).shown_place == expected


@pytest.mark.parametrize(
    ("chinese", "shown"), [("佛山", "佛山</span>"), ("", 'Foshan</span> <span class="mark">仅有英文')]
)
def test_a_city_is_shown_in_chinese_or_marked(client, db, chinese, shown):
    tender = create_tender(city="Foshan", city_zh=chinese)

    city = re.search(r'<tr id="city".*?</td>', client.get(f"/zh-hans{tender.get_absolute_url()}").text, re.DOTALL)[0]

    assert shown in city
    assert ("Foshan" in city) == (not chinese)


@pytest.mark.parametrize(
    ("source", "shown", "translated"),
    [
        ({"title": "A market booms", "title_zh": "市场兴旺", "language": "en"}, "A market booms", "市场兴旺"),
        ({"title": "[Report on an award]", "title_zh": "〔关于中标的报道〕"}, "〔关于中标的报道〕", ""),
        ({"title": "General knowledge", "title_zh": "常识", "kind": SourceKind.COMMON_KNOWLEDGE}, "常识", ""),
        ({"title": "A contract", "title_zh": "合同", "language": "zh"}, "合同", ""),
        ({"title": "市場活躍", "language": "zh"}, "市場活躍", ""),
        ({"title": "A market booms"}, "A market booms", ""),
    ],
)
def test_a_title_stays_as_printed_beside_its_chinese_and_words_of_ours_are_replaced(source, shown, translated):
    source = Source(**{"kind": SourceKind.NEWS, **source})

    with override("zh-hans"):
        assert (source.shown_title, source.translated_title) == (shown, translated)
    assert (source.shown_title, source.translated_title) == (source.title, "")


@pytest.mark.parametrize("model", MODELS)
def test_every_text_in_two_languages_is_shown_in_the_readers(model):
    english, chinese = ({name: f"{name}{ending}" for name, _zh in pairs(model)} for ending in (" en", " zh"))
    record = model(**english, **{f"{name}_zh": text for name, text in chinese.items()})

    for language, texts in (("en", english), ("zh-hans", chinese)):
        with override(language):
            assert {name: getattr(record, f"shown_{name}") for name in texts} == texts | printed_title(record)


def printed_title(record):
    """Return the title of a source, which is shown as it is printed."""
    return {"title": record.title} if isinstance(record, Source) else {}


FORMS = {
    Award: (Tender, "awards-0-"),
    Citation: (Tender, "citations-0-"),
    Inclusion: (Article, "inclusions-__prefix__-"),
}


@pytest.mark.parametrize("model", MODELS)
def test_forms_have_both_languages_side_by_side(admin_client, article_data, model):
    owner, prefix = FORMS.get(model, (model, ""))
    page = reverse(f"admin:tenders_{owner._meta.model_name}_change", args=[owner.objects.order_by("pk").first().pk])
    inputs = re.findall(r'<(?:input type="text"|textarea)[^>]*? name="([^"]+)"', admin_client.get(page).text)

    assert {f"{prefix}{name}" for pair in pairs(model) for name in pair} <= {*inputs}
    for name, name_zh in pairs(model):
        assert inputs[inputs.index(f"{prefix}{name}") + 1] == f"{prefix}{name_zh}"


class OwnTexts(HTMLParser):
    """All texts and text attributes of a page but what is quoted, and names in the other language."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if not any(self.open):
            self.found += [attrs[name] for name in (*TEXT_ATTRIBUTES, "content") if attrs.get(name)]
        if tag not in VOID:
            self.open.append(tag in {"q", "style"} or attrs.get("class") == "other-name")

    handle_endtag = Texts.handle_endtag
    handle_data = Texts.handle_data


def translated_texts():
    """Return the English texts of editors in the database that have a Chinese one."""
    found = set()
    for model in MODELS:
        for pair in pairs(model):
            found |= {english for english, chinese in model.objects.values_list(*pair) if chinese not in ("", english)}
    printed = Source.objects.exclude(title__startswith="[").exclude(kind__in=NO_DOCUMENTS).exclude(language="zh")
    with override("zh-hans"):
        found |= {citation.place for citation in Citation.objects.all() if citation.shown_place != citation.place}
    return found - {*printed.values_list("title", flat=True)} - {""}


def test_chinese_pages_have_no_english_text_of_ours_that_is_translated(shipped_pages):
    english = translated_texts()
    sentence = re.compile("|".join(re.escape(text) for text in english if len(text) > 20))
    records = [record for model in (Tender, Institution, Company, Article) for record in model.objects.all()]
    claims = Claim.objects.select_related("article")
    addresses = [
        "/",
        *(record.get_absolute_url() for record in (*records, *claims)),
        "/articles/",
        "/articles/compare/",
    ]

    found = {}
    for address in addresses:
        texts = [text.strip() for text in OwnTexts(shipped_pages.get(f"/zh-hans{address}").text).found]
        if wrong := [text for text in texts if text in english or sentence.search(text)]:
            found[address] = wrong

    assert len(english) > 50
    assert found == {}


def test_no_text_of_the_data_set_is_marked_as_untranslated(shipped_pages):
    records = [record for model in (Tender, Institution, Company) for record in model.objects.all()]

    pages = [
        shipped_pages.get(f"{prefix}{record.get_absolute_url()}").text
        for record in records
        for prefix in ("", "/zh-hans")
    ]

    assert not [page for page in pages if "仅有英文" in page or "in Chinese only" in page]
