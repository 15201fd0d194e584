"""What a cell means: tables of outside reports with their right values, and their neighbours."""

import csv
import json
import unicodedata
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from tenders.admin.named_records import NamedRecordField
from tenders.choices import ProcurementMethod, TenderStatus
from tenders.exports.cells import cell_text
from tenders.imports.cells import split
from tenders.imports.party_names import check_one_name
from tenders.integrity import find_problems
from tenders.kinds import Code, CreditCode, Line, Money, Name, PartialDate, RegionCode, Text
from tenders.models import Award, Company, Region, Tender
from tenders.search import INVISIBLE, LOOKS_BLANK, fold, name_text, title_pinyin, visible, words
from tests.factories import create_company
from tests.test_admin import address
from tests.test_fact_table import formset
from tests.test_imports import NEW, csv_of, imported, planned, problems_of

REPORTS = Path(__file__).parent / "reports"


def cells_of(report, column):
    with (REPORTS / f"{report}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def readings(parse, texts):
    """Return what each text is parsed to; None for one that is refused."""
    return [reading(parse, text) for text in texts]


def reading(parse, text):
    try:
        return parse(text)
    except ValidationError:
        return None


# Dates


def test_the_dates_of_a_report_are_read_or_refused():
    dates = readings(PartialDate().parse, cells_of("R09-R10-dates", "notice_date"))

    day = "2019-10-25"
    assert dates == [
        *(day, day, day, None, None, None, day, None, "2019-10", None),
        *(
            None,
            day,
            day,
            None,
            day,
            day,
            "2019-02-30",
            None,
            day,
            "2019-10",
        ),  # its field refuses the day of no calendar
    ]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2019/10/25 上午10:30", "2019-10-25"),
        ("2019年10月25日 星期五 10时30分", "2019-10-25"),
        ("2019-10-25 下午2:30（北京时间）", "2019-10-25"),
        ("2019/10/25 10:30 PM", "2019-10-25"),
        ("2019-10-25T00:00:00Z", "2019-10-25"),
        ("2019-10-25T23:00:00Z", None),
        ("2019-10-25T01:00:00+09:30", None),
        ("2019-10-25 10", None),
        ("2019-10 10:30", None),
        ("2019-10-2510:30", None),
        ("2019-10-25 25:30", None),
        ("\u200b2019-10-25\ufeff", "2019-10-25"),
    ],
)
def test_a_time_of_day_is_dropped_where_the_day_is_certain(text, date):
    assert reading(PartialDate().parse, text) == date


@pytest.mark.django_db
def test_a_date_with_a_time_is_shown_as_a_reading():
    _planner, _plan, (row,) = planned(csv_of(NEW | {"notice_date": "2019年10月25日 10:30"}))

    assert [(item.column, item.read) for item in row.parsed.readings] == [("notice_date", "2019-10-25")]


# Amounts


def test_the_amounts_of_a_report_are_read_or_refused():
    amounts = readings(Money().parse, cells_of("R11-R12-amounts", "budget_amount"))

    assert amounts == [
        *(8_995_000, 8_995_000, 8_995_000, 8_995_000, 8_995_000, None, None, None, None, None),
        *(None, None, 12_345_678, 1_234_500, 0, None, None, None, None, 8_995_000),
        *(8_995_000, 8_995_000, 8_995_000, 8_995_000, 35_410_700, 9_000_000, None, None, None, 9_500_000),
        *(None, None, 8_995_000, None, None, None, None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("100万美元", "only amounts in yuan"),
        ("US$1000", "only amounts in yuan"),
        ("下浮15%", "a rate or a discount"),
        ("900万元/年", "a price per unit"),
        ("约900万元", "how exact this amount is"),
        ("100-200万元", "a range, or several"),
        ("9000000.00/9000000.00", "a range, or several"),
        ("some", "Write a plain number"),
    ],
)
def test_what_is_no_amount_of_yuan_is_refused_with_the_reason(text, words):
    with pytest.raises(ValidationError, match=words):
        Money().parse(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("壹仟零伍拾万零叁佰元整", 10_500_300),
        ("叁万贰仟壹佰元伍角陆分", "32100.56"),
        ("壹億貳仟萬圓整", 120_000_000),
        ("壹佰零伍元零伍分", "105.05"),
        ("拾万元整", 100_000),
        ("²", None),
        ("玖佰", None),
        ("佰玖元整", None),
        ("伍元伍元", None),
    ],
)
def test_amounts_in_capital_numerals_are_read_if_they_are_certain(text, amount):
    value = reading(Money().parse, text)

    assert value == (None if amount is None else Money().parse(str(amount)))


