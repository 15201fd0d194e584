"""Imports: which rows may be the same tender, told once; notices of one purchase by their number or title."""

from collections import defaultdict

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.synthetic import Chance
from tenders.choices import EditorialState
from tenders.duplicates import compare
from tenders.figures import recompute_figures
from tenders.imports.classifying import MAX_LOOK_ALIKES, RowStatus
from tenders.models import Company, DatasetVersion, Tender, TenderFigures
from tenders.search import fold
from tenders.titles import part_of_project, title_of_purchase
from tenders.triggers import _installed
from tests.factories import create_company, create_institution, create_source, create_tender
from tests.test_imports import NEW, csv_of, imported, planned

PROJECT = "某市区块链电子证照平台建设项目"
NOTICES = [
    *("(ZB-2019-7)", "更正公告（一）", "更正公告(2)", "（重新发布）", "开标结果公示", "延长报名时间公告"),
    *("（二次）", "（第二次）", "第二次", "（三次）", "（重新招标）", "重新招标公告", "（重招）", "二次公告"),
    *(
        "更正公告",
        "中标公告",
        "中标（成交）结果公告",
        "成交公告",
        "结果公告",
        "废标公告",
        "流标公告",
        "终止公告",
        "变更公告",
    ),
    *("补充公告", "公开招标公告", "竞争性磋商公告", "单一来源采购公示", "资格预审公告", "中标候选人公示", "合同公告"),
    *(
        "第1包",
        "01包",
        "A包",
        "（A包）",
        "标段一",
        "-标段2",
        "（第二标段）中标公告",
        "（项目编号：ZFCG2019-001）更正公告（第二次）",
    ),
]
OTHERS = ["二期", "（第二阶段）", "-监理", "运维服务采购公告", "初步设计", "等保测评（二次）"]


def row(title, buyer="某市财政局", **cells):
    return {**NEW, "title_zh": title, "institution_name_zh": buyer, **cells}


def look_alikes(*rows):
    """Return {number of a row: numbers of the rows before that it may repeat} of the rows with any."""
    return {found.number: found.similar_rows for found in planned(csv_of(*rows))[2] if found.similar_rows}


# Titles


@pytest.mark.parametrize("words", NOTICES)
def test_the_title_of_a_purchase_is_what_its_notices_have_in_common(words):
    assert title_of_purchase(fold(PROJECT + words)) == PROJECT


@pytest.mark.parametrize(
    ("title", "purchase"),
    [
        ("【中标公告】某市平台项目", "某市平台项目"),
        ("[中标]某市平台项目[ZB-2019-8]", "某市平台项目"),
        ("某市平台（一）", "某市平台(一)"),
        ("关于某市平台项目的更正公告", "某市平台项目"),
        ("Award notice: Blockchain platform", "blockchain platform"),
        ("Blockchain platform - Lot 2 (second tender)", "blockchain platform"),
        ("第三次全国国土调查项目", "第三次全国国土调查项目"),
        ("安全评估研究（三次采购中的第二次）", "安全评估研究(三次采购中的第二次)"),
        ("中标公告", "中标公告"),
        ("", ""),
    ],
)
def test_only_words_of_notices_are_left_out_of_a_title(title, purchase):
    assert title_of_purchase(fold(title)) == purchase


@given(st.text())
def test_a_title_of_a_purchase_is_empty_for_no_title(text):
    assert bool(title_of_purchase(fold(text))) == bool(fold(text))


def test_the_first_phase_is_no_other_part_of_a_project_than_the_whole():
    assert part_of_project("平台一期") == part_of_project("平台") != part_of_project("平台二期")
    assert part_of_project("platform, phase ii") == part_of_project("second-phase platform") == {2}


# Rows of a file


@pytest.mark.django_db
def test_notices_of_one_purchase_in_a_file_are_probable_duplicates_of_the_first():
    rows = [row(PROJECT), *(row(PROJECT + words) for words in NOTICES)]

    found = look_alikes(*rows)

    assert set(found) == set(range(3, len(rows) + 2))
    assert all(2 in numbers for numbers in found.values())


