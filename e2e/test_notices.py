"""From a notice to a public tender with every fact cited: with few clicks and without typing, also without script."""

import pytest

from e2e.axe import ALL_LOOKS, faults_in
from e2e.records import PASSWORD

# Of a year without other tenders, so that no number of another test changes.
NOTICE = """链上档案平台{n}采购项目成交公告

一、项目编号：E2E-2023-{n}
二、项目名称：链上档案平台{n}采购项目
三、采购方式：竞争性磋商
四、采购公告日期：2023年3月1日
五、成交日期：2023年3月21日
六、成交供应商：虚构存证{n}科技有限公司
七、成交金额：人民币494.2万元
八、评审专家名单：甲一夫、乙二夫、丙三夫
九、采购人：示例档案{n}馆
    联系人：丁四夫　联系电话：010-00000001
2023年3月22日
"""
MAX_CLICKS = 12
PERSONAL = ("甲一夫", "丁四夫", "010-00000001")


@pytest.fixture
def desk(visit):
    """Return a function that opens the front page of the admin as an editor."""

    def desk(language="", **options):
        page = visit(f"{language}/admin/login/?next={language}/admin/", **options)
        page.fill("[name=username]", "editor")
        page.fill("[name=password]", PASSWORD)
        page.click("[type=submit]")
        page.wait_for_selector("#user-tools")
        return page

    return desk


@pytest.mark.parametrize(("has_script", "language"), [(True, ""), (False, "/zh-hans")])
def test_a_notice_becomes_a_public_tender_without_typing(desk, has_script, language):
    page = desk(language, java_script_enabled=has_script)
    number, clicks = 1 + has_script, 0

    def click(selector):
        nonlocal clicks
        page.click(selector)
        clicks += 1

    page.fill("[name=text]", NOTICE.format(n=number))  # pasted
    click(".notice-paste [type=submit]")
    page.wait_for_selector(".notice-screen")
    if has_script:
        page.keyboard.press("Alt+n")
        assert page.evaluate("document.activeElement.closest('.notice-row').id") == "fact-0-procurement_method"
        assert page.locator("mark.is-lit").inner_text() == "竞争性磋商"
    assert not [words for words in PERSONAL if words in page.content()]
    click(".notice-choices button")
    assert page.input_value("[name=procurement_method]") == "selective"
    click("[name=_publish]")
    page.wait_for_selector("ul.messagelist .success")

    assert clicks <= MAX_CLICKS
    shown = page.inner_text("#content-main")
    for words in (f"E2E-2023-{number}", "2023-03-01", "2023-03-21", "4,942,000", f"示例档案{number}馆"):
        assert words in shown
    assert "no source" not in shown
    assert page.locator(".fact.is-uncited").count() == 0
    public = page.get_attribute(".viewsitelink", "href")
    page.fill("[name=change_reason]", "Only of a test.")
    page.click("[name=_withdraw]")
    assert page.goto(public).status == 410


def test_axe_finds_nothing_on_the_screen_of_a_notice(desk):
    page = desk()
    page.fill("[name=text]", NOTICE.format(n=3))
    page.click(".notice-paste [type=submit]")
    page.wait_for_selector(".notice-screen")

    assert not faults_in(page, ALL_LOOKS)