@pytest.mark.django_db
def test_words_before_the_amount_of_an_award_are_its_qualifier():
    row = NEW | {"award_amounts": "约900万元 | 100万元以上 | 5", "award_amount_qualifiers": "| at-least | exact"}

    (problem,) = problems_of(csv_of(row | {"award_amount_qualifiers": "exact | at-least | exact"}))
    imported(csv_of(row))

    assert problem.column == "award_amounts"
    assert list(Award.objects.values_list("amount", "amount_qualifier")) == [
        (9_000_000, "about"),
        (1_000_000, "at-least"),
        (5, "exact"),
    ]


# Names


@pytest.mark.django_db
def test_no_cell_of_a_report_makes_one_company_of_several_or_of_none():
    rows = [
        NEW | {"year": str(2000 + n), "award_companies": text}
        for n, text in enumerate(cells_of("R05-R06-consortium-and-placeholders", "award_companies"))
    ]

    _planner, _plan, plans = planned(csv_of(*rows))

    accepted = [plan.parsed.awards["award_companies"] for plan in plans if not plan.problems]
    both = ["甲乙信息技术有限公司", "丙丁数据有限公司"]
    assert [[list(map(str, companies)) for companies in awards] for awards in accepted] == [
        [both],  # joint winners, with a full-width semicolon
        [[name] for name in both],  # two lots, with a full-width bar
    ]


ONE_NAME = [
    *("北京和利时系统工程有限公司", "某省住房和城乡建设厅", "Foo Co., Ltd.", "Johnson & Johnson Ltd"),
    *(
        "A/S Some Company",
        "某联合体育用品有限公司",
        "某某有限公司上海分公司",
        "360数字安全科技集团有限公司",
        "四川一、二建筑公司",
        "某某科技（北京、上海）有限公司",
    ),
]
SEVERAL = [
    *("Alpha Ltd, Beta Inc", "甲有限公司、乙", "浙江大学/某某集团", "甲公司（联合体牵头人）", "①甲乙有限公司"),
    *("某市大数据局、某市财政局", "甲公司和乙公司", "甲有限公司（主）乙有限公司（联）", "中标人：甲有限公司"),
]


@pytest.mark.parametrize("text", ONE_NAME)
def test_one_name_is_one_name(text):
    check_one_name(text)


@pytest.mark.parametrize("text", SEVERAL)
def test_several_names_or_a_role_are_refused(text):
    with pytest.raises(ValidationError):
        check_one_name(text)


@pytest.mark.django_db
def test_a_legal_name_with_such_a_sign_is_found_where_there_is_one():
    company = create_company(name_en="", name_zh="甲有限公司、乙有限公司联营体", name_zh_status="sourced")

    imported(csv_of(NEW | {"award_companies": company.name_zh}))

    assert Award.objects.get().suppliers.get() == company


@pytest.mark.parametrize(
    "text",
    ["/", "无", "——", "详见附件", "本项目废标", "N/A", "暂无", "同上", "无中标供应商", "０", "以合同为准", "a\nb"],
)
@pytest.mark.parametrize("column", ["name_en", "name_zh"])
def test_a_placeholder_is_no_name_in_a_form_either(admin_client, db, text, column):
    form = {column: text, f"{column}_status": "sourced", **formset("citations")}

    response = admin_client.post(address(Company, "add"), form)

    assert response.status_code == 200
    assert not Company.objects.exists()
    assert reading(Name().parse, text) is None


@pytest.mark.parametrize("text", ["/", "详见附件", "\u200b无"])
def test_a_placeholder_is_not_added_by_name(db, text):
    field = NamedRecordField(Company.objects.all(), add=True)

    with pytest.raises(ValidationError, match="isn’t a name"):
        field.clean(f"+{text}")


