"""Copy: phrases that no text of the site or of its documentation has, as there is always a plainer one."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PAGES = ROOT / "tenders" / "migrations" / "plainer_pages"
COMMANDS = [path for app in ("accounts", "tenders") for path in sorted((ROOT / app / "management").rglob("*.py"))]

# What to write instead is in docs/contributing.md, under "Texts".
ENGLISH = (
    r"(?<!there )\b(?:is|are|was|were) (?:no (?!longer\b|more\b|later\b)|none\b)",
    r"\b(?:prints|printed)\b",
    r"\b(?:put|puts) (?:\w+ ){0,3}right\b",
    r"(?<!not )\bsay (?:why|which|whose)\b",
    r"\bspeaks? of\b",
    r"\brests? on\b",
    r"(?<!public )\bbodies\b|\b(?:same|well-known) body\b",
    r"\bseats?\b",
    r"\bstands? (?:beside|here|there|in the history)\b",
    r"\bverdicts?\b[^.|]*\bturn(?:s|ed)?\b|\bturns? (?:of )?(?:a |the )?verdicts?\b",
    r"\bnot stated by any source\b",
    r"\b(?:kept|keeps?) alive\b|, alive\b|\bliving articles?\b",
    r"\bthe (?:editors’ )?desk\b",
    r"\b(?:anew|surely|whoever|nevertheless|as yet|called so)\b",
    r"\bnot there (?:any|yet)\b|\bis not here yet\b",
    r"\bslips?\b",
)
CHINESE = (
    r"采购机构|招标项目|限制性招标|邀请招标(?!、竞争性磋商)",
    r"活的文章|“活”|保持未知|刊载|规范值|编辑台",
    r"不论由谁|[各每几]家研究|[各每几]家统计|来源的原话|以及更多记录|历史开始时",
    r"^(?:是，执行|不，返回)",
    r"读者(?:对它)?应当知道|所述的那一个",
    r"的[^，。；：！？]{1,6}的[^，。；：！？]{1,6}的[^，。；：！？]{1,6}的",
)
CLASSIFIER = re.compile(r"(?:个(?![人别体])|家(?!庭)|项(?!目)|条(?![件款目])|笔(?!误))")


def catalogue():
    return polib.pofile(str(CATALOGUE))


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


NAMES = (
    r"(?s)```.*?```",
    r"(?m)^    .*$",
    r"`[^`\n]*`",
    r"(?m)^#+ \w+$",  # sections of the data dictionary that are called like a class
    r"(?:\[\w+(?=\]\(#))?\]\([^)\n]*\)",
    r"%\(\w+\)s",
)


def without_names(text):
    """Return a text without code, addresses, names of classes and placeholders."""
    for pattern in NAMES:
        text = re.sub(pattern, "", text)
    return text


def matches(patterns, text):
    text = without_names(text)
    return [found[0] for pattern in patterns for found in re.finditer(pattern, text, re.IGNORECASE)]


def sentences_of(path):
    """Return the strings of Python code that hold several words, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in strings if id(node) not in docstrings and " " in node.value]


def test_no_message_has_a_phrase_of_the_list():
    found = {entry.msgid: matches(ENGLISH, f"{entry.msgid}\n{entry.msgid_plural}") for entry in catalogue()}

    assert {text: phrases for text, phrases in found.items() if phrases} == {}


def test_no_translation_has_a_phrase_of_the_list():
    found = {text: matches(CHINESE, text) for entry in catalogue() for text in translations(entry)}

    assert {text: phrases for text, phrases in found.items() if phrases} == {}


def test_no_translation_begins_with_a_classifier_unless_a_number_is_before_it():
    """In a cell of a table the number is before it too; the text is for those who hear it."""
    others = [
        entry
        for entry in catalogue()
        if entry.msgctxt != "after a number" and not all("table_cells" in file for file, _line in entry.occurrences)
    ]

    assert [text for entry in others for text in translations(entry) if CLASSIFIER.match(text)] == []


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(PAGES.glob("*.en.md"))],
    ids=lambda p: p.name,
)
def test_no_document_has_a_phrase_of_the_list(path):
    assert matches(ENGLISH, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.zh.md")), ids=lambda path: path.name)
def test_no_chinese_page_has_a_phrase_of_the_list(path):
    assert matches(CHINESE, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.name)
def test_no_command_has_a_phrase_of_the_list(path):
    assert [found for text in sentences_of(path) if (found := matches(ENGLISH, text))] == []