@pytest.mark.django_db
def test_another_part_of_a_project_is_another_purchase():
    assert look_alikes(row(PROJECT), *(row(PROJECT + words) for words in OTHERS)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"year": "2018"},
        {"buyer": "某市教育局"},
        {"title": "某市食品溯源系统采购项目中标公告"},
    ],
)
def test_notices_of_another_year_institution_or_subject_are_of_another_purchase(other):
    title = other.pop("title", f"{PROJECT}中标公告")

    assert look_alikes(row(PROJECT), row(title, **other)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("words", NOTICES)
def test_a_notice_of_a_recorded_purchase_is_a_probable_duplicate_of_it(words):
    buyer = create_institution(name_zh="某市财政局", name_zh_status="sourced")
    tender = create_tender(title_zh=PROJECT, title_zh_status="sourced", buyer=buyer)

    (found,) = planned(csv_of(row(PROJECT + words)))[2]

    assert (found.status, found.candidates) == (RowStatus.DUPLICATE, [tender])


@pytest.mark.django_db
def test_the_official_number_decides_in_any_year_and_however_it_is_written():
    rows = [
        row(PROJECT, official_number="ZFCG〔2019〕001号"),
        row("区块链服务", official_number="zfcg[2019] 001号", year="2020"),
        row("区块链服务", "某市教育局", official_number="ZFCG[2019]001号"),
        row(PROJECT, official_number="ZFCG[2019]002号"),
        row(f"{PROJECT}（二次）", official_number="ZFCG[2019]003号"),
        row("监控设备", official_number="ZFCG[2019]001号-2"),
        row(f"{PROJECT}建设", official_number="ZFCG[2019]001号-3"),
    ]

    found = look_alikes(*rows)

    assert found[3] == (2,)
    assert found[4] == (2, 3)
    assert 5 not in found
    assert set(found[6]) == {2, 5}
    assert 7 not in found
    assert 2 in found[8]


@pytest.mark.parametrize(
    ("number", "found"), [("ZFCG-001", (99, "the same official number, another institution")), ("001", None)]
)
def test_a_telling_official_number_tells_of_two_institutions(number, found):
    one, other = (Tender(official_number=number, buyer_id=buyer, year=2019) for buyer in (1, 2))

    assert compare(one, other) == found


@pytest.mark.django_db
def test_a_recorded_tender_is_found_by_its_official_number_in_another_year():
    buyer = create_institution(name_zh="某市财政局", name_zh_status="sourced")
    tender = create_tender(official_number="ZFCG[2019]001", buyer=buyer, year=2018)

    (found,) = planned(csv_of(row("区块链服务", official_number="ZFCG〔2019〕001")))[2]

    assert (found.candidates, compare(tender, Tender(official_number="zfcg[2019]001", year=2019))) == (
        [tender],
        (100, "the same official number"),
    )


@pytest.mark.django_db
def test_look_alike_organisations_are_told_at_the_first_row_alone():
    company = create_company(name_zh="光载无限技术有限公司", name_zh_status="sourced")
    titles = ["电子发票", "食品溯源", "病历交换", "土地登记"]
    rows = [row(title, award_companies="光载无线技术有限公司 | 光载无线技术有限公司") for title in titles]

    plans = planned(csv_of(*rows))[2]

    assert [found.status for found in plans] == [RowStatus.DUPLICATE, *[RowStatus.NEW] * 3]
    assert plans[0].candidates == [company]


@pytest.mark.django_db
def test_legal_forms_weigh_little_in_names():
    create_company(name_en="Inversiones Alfa S.A.C.")
    create_company(name_zh="甲子股份有限公司", name_zh_status="sourced")

    one = planned(csv_of(row("电子发票", award_companies="Inversiones Beta S.A.C.")))[2][0]
    other = planned(csv_of(row("电子发票", award_companies="Inversiones Alfa S.R.L.")))[2][0]
    third = planned(csv_of(row("电子发票", award_companies="乙丑股份有限公司")))[2][0]

    assert [bool(found.candidates) for found in (one, other, third)] == [False, True, False]


def components(numbers, pairs):
    """Return the sets of rows that are connected by pairs."""
    parts = {number: {number} for number in numbers}
    for one, other in pairs:
        together = parts[one] | parts[other]
        for number in together:
            parts[number] = together
    return {frozenset(part) for part in parts.values()}


@given(data=st.data())
@settings(max_examples=15)
def test_the_order_of_the_rows_does_not_change_which_belong_together(db, data):
    titles = [PROJECT, f"{PROJECT}中标公告", f"{PROJECT}二期", "某市食品溯源系统", "某市食品溯源系统（二次）", "监控"]
    rows = [
        row(
            data.draw(st.sampled_from(titles)),
            data.draw(st.sampled_from(["某市财政局", "某市教育局"])),
            official_number=data.draw(st.sampled_from(["", "", "ZFCG-1", "ZFCG-2"])),
        )
        for _ in range(data.draw(st.integers(2, 8)))
    ]
    order = data.draw(st.permutations(range(len(rows))))

    found = []
    for places in (range(len(rows)), order):
        similar = look_alikes(*(rows[place] for place in places))
        pairs = [(places[number - 2], places[other - 2]) for number, others in similar.items() for other in others]
        found.append(components(range(len(rows)), pairs))

    assert found[0] == found[1]


@pytest.mark.django_db
def test_many_similar_rows_of_one_institution_are_all_found():
    chance = Chance(1)
    subjects = [
        f"{chance.choice('甲乙丙丁')}{chance.choice('东南西北')}{chance.choice('湖山江河')}" for _ in range(150)
    ]
    groups = defaultdict(list)
    rows = []
    for number, subject in enumerate(subjects, 2):
        groups[subject].append(number)
        rows.append(row(f"{subject}区块链监控{'中标公告' if len(groups[subject]) > 1 else ''}"))

    found = look_alikes(*rows)

    assert {number for numbers in groups.values() for number in numbers[1:]} == set(found)
    assert all(set(found[number]) <= set(numbers) for numbers in groups.values() for number in numbers[1:])


# Reports


@pytest.mark.django_db
def test_a_report_names_the_first_look_alikes_and_counts_the_others(tmp_path, capsys):
    for number in range(8):
        create_company(name_zh=f"光载无限{'甲乙丙丁戊己庚辛'[number]}技术有限公司", name_zh_status="sourced")
    file = tmp_path / "file.csv"
    file.write_bytes(csv_of(row("电子发票" * 20, award_companies="光载无限技术有限公司", notes="长" * 5000)))

    call_command("import_tenders", file, "--dry-run", "--accept-duplicates", "all")

    lines = capsys.readouterr().out.splitlines()
    line = next(line for line in lines if "may be the same" in line)
    assert (line.count("C-"), line.endswith(", 3 more.")) == (MAX_LOOK_ALIKES, True)
    assert max(map(len, lines)) < 500


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--accept-duplicates", "--another"])
@pytest.mark.parametrize("given_as", ["all", "numbers", "file", "report"])
def test_duplicates_are_accepted_all_or_by_number_or_by_file(tmp_path, capsys, option, given_as):
    file, accepted = tmp_path / "file.csv", tmp_path / "accepted.txt"
    file.write_bytes(csv_of(row(PROJECT), row(f"{PROJECT}第1包"), row(f"{PROJECT}第2包")))
    with pytest.raises(CommandError, match="--accept-duplicates"):
        call_command("import_tenders", file)
    report = capsys.readouterr().out
    accepted.write_text({"file": "3,\n4", "report": report}.get(given_as, ""), encoding="utf-8")
    values = {"all": ["all"], "numbers": ["3", "4"]}.get(given_as, [str(accepted)])

    if given_as == "report":
        lines = [line for line in report.splitlines() if "may be the same" in line]
        accepted.write_text("\n".join(lines), encoding="utf-8")
    call_command("import_tenders", file, option, *values)

    assert Tender.objects.count() == 3
    assert set(Tender.objects.values_list("state", flat=True)) == {EditorialState.DRAFT}


@pytest.mark.django_db
def test_a_file_of_accepted_rows_that_is_none_is_refused(tmp_path):
    file, accepted = tmp_path / "file.csv", tmp_path / "accepted.txt"
    file.write_bytes(csv_of(row(PROJECT)))
    accepted.write_text("three", encoding="utf-8")

    with pytest.raises(CommandError, match=r"Write numbers of rows in .*“three” isn't one"):
        call_command("import_tenders", file, "--accept-duplicates", accepted)
    with pytest.raises(CommandError, match="Give “all”, numbers of rows, or a file of these"):
        call_command("import_tenders", file, "--accept-duplicates", "everything")
    assert not Company.objects.exists()


# Writing in bulk


@pytest.mark.django_db
def test_an_import_leaves_figures_versions_and_triggers_as_single_writes_do():
    source = create_source(slug="file")
    awards = {"award_companies": "甲公司; 乙公司 | 甲公司", "award_amounts": "100 | 200"}
    data = csv_of(row(PROJECT, **awards, award_amount_qualifiers="exact | exact"), row("电子发票"))
    versions, installed = DatasetVersion.versions(), triggers_of(connection)

    imported(data, source)

    names = [field.attname for field in TenderFigures._meta.concrete_fields if field.name != "articles"]
    figures = list(TenderFigures.objects.order_by("tender").values(*names))
    Tender.objects.get(title_zh=PROJECT).citations.update(place="1")  # by triggers
    recompute_figures(connection, Tender.objects.values_list("pk", flat=True))
    assert list(TenderFigures.objects.order_by("tender").values(*names)) == figures
    assert {figure["award_amount"] for figure in figures} == {300, None}
    assert triggers_of(connection) == installed
    assert all(now != before for now, before in zip(DatasetVersion.versions(), versions, strict=True))


def triggers_of(connection):
    with connection.cursor() as cursor:
        return _installed(connection, cursor)