@pytest.mark.django_db
def test_names_that_begin_like_a_reference_are_names():
    names = cells_of("R35-names-like-references", "award_companies")

    imported(
        csv_of(*({**NEW, "title_zh": f"平台{n}", "award_companies": name} for n, name in enumerate(names))),
        accepted_duplicates=range(2, 20),
    )

    assert set(Company.objects.values_list("name_en", flat=True)) == set(names)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["C-9TR6WB", "c-9tr6wb", "I-4QX2VD", "TW-7K3M9Q"])
def test_a_reference_of_no_company_is_no_name(text):
    assert [problem.column for problem in problems_of(csv_of(NEW | {"award_companies": text}))] == ["award_companies"]


# Invisible characters


def test_the_characters_that_show_nothing_are_those_of_unicode():
    shown = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    formats = {code for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"}

    assert all(INVISIBLE.fullmatch(chr(code)) for code in formats - shown)
    assert all(INVISIBLE.fullmatch(chr(code)) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
    assert not any(INVISIBLE.fullmatch(chr(code)) for code in shown)


@pytest.mark.django_db
def test_the_names_of_a_report_with_invisible_characters_are_those_without():
    texts = cells_of("R07-invisible-characters", "award_companies")
    imported(
        csv_of(*({**NEW, "title_zh": f"第{n}号平台", "award_companies": text} for n, text in enumerate(texts))),
        accepted_duplicates=range(2, 30),
    )

    stored = "".join(Company.objects.values_list("name_zh", flat=True))
    assert not INVISIBLE.search(stored)
    assert not LOOKS_BLANK.search(stored)
    assert Company.objects.filter(name_zh="某某科技（北京）有限公司").count() == 1


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u00ad", "\u202a", "\ufe0f", "\u2060", "\U000e0100"])
def test_an_invisible_character_changes_nothing(admin_client, db, sign):
    text = f"{sign}某{sign}公司{sign}"

    admin_client.post(address(Company, "add"), {"name_zh": text, "name_zh_status": "sourced", **formset("citations")})

    assert Company.objects.get().name_zh == visible(text) == Text().parse(text) == "某公司"
    assert fold(text) == "某公司"
    assert words(text) == ["某公司"]


def test_what_looks_like_a_blank_is_one():
    assert fold("a\u3164\u2800b\u115fc") == "a b c"
    assert Text().parse("a\u00a0b\u2009c\u2028d\u3164") == "a b c\nd"


# Lots


def test_the_lots_of_a_report(db):
    texts = [cells_of("R15-lots", column) for column in ("award_lots", "award_companies")]
    rows = [NEW | {"award_lots": lots, "award_companies": companies} for lots, companies in zip(*texts, strict=True)]

    _planner, _plan, plans = planned(csv_of(*rows))

    numbers = [0 if plan.problems else len(plan.parsed.awards["award_companies"]) for plan in plans]
    assert numbers == [2, 2, 2, 1, 0, 3, 1]
    assert "“||” is the sign |" in plans[4].problems[0].message


@pytest.mark.parametrize("text", ["a", "a | b", "a｜b", "a||b", "｜", "||｜｜|", "; ；"])
def test_bars_inside_texts_come_back(text):
    assert split(cell_text([text, "x"], (" | ",)), "|") == [text, "x"]


# Codes and regions


@pytest.fixture
def regions(db):
    rows = json.loads((Path(settings.BASE_DIR) / "fixtures" / "regions.json").read_text(encoding="utf-8"))
    Region.objects.bulk_create(Region(**row["fields"]) for row in rows)


def test_the_regions_of_a_report_are_read_or_refused(regions):
    index = RegionCode().code_index()

    found = readings(index.find, cells_of("R38-regions", "region"))

    assert [region and region.code.removeprefix("CN-") for region in found] == [
        *("BJ", "BJ", "BJ", "BJ", "BJ", "BJ", "BJ", "BJ", "BJ", "HK"),
        *("HK", "HK", None, None, "NM", "NM", "GX", "SN", "SN", None),
    ]


def test_each_region_has_words_of_its_own(regions):
    index = RegionCode().code_index()

    for region in Region.objects.all():
        assert {index.find(word) for word in region.words} == {region}


@pytest.mark.parametrize("text", ["Beijin", "CN-XX", "Shanksi", "99", "110108"])
def test_no_other_province_is_offered(regions, text):
    with pytest.raises(ValidationError) as error:
        RegionCode().code_index().find(text)

    assert error.value.messages == ["There is no such code or name. Use one such as CN-AH."]


def test_the_words_of_a_report_are_statuses():
    assert readings(Code(TenderStatus).parse, cells_of("R39-status-words", "status")) == [
        *("unsuccessful", "unsuccessful", "cancelled", "unsuccessful", "cancelled"),
        *("complete", "complete", "complete", "cancelled", "complete", None),
    ]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("公开招标", "open"),
        ("邀请招标", "selective"),
        ("单一来源", "direct"),
        ("单一来源采购", "direct"),
        ("Selective", "selective"),
        ("竞争性磋商", None),
        ("询价", None),
        ("框架协议", None),
    ],
)
def test_the_words_of_methods(word, code):
    assert reading(Code(ProcurementMethod).parse, word) == code


