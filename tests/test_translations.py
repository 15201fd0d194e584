"""The Chinese catalogue has every text of the code, translated, and Chinese pages show no English text."""

import ast
import gettext
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import templatize

from tenders.models import Article, Claim, Company, Institution, Tender
from tenders.references import REFERENCE_PATTERN

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CODE = [path for folder in ("accounts", "tenders", "tenderwatch") for path in sorted((ROOT / folder).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))

# Functions that mark texts: the positions of the context, the text and the plural among their arguments.
PLACES = {"gettext": (None, 0, None), "ngettext": (None, 0, 1), "pgettext": (0, 1, None), "npgettext": (0, 1, 2)}
MARKS = {"_": PLACES["gettext"], "gettext_noop": PLACES["gettext"]}
MARKS |= {f"{name}{ending}": places for name, places in PLACES.items() for ending in ("", "_lazy")}
CALL = re.compile(r"\b(?:n?p?gettext|_)\((?:[^()\"']|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')*\)")

ENGLISH = re.compile(r"[A-Za-z]{2,}")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
HAN_BESIDE_HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]|[\u4e00-\u9fff][(]|[)][\u4e00-\u9fff]"
)
HAN_BESIDE_LATIN = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


def marked(code, name):
    """Yield the texts that Python code marks for translation, as (context, text, plural)."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in MARKS:
            places = MARKS[called]
            texts = [None if place is None else node.args[place] for place in places]
            assert all(text is None or isinstance(text, ast.Constant) for text in texts), (name, node.lineno)
            yield tuple(text and text.value for text in texts)


@cache
def texts():
    """Return the texts of code and templates that are marked for translation."""
    found = {text for path in CODE for text in marked(path.read_text(encoding="utf-8"), path)}
    for path in TEMPLATES:
        for call in CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            found |= set(marked(call, path))
    return found


@cache
def catalogue():
    return polib.pofile(str(CATALOGUE))


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_catalogue_has_just_the_texts_of_the_code():
    """If not: `make messages`, then translate what is new."""
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue() if not entry.obsolete}
    marked_texts = {(context, text) for context, text, _plural in texts()}

    assert sorted(marked_texts - known, key=str) == []
    assert sorted(known - marked_texts, key=str) == []
    assert catalogue().obsolete_entries() == []


def test_every_text_is_translated():
    assert [entry.msgid for entry in catalogue() if entry.fuzzy or not all(translations(entry))] == []


def test_plurals_are_those_of_the_code():
    plurals = {(context, text): plural for context, text, plural in texts() if plural}

    assert {(entry.msgctxt, entry.msgid): entry.msgid_plural for entry in catalogue() if entry.msgid_plural} == plurals


def test_the_compiled_file_equals_the_catalogue():
    """If not: `make messages`."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    expected = {}
    for entry in catalogue():
        msgid = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
        if entry.msgid_plural:
            expected |= {(msgid, number): text for number, text in entry.msgstr_plural.items()}
        else:
            expected[msgid] = entry.msgstr

    assert {msgid: text for msgid, text in compiled.items() if msgid} == expected


def test_a_translation_has_the_placeholders_of_its_text():
    for entry in catalogue():
        allowed = [sorted(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
        for text in translations(entry):
            assert sorted(PLACEHOLDER.findall(text)) in allowed, entry.msgid


def test_a_translation_has_the_links_and_emphasis_of_its_text():
    for entry in catalogue():
        for text in translations(entry):
            assert sorted(re.findall(r"</?\w+", text)) == sorted(re.findall(r"</?\w+", entry.msgid)), entry.msgid


def test_no_translation_is_in_english():
    same = {entry.msgid for entry in catalogue() if entry.msgid in translations(entry)}

    assert not {text for text in same if ENGLISH.search(PLACEHOLDER.sub("", text))}


def test_chinese_punctuation_is_full_width():
    for entry in catalogue():
        for text in translations(entry):
            words = PLACEHOLDER.sub("某", re.sub(r"<[^>]*>", "", text))
            assert not HAN_BESIDE_HALF_WIDTH.search(words), text
            assert not words.endswith("."), text


def test_latin_words_and_digits_are_separated_from_chinese_by_spaces():
    formats = {"Y", "F Y", "j F Y"}
    for entry in catalogue():
        if entry.msgid not in formats:
            for text in translations(entry):
                assert not HAN_BESIDE_LATIN.search(PLACEHOLDER.sub("", re.sub(r"<[^>]*>", "", text))), text


# Of each type of page, those with the most texts.
PAGES = (
    "",
    "tenders/?year=2019&region=CN-GD&amount=unknown&q=区块链",
    "tenders/?q=税务&amount_min=100&date_from=2018&disputed=no",
    "tenders/?q=没有",
    "tenders/?view=charts&year=2019",
    "institutions/?view=charts",
    "companies/?view=charts",
    "embed/tenders/institution/?year=2019",
    "embed/companies/size/",
    "tenders/?year=x&colour=red",
    "institutions/?kind=tax-authority",
    "companies/?sort=-tenders",
    "articles/",
    "search/",
    "search/?q=广东",
    "search/?q=区快链",
    "search/?q=没有&group=claims",
    "articles/compare/",
    "articles/interchain-pulse-2019/",
    "articles/interchain-pulse-2019/?verdict=contradicted",
    "changes/",
    "changes/?page=x",
    "changes/?kind=added",
    "report/",
    "report/?about=TW-N9GRJT",
    "report/?about=/companies/?view=charts%23chart-kind",
    "about/method/",
    "data/",
    "tenders/TW-000000/",
    "nothing/here/",
)
PROPER_NAMES = "|".join(
    [
        *(
            "TenderWatch",
            "Tender",
            "Watch",
            "BibTeX",
            "CSL-JSON",
            "CSV",
            "XLSX",
            "JSON",
            ".json",
            "SHA",
            "HTTP",
            "ISO",
            "CC BY",
        ),
        *("BSD 3-Clause", "SVG", "PNG", "HTML", "OpenRefine", "OCDS", "curl", "Python", "SQL", r"\bR\b"),
        *("“unknown”", r"\bnull\b", f"[A-Z]{{1,2}}-{REFERENCE_PATTERN}"),
    ]
)
VOID = {"area", "base", "br", "circle", "col", "hr", "img", "input", "link", "line", "meta", "path", "source", "wbr"}
TEXT_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")


class Texts(HTMLParser):
    """Texts and text attributes of a page without a lang attribute of their own; no title, code or addresses."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        has_own = tag in {"script", "style", "code", "pre", "textarea"} or ("lang" in attrs and tag != "html")
        has_own = has_own or tag == "title" or attrs.get("class") in {"permalink", "reference"}
        if not has_own and not any(self.open):
            self.found += [attrs[name] for name in TEXT_ATTRIBUTES if name in attrs]
        if tag not in VOID:
            self.open.append(has_own)

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, text):
        if not any(self.open):
            self.found.append(text)


def english_texts(page):
    return [text.strip() for text in Texts(page).found if ENGLISH.search(re.sub(PROPER_NAMES, "", text))]


def test_chinese_pages_have_no_english_text(shipped_pages):
    models = (Tender, Institution, Company, Article)
    records = [record.get_absolute_url() for model in models for record in model.objects.all()]
    claims = {claim.measure: claim.get_absolute_url() for claim in Claim.objects.select_related("article")}

    pages = [*PAGES, *(address.removeprefix("/") for address in [*records, *claims.values()])]
    found = {address: english_texts(shipped_pages.get(f"/zh-hans/{address}").text) for address in pages}

    assert {address: texts for address, texts in found.items() if texts} == {}
