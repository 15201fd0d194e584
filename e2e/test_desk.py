"""The editors' desk: forms that fit, lists that fit, and a notice that is entered with few clicks."""

import pytest

from e2e.axe import DESKTOP, faults_in
from e2e.pages import LANGUAGES
from e2e.test_journeys import Reader

ADMIN = "/admin/tenders"
LISTS = (
    "tender",
    "institution",
    "company",
    "source",
    "claim",
    "article",
    "category",
    "region",
    "page",
    "change",
    "report",
)
ONE_SOURCE, DISPUTED = "TW-XCV7C5", "TW-N9GRJT"
VISIBLE_FIELDS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter((field) => field.checkVisibility()).length"""
ROWS = """() => {
  const list = document.querySelector("#result_list");
  const heights = [...list.querySelectorAll("tbody tr")].map((row) => row.getBoundingClientRect().height);
  return [list.closest(".results").scrollWidth - list.closest(".results").clientWidth, Math.max(...heights)];
}"""
TWO_LINES = 48  # pixels of a row, with its padding


def form_of(page, reference, language=""):
    """Open the form of a tender from the list of tenders."""
    page.goto(f"{language}{ADMIN}/tender/?q={reference}")
    page.click("#result_list tbody th a")
    page.wait_for_selector(".save-bar")
    return page


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_tender_is_reviewed_on_one_page_without_opening_anything(visit_as, language):
    page = form_of(visit_as("editor"), ONE_SOURCE, language)

    assert page.evaluate("document.documentElement.scrollHeight") <= 1200
    assert page.evaluate(VISIBLE_FIELDS) <= 12
    assert page.evaluate("document.documentElement.scrollWidth") == DESKTOP["width"]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_lists_show_all_their_columns_in_rows_of_two_lines(visit_as, language):
    page = visit_as("editor")
    found = {}

    for kind in LISTS:
        page.goto(f"{language}{ADMIN}/{kind}/")
        cut_off, highest = page.evaluate(ROWS)
        if cut_off or highest > TWO_LINES:
            found[kind] = cut_off, highest

    assert not found


@pytest.mark.parametrize(
    "path",
    [
        "tender/add/",
        "institution/add/",
        "company/add/",
        "tender/",
        "report/1/change/",
        DISPUTED,
        "/zh-hans/admin/tenders/tender/add/",
    ],
)
def test_axe_finds_nothing_at_the_desk(visit_as, path):
    page = visit_as("editor")
    if path == DISPUTED:
        form_of(page, path)
    else:
        page.goto(path if path.startswith("/") else f"{ADMIN}/{path}")
    facts = page.locator(".fact-table details")

    found = faults_in(page)
    if facts.count():
        facts.evaluate_all("rows => rows.forEach((row) => { row.open = true })")
        found += faults_in(page)

    assert not found


# What is typed or chosen, by the name of the field. The institution, the company and the source are new.
NOTICE = {
    "title_zh": "禾洲市矫正信息共享平台建设项目",
    "title_en": "Correction information sharing platform of Hezhou",
    "buyer": "+禾洲市司法事务局{n}",
    "region": "广东",
    "year": "2018年",
    "notice_date": "2018年07月20日",
    "status": ["complete"],
    "certainty": ["high"],
    "awards-0-suppliers": "+虚构无限（北京）数据技术有限公司{n}",
    "awards-0-amount": "494.2 万元",
    "awards-0-award_date": "2018年08月09日",
    "awards-0-status": ["active"],
    "new_source-title": "禾洲市矫正信息共享平台建设项目成交公告{n}",
    "new_source-kind": ["award-notice"],
    "new_source-language": ["zh"],
    "new_source-publisher": "采购公告示例网",
    "new_source-url": "https://example.org/notice/{n}",
    "new_source-published_date": "2018年08月10日",
}
MAX_FIELDS, MAX_CLICKS = 25, 12


@pytest.mark.parametrize("has_script", [True, False])
def test_a_notice_is_entered_with_few_fields_and_clicks_and_in_one_window(visit_as, has_script):
    page = visit_as("editor", f"{ADMIN}/tender/add/", java_script_enabled=has_script)
    clicks = 0

    def click(selector):
        nonlocal clicks
        page.click(selector)
        clicks += 1

    click(".cite summary")
    for name, value in NOTICE.items():
        if isinstance(value, list):
            page.select_option(f"[name='{name}']", value)
        else:
            page.fill(f"[name='{name}']", value.format(n=int(has_script)))
    click("[name=_submit]")
    page.wait_for_selector(".messagelist")
    assert page.locator("[name=cite_facts]:checked").count() >= 8, page.inner_text(".messagelist")
    click("[name=_submit]")

    assert len(NOTICE) <= MAX_FIELDS
    assert clicks <= MAX_CLICKS
    assert len(page.context.pages) == 1
    assert "was submitted for review" in page.inner_text(".messagelist")
    shown = page.inner_text("#content-main")
    for words in (
        "4,942,000",
        "2018-07-20",
        "Guangdong",
        "禾洲市司法事务局",
        "虚构无限（北京）数据技术有限公司",
        "2018-08-09",
    ):
        assert words in shown
    assert "no source" not in shown


@pytest.mark.parametrize("has_script", [True, False])
def test_a_draft_is_entered_and_changed_with_the_keyboard_alone(visit_as, has_script):
    page = visit_as("editor", f"{ADMIN}/tender/add/", java_script_enabled=has_script)
    editor = Reader(page, has_script=has_script)

    for selector, text in (("#id_title_en", "Typed by keyboard"), ("#id_year", "2019"), ("#id_certainty", "High")):
        editor.go_to(selector)
        page.keyboard.type(text)
    editor.follow("[name=_continue]")
    editor.go_to(".fact:has(#id_year) > summary")
    page.keyboard.press("Enter")
    editor.go_to("#id_year")
    page.keyboard.press("Control+A")
    page.keyboard.type("2018年")
    editor.go_to("[name=_continue]")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "2018" in page.inner_text(".fact-table")
    assert "2019" not in page.inner_text(".fact-table")


def test_a_name_is_suggested_while_one_types(visit_as):
    page = visit_as("editor", f"{ADMIN}/tender/add/")

    page.locator("#id_buyer").press_sequentially("Affiliated Hosp")

    option = page.locator("#id_buyer_suggestions option")
    option.first.wait_for(state="attached")
    assert option.first.get_attribute("value").startswith("Affiliated Hospital of Putian University · I-")