def test_a_word_that_does_not_decide_is_refused_with_the_choice():
    with pytest.raises(ValidationError, match="selective if a public notice"):
        Code(ProcurementMethod).parse("竞争性磋商")


# Pinyin


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("上海市长宁区人民法院", "changning"),
        ("西安市长安区", "changan"),
        ("某县长征医院", "changzheng"),
        ("某省长江航务管理局", "changjiang"),
        ("上海市长办公室", "shizhang"),
        ("朝阳市财政局", "chaoyang"),
        ("漯河市财政局", "luohe"),
        ("南京市六合区", "luhe"),
        ("长治市长子县", "zhangzi"),
        ("成都市郫都区", "pidu"),
    ],
)
def test_places_with_a_rare_reading_are_found(name, pinyin):
    assert pinyin in name_text(name)
    assert pinyin in title_pinyin(name).replace("'", "")


def test_tenders_are_imported_under_their_official_number(db):
    imported(csv_of(NEW | {"official_number": " ＺＦＣＧ 2019-001 "}))

    assert Tender.objects.get().official_number == "ZFCG2019-001"
    assert [problem.column for problem in problems_of(csv_of(NEW | {"official_number": "详见附件"}))] == [
        "official_number"
    ]


# Credit codes

ISSUED = "91350203M0001QKT19"  # whose last character should be F


def test_a_code_that_was_issued_with_another_last_character_is_confirmed(admin_client, db):
    form = {"name_zh": "某公司", "name_zh_status": "sourced", "credit_code": ISSUED, **formset("citations")}

    refused = admin_client.post(address(Company, "add"), form)
    admin_client.post(address(Company, "add"), form | {"is_credit_code_as_issued": "on"})

    assert "the last character must be F" in refused.text
    company = Company.objects.get()
    assert (company.credit_code, company.is_credit_code_as_issued) == (ISSUED, True)
    assert list(find_problems()) == []
    Company.objects.update(is_credit_code_as_issued=False)
    assert [problem for problem in find_problems() if "the last character must be F" in problem]


def test_a_source_may_have_such_a_code():
    CreditCode().validate(ISSUED)


@pytest.mark.django_db
def test_an_import_refuses_such_a_code_of_a_new_company_and_takes_that_of_a_confirmed_one():
    row = NEW | {"award_companies": "某公司", "award_company_credit_codes": ISSUED}

    (problem,) = problems_of(csv_of(row))
    create_company(
        name_en="", name_zh="某公司", name_zh_status="sourced", credit_code=ISSUED, is_credit_code_as_issued=True
    )

    assert "the last character must be F" in problem.message
    assert problems_of(csv_of(row)) == []


@pytest.mark.parametrize(
    "name", ["无人机研究院（深圳）有限公司", "主流标准技术研究院", "某市交流标准示例局", "无锡某科技公司"]
)
def test_a_name_may_have_the_signs_of_a_placeholder_within(name):
    assert Name().parse(name) == name


@pytest.mark.parametrize("text", ["废标", "本项目流标", "废标（有效供应商不足三家）", "无中标人", "无人投标", "未公布"])
def test_what_notices_have_in_place_of_a_winner_is_refused(text):
    with pytest.raises(ValidationError, match="isn’t a name"):
        Name().parse(text)


def test_a_title_is_on_one_line():
    with pytest.raises(ValidationError, match="one line"):
        Line().parse("某市可信平台\n建设项目")
