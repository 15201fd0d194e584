"""Reading files: a cell is read as it is shown, or refused with its place and with what would be right."""

import datetime
import io
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from tenders.exports.writers import workbook_text
from tenders.imports.readers import ENCODINGS, ReadCell, RefusedCell, Unreadable, open_table
from tenders.kinds import Money

SAMPLES = Path(__file__).parent / "imports_samples"
NAMES = ["year", "title_zh", "notice_date", "budget_amount", "notes"]
COLUMNS = {"notice_date": 3, "budget_amount": 4, "notes": 5}


def workbook_of(*cells, column="notes", arrange=lambda sheet: None, **properties):
    """Return a workbook whose rows have a value, or (value, number format), in one column."""
    workbook = openpyxl.Workbook(**properties)
    sheet = workbook.active
    sheet.title = "Tenders"
    sheet.append(NAMES)
    for number, cell in enumerate(cells, 2):
        sheet.cell(number, 1).value = 2019
        value, code = cell if isinstance(cell, tuple) else (cell, "General")
        sheet.cell(number, COLUMNS[column]).value = value
        sheet.cell(number, COLUMNS[column]).number_format = code
    arrange(sheet)
    return saved(workbook)


def saved(workbook):
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def with_xml(data, old, new, part="xl/worksheets/sheet1.xml"):
    """Return a workbook in one part of which a text is replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return file.getvalue()


def table_of(data, encoding=""):
    return open_table(io.BytesIO(data), encoding)


def read(data, column="notes"):
    """Return the cells of a column."""
    return [cells.get(column, "") for _number, cells in table_of(data).rows()]


def read_one(value, code="General", column="notes"):
    (cell,) = read(workbook_of((value, code), column=column), column)
    return cell


def sample(name):
    return list(open_table(io.BytesIO((SAMPLES / name).read_bytes())).rows())


# Dates


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("mmm-yy", "2019-10"),
        ('yyyy"年"m"月"', "2019-10"),
        ("yyyy年m月", "2019-10"),
        ("mm/yyyy", "2019-10"),
        ("[$-409]mmmm yyyy;@", "2019-10"),
        ("[$-zh-CN]yyyy-mm", "2019-10"),
        ('[DBNum1][$-804]yyyy"年"m"月"', "2019-10"),
        ("yyyy", "2019"),
        ("yy", "2019"),
        ("e", "2019"),
        ('yyyy"年"', "2019"),
    ],
)
def test_of_a_date_as_much_is_read_as_the_cell_shows_and_said(code, text):
    cell = read_one(datetime.datetime(2019, 10, 25), code, "notice_date")

    assert cell == text
    assert isinstance(cell, ReadCell)


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        "m/d/yyyy",
        "dd.mm.yy",
        'yyyy"年"m"月"d"日"',
        "[$-F800]dddd, mmmm dd, yyyy",
        "[$-404]e/m/d",
        "d\\-mmm\\-yy",
    ],
)
def test_a_whole_date_is_read_in_any_order(code):
    cell = read_one(datetime.datetime(2019, 10, 25), code, "notice_date")

    assert cell == "2019-10-25"
    assert not isinstance(cell, ReadCell | RefusedCell)


@pytest.mark.parametrize(
    "code", ["yyyy-mm-dd hh:mm", "m/d/yyyy h:mm AM/PM", 'yyyy"年"m"月"d"日" h"时"mm"分"', "d/m/yyyy mm:ss.00"]
)
def test_of_a_date_with_a_time_the_date_is_read_and_said(code):
    cell = read_one(datetime.datetime(2019, 10, 25, 10, 30), code, "notice_date")

    assert cell == "2019-10-25"
    assert "30" in cell.written


@pytest.mark.parametrize(
    "code",
    [
        *(
            "m/d",
            "d-mmm",
            'm"月"d"日"',
            "dddd",
            "aaaa",
            "d",
            "mmm",
            "mmmmm-yy",
            "yyyy d",
            "yyyy dddd",
            "h:mm",
            "[h]:mm",
        ),
        *(
            "mm:ss",
            'yyyy"Q"m',
            '"FY"yyyy',
            'yyyy"年第"m"期"',
            "[$-130000]yyyy-mm-dd",
            "bbbb-mm-dd",
            "TT.MM.JJJJ",
            '"20"yy',
        ),
    ],
)
@pytest.mark.parametrize("column", ["notice_date", "notes"])
def test_a_date_that_the_cell_does_not_show_is_refused_with_its_place(code, column):
    cell = read_one(datetime.datetime(2019, 10, 25, 10, 30), code, column)

    assert isinstance(cell, RefusedCell)
    assert "as text" in cell.message or "can’t be read" in cell.message
    assert f"(Sheet “Tenders”, {'C' if column == 'notice_date' else 'E'}2.)" in cell.message


NUMBERED = {17: "2019-10", 57: "2019-10", 14: "2019-10-25", 31: "2019-10-25", 22: "2019-10-25", 1: "43763"}


@pytest.mark.parametrize("number", [*NUMBERED, 16, 58, 20, 46, 70, 5])
def test_formats_that_a_file_names_by_number_are_known(number):
    data = with_xml(
        workbook_of((43763, "0.0000"), column="notice_date"),
        'numFmtId="164" fontId',
        f'numFmtId="{number}" fontId',
        "xl/styles.xml",
    )

    (cell,) = read(data, "notice_date")

    assert cell == NUMBERED[number] if number in NUMBERED else isinstance(cell, RefusedCell)


def test_days_may_be_counted_from_1904_and_dates_may_be_text():
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append(["notice_date"])
    workbook.active.append([datetime.date(2019, 10, 25)])
    workbook.iso_dates = True
    as_text = openpyxl.Workbook(iso_dates=True)
    as_text.active.append(["notice_date"])
    as_text.active.append([datetime.date(2019, 10, 25)])

    assert read(saved(workbook), "notice_date") == ["2019-10-25"]
    assert read(saved(as_text), "notice_date") == ["2019-10-25"]


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "mmm-yy", "m/d/yyyy h:mm"])
def test_a_date_among_texts_is_refused_as_nobody_typed_it_so(code):
    cell = read_one(datetime.datetime(2019, 10, 25), code, "notes")

    assert isinstance(cell, RefusedCell)
    assert "made a date of what was typed" in cell.message


@pytest.mark.parametrize("serial", [0, 1, 59.5, -3, 2958466, 1e12, 43762.999999])
def test_days_on_which_spreadsheets_differ_are_refused(serial):
    assert isinstance(read_one(serial, "yyyy-mm-dd"), RefusedCell)


@pytest.mark.parametrize(("value", "code"), [(2019.1, "General"), (2019.1, "0.00")])
def test_a_number_that_looks_like_a_month_is_refused_as_a_date(value, code):
    assert isinstance(read_one(value, code, "notice_date"), RefusedCell)
    assert read_one(value, code, "notes") == "2019.1"


# Numbers


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (8995000, "General", "8995000"),
        (8995000, "0", "8995000"),
        (8995000.5, "#,##0.00", "8995000.5"),
        (1234567.8900000001, "General", "1234567.89"),
        (0.1 + 0.2, "0.0", "0.3"),
        (899.5, '0.00"万元"', "899.50万元"),
        (1899.5, '#,##0.00"万元"', "1,899.50万元"),
        (899.5, "0.00万元", "899.50万元"),
        (899.5, "0.00\\万", "899.50万"),
        (899.5, 'General"万元"', "899.5万元"),
        (8995000, '0!.0,"万元"', "8995000"),
        (8995000, '0\\.0000"万"', "8995000"),
        (8995000, '0.000,,"百万"', "8995000"),
        (8995000, "¥#,##0.00", "¥8,995,000.00"),
        (8995000, "[$¥-804]#,##0;[Red]-[$¥-804]#,##0", "¥8,995,000"),
        (8995000, '"人民币"0', "人民币8995000"),
        (8995000, "[$CNY] #,##0.00", "CNY 8,995,000.00"),
        (8995000, "[$RMB] #,##0.00", "RMB 8,995,000.00"),
        (8995000, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "8995000"),
        (8995000, "[>=100]0;0.00", "8995000"),
        (8995000, "[Blue]0;[Red]-0", "8995000"),
        (-5, "0", "-5"),
        (-5, "0;[Red]-0", "-5"),
        (-5, "#,##0_);(#,##0)", "-5"),
        (0.15, "0%", "15%"),
        (120000, "[$USD] #,##0", "USD 120,000"),
        (120000, "$#,##0", "$120,000"),
        (120000, "#,##0 €", "120,000 €"),
        (42, "000000", "000042"),
        (1, '"第"0"包"', "第1包"),
        (20191025, "0000-00-00", "2019-10-25"),
        (123456, "@", "123456"),
    ],
)
def test_a_number_is_read_as_the_cell_shows_it(value, code, text):
    cell = read_one(value, code, "budget_amount")

    assert cell == text
    assert not isinstance(cell, RefusedCell)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (8995000, "0,"),
        (8995000, "0.0,,"),
        (8995000, '0.0,"万元"'),
        (8995000, '0!.0,"亿元"'),
        (8995499, '0!.0,"万元"'),
        (8995000, "0.00E+00"),
        (8995000, "##0.0E+0"),
        (0.5, "# ?/?"),
        (8995000, ";;;"),
        (8995000, '"详见附件"'),
        (8995000, '[=8995000]"废标";0'),
        (1234567.89, "#,##0"),
        (0.156, "0%"),
        (0, '0;-0;"-"'),
        (-5, "0;0"),
        (5, "-0"),
        (5, '0"0"'),
        (5, '0".5"'),
        (8995000, "[$¥-411]#,##0"),
        (8995000, "[DBNum2]0"),
        (8995000, "[$-D000000]0"),
        (3, "[>5]0"),
        (5, "0 k"),
        (5, "0;0;0;0;0"),
        (5, "*00"),
        (123456789012, "General"),
        (5, '"x"@'),
        (1.23e17, "General"),
        (1.23e17, "0"),
        (91440300123456789, "0"),
    ],
)
def test_a_number_that_the_cell_does_not_show_is_refused(value, code):
    cell = read_one(value, code, "budget_amount")

    assert isinstance(cell, RefusedCell)
    assert "(Sheet “Tenders”, D2.)" in cell.message


UNITS = {"": 1, "万": 10**4, "万元": 10**4, "亿元": 10**8, "千元": 10**3, "元": 1, " CNY": 1}
LITERALS = ["", "万", "万元", "亿元", "千元", "元", " CNY", "%", "$", "/年", "USD", "k", "0", "5", ".", ".5", "-", "约"]


@st.composite
def number_formats(draw):
    """Draw (code, show): a number format, and a function that shows a number by it, made of the same parts."""
    digits = draw(st.sampled_from(["0", "#", "#,##0", "000", "#,###"]))
    decimals = draw(st.integers(0, 3))
    thousands, percent = draw(st.integers(0, 2)), draw(st.booleans())
    prefix, suffix = draw(st.sampled_from(["", "¥", "人民币", "$", "€", "约", "1"])), draw(st.sampled_from(LITERALS))
    part = "." + draw(st.sampled_from(["0", "#"])) * decimals if decimals else ""
    code = f'"{prefix}"' * bool(prefix) + digits + part + "," * thousands + "%" * percent + f'"{suffix}"' * bool(suffix)

    def show(value):
        scaled = Decimal(repr(value)) * (100 if percent else 1) / 1000**thousands
        rounded = scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        whole, _point, fraction = f"{rounded:{',' if ',' in digits else ''}f}".partition(".")
        whole = whole.zfill(3) if digits == "000" else "" if whole == "0" and "0" not in digits else whole
        fraction = fraction.rstrip("0") if "#" in part else fraction
        return prefix + whole + ("." + fraction if fraction else "") + "%" * percent + suffix

    return code, show


def amount(text):
    try:
        return Money().parse(text)
    except ValidationError:
        return None


@given(st.lists(st.tuples(number_formats(), st.integers(0, 10**12), st.integers(0, 4)), min_size=1, max_size=30))
@settings(max_examples=15)
def test_no_workbook_is_read_as_another_amount_than_its_cells_show(drawn):
    shown = [(form, digits / 10**places) for form, digits, places in drawn]

    cells = read(
        workbook_of(*((value, code) for (code, _show), value in shown), column="budget_amount"), "budget_amount"
    )

    for ((code, show), value), cell in zip(shown, cells, strict=True):
        if not isinstance(cell, RefusedCell):
            assert amount(cell) == amount(show(value)), (code, value, cell)


DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "mmm": "%b", "mmmm": "%B", "dd": "%d", "dddd": "%A"}


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(sorted(DATE_PARTS)), min_size=1, max_size=4, unique=True),
            st.sampled_from(["-", "/", " ", "\\."]),
            st.sampled_from(["", " hh:mm", ";@"]),
            st.dates(datetime.date(1900, 3, 1), datetime.date(2099, 12, 31)),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=10)
def test_no_workbook_is_read_as_more_of_a_date_than_its_cells_show(drawn):
    dates = [(day, sign.join(parts) + end) for parts, sign, end, day in drawn]
    cells = read(workbook_of(*dates, column="notice_date"), "notice_date")

    for (parts, _sign, end, day), cell in zip(drawn, cells, strict=True):
        shows = {part[0] + ("w" if part == "dddd" else "") for part in parts}
        length = {"y": 4, "my": 7, "dmy": 10}.get("".join(sorted(shows - {"dw"})))
        is_certain = length == 10 or (length and "dw" not in shows and end != " hh:mm")
        assert bool(is_certain) == (not isinstance(cell, RefusedCell))
        assert not is_certain or cell == day.isoformat()[:length]


# Other cells


def test_texts_with_a_format_are_read_with_what_the_cell_shows_around_them():
    cells = read(workbook_of(("899.5", '0;0;0;@"万元"'), ("some", "@"), ("some", "0.00"), ("some", "General")))

    assert cells == ["899.5万元", "some", "some", "some"]
    assert isinstance(read_one("hidden", ";;;"), RefusedCell)


@pytest.mark.parametrize(
    "runs",
    [
        "<r><rPr><strike/></rPr><t>100</t></r><r><t>200</t></r>",
        "<r><t>100</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r>",
    ],
)
def test_a_text_with_a_part_struck_out_or_a_mark_of_a_note_is_refused(runs):
    cell = read(with_xml(workbook_of("text"), "<t>text</t>", runs))[0]

    assert isinstance(cell, RefusedCell)
    assert "struck out" in cell.message


def test_other_rich_text_is_read():
    runs = "<r><rPr><b/><strike val='0'/></rPr><t>km</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>2</t></r>"

    assert read(with_xml(workbook_of("text"), "<t>text</t>", runs)) == ["km2"]


@pytest.mark.parametrize("value", ["text", 100])
def test_a_cell_that_is_struck_out_is_refused(value):
    def arrange(sheet):
        sheet["E2"].font = openpyxl.styles.Font(strike=True)

    refused, other = read(workbook_of(value, value, arrange=arrange))

    assert isinstance(refused, RefusedCell)
    assert other == str(value)


def test_formulas_and_errors_are_refused_with_their_place():
    formula, error = read(workbook_of("=1+1", "#N/A"))

    assert (formula, error) == ("=1+1", "#N/A")
    assert "instead of a formula" in formula.message
    assert "(Sheet “Tenders”, E2.)" in formula.message
    assert "error of a formula" in error.message


def test_a_formula_is_refused_whatever_it_came_to():
    data = with_xml(workbook_of(2), '<c r="E2" t="n"><v>2</v></c>', '<c r="E2"><f>1+1</f><v>2</v></c>')
    shared = with_xml(workbook_of(2), '<c r="E2" t="n"><v>2</v></c>', '<c r="E2"><f t="shared" si="0"/><v>2</v></c>')

    assert [read(data), read(shared)] == [["=1+1"], ["2"]]
    assert isinstance(read(shared)[0], RefusedCell)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("a_x000D_\nb", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x4E00_", "一"),
        ("_xD83D__xDE00_", "😀"),
        ("x005F_ and _x00", "x005F_ and _x00"),
    ],
)
def test_escaped_characters_are_read(stored, text):
    assert read_one(stored) == text


@given(st.text(st.sampled_from("_x05FDa0\n"), min_size=1, max_size=20).map(str.strip))
@settings(max_examples=30)
def test_texts_that_look_escaped_are_written_and_read_as_they_are(text):
    assert not text or read_one(workbook_text(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "_xD83D_",
        "_x0000_",
        "\ue794",
        "a\ufffdb",
        "\u0378",
        "锟斤拷",
        "é¡¹ç›®",
        "Ä³ÊÐÇø¿é",
        "鍖哄潡閾�",
        "鍖哄潡閾惧钩鍙?",
    ],
)
def test_characters_of_a_wrong_encoding_are_refused_wherever_they_come_from(text):
    cells = read(workbook_of(text)) + ([] if "_x" in text else read(f"notes\n{text}\n".encode()))

    assert all(isinstance(cell, RefusedCell) for cell in cells)


@pytest.mark.parametrize(
    "text", ["区块链", "𠮷䶮㬎𬭎", "São Paulo; Über", "Привет", "ブロックチェーン", "Ⅱ期", "α", "😀", "\u200b"]
)
def test_rare_characters_of_a_certain_encoding_are_read(text):
    assert read(f"notes,year\n{text},1\n".encode()) == read(f"notes,year\n{text},1\n".encode("utf-16")) == [text]


@pytest.mark.parametrize("character", ["字", "😀"])
def test_a_text_as_long_as_a_cell_can_be_is_refused_as_it_may_be_cut(character):
    length = 32_767 * 2 // len(character.encode("utf-16-le"))

    assert isinstance(read_one(character * length + "a"), RefusedCell)
    assert read_one("a" * 32_766) == "a" * 32_766


@pytest.mark.parametrize("character", ["字", "😀", "a😀"])
def test_a_text_that_a_workbook_cannot_hold_says_so_and_is_refused_when_it_comes_back(character):
    text = workbook_text(character * 40_000)

    assert text.endswith("[The text goes on: CSV and JSON have all of it.]")
    assert len(text.encode("utf-16-le")) == 2 * 32_767
    assert isinstance(read_one(text), RefusedCell)
    assert workbook_text("字" * 32_767) == "字" * 32_767


# Merged, hidden, several


def test_a_cell_merged_down_a_column_stands_for_each_row_and_it_is_said():
    data = workbook_of("甲局", None, None, "乙局", arrange=lambda sheet: sheet.merge_cells("E2:E4"))

    cells = read(data)

    assert cells == ["甲局", "甲局", "甲局", "乙局"]
    assert [getattr(cell, "written", None) for cell in cells] == [
        None,
        "merged cells E2:E4",
        "merged cells E2:E4",
        None,
    ]


@pytest.mark.parametrize("place", ["D2:E2", "D2:E3", "A3:E3"])
def test_a_range_across_columns_is_refused_with_its_range(place):
    data = workbook_of(1, 2, column="budget_amount", arrange=lambda sheet: sheet.merge_cells(place))

    refused = [
        cell for _row, cells in table_of(data).rows() for cell in cells.values() if isinstance(cell, RefusedCell)
    ]

    assert refused
    assert all(place in cell.message for cell in refused)


@pytest.mark.parametrize("column", ["title_zh", "budget_amount"])
def test_a_value_that_several_rows_cannot_share_is_refused_with_its_range(column):
    letter = "BD"[column == "budget_amount"]

    def arrange(sheet):
        sheet[f"{letter}2"] = "1"
        sheet.merge_cells(f"{letter}2:{letter}3")

    assert f"{letter}2:{letter}3" in read(workbook_of("a", "b", arrange=arrange), column)[0].message


@pytest.mark.parametrize("place", ["A1:B1", "C1:C2", "E1:H1"])
def test_a_range_over_the_header_is_refused(place):
    with pytest.raises(Unreadable, match=f"Unmerge {place} in the sheet “Tenders”"):
        table_of(workbook_of("a", arrange=lambda sheet: sheet.merge_cells(place)))


def test_empty_ranges_and_ranges_beside_the_table_mean_nothing():
    def arrange(sheet):
        for place in ("B2:C3", "G1:J9", "E4:E9"):
            sheet.merge_cells(place)

    assert read(workbook_of("a", "b", arrange=arrange)) == ["a", "b"]


def test_a_value_below_a_merged_range_is_refused():
    data = with_xml(
        workbook_of("a", "b"), "</sheetData>", '</sheetData><mergeCells><mergeCell ref="E2:E3"/></mergeCells>'
    )

    assert "hides a value" in read(data)[1].message


def test_hidden_rows_and_columns_are_read_and_said():
    def arrange(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True
        sheet.row_dimensions[4].height = 0.1
        sheet.column_dimensions["E"].hidden = True

    table = table_of(workbook_of("a", "b", "c", arrange=arrange))

    assert [cells["notes"] for _number, cells in table.rows()] == ["a", "b", "c"]
    assert table.notes == [
        "The sheet “Tenders” was read.",
        "2 hidden rows were read as well: rows 3, 4.",
        "1 hidden column was read as well: notes.",
    ]


def test_the_first_visible_sheet_with_our_columns_is_read_and_the_others_are_named():
    workbook = openpyxl.Workbook()
    workbook.active.title = "Empty"
    for title, rows in [
        ("Hidden", [["notes"], ["no"]]),
        ("Cover", [["Our list"]]),
        ("T", [["notes"], ["yes"]]),
        ("U", [["notes"]]),
    ]:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook["Hidden"].sheet_state = "hidden"
    workbook.create_chartsheet("Chart")

    table = table_of(saved(workbook))

    assert [cells["notes"] for _number, cells in table.rows()] == ["yes"]
    assert table.notes == ["The sheet “T” was read. Not read: “Empty”, “Hidden”, “Cover”, “U”, “Chart”."]


def test_a_workbook_without_a_table_is_refused_in_words():
    workbook = openpyxl.Workbook()
    workbook.create_chartsheet("Chart")
    workbook.active.sheet_state = "hidden"

    with pytest.raises(Unreadable, match="Show the sheet with the table"):
        table_of(saved(workbook))


# CSV


TEXT = "year,notes\n2019,某市区块链平台采购项目\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk", "gb2312"])
def test_what_is_certainly_chinese_is_read_without_a_choice(codec):
    assert read(TEXT.encode(codec)) == ["某市区块链平台采购项目"]


FOREIGN = [
    ("Big5", "某市區塊鏈平台採購項目", "cp950"),
    ("Big5", "臺北市政府資訊局", "cp950"),
    ("Shift_JIS", "ブロックチェーン実証事業", "cp932"),
    ("Shift_JIS", "東京都財務局", "cp932"),
    ("EUC-JP", "ブロックチェーン実証事業", "euc_jp"),
    ("EUC-JP", "東京都財務局実証", "euc_jp"),
    ("EUC-KR", "서울특별시 블록체인 플랫폼", "cp949"),
    ("EUC-KR", "부산광역시", "cp949"),
    ("Windows-1252", "CONTRATAÇÃO PÚBLICA", "cp1252"),
    ("Windows-1252", "Zeugnisse für Bürger", "cp1252"),
    ("Windows-1252", "Marché public à Évry", "cp1252"),
    ("Windows-1250", "Veřejná zakázka", "cp1250"),
    ("Windows-1251", "Тендер Министерства", "cp1251"),
]


@pytest.mark.parametrize(("encoding", "text", "codec"), FOREIGN)
def test_other_encodings_are_refused_until_one_is_chosen(encoding, text, codec):
    data = f"year,notes\n2019,{text}\n".encode(codec)

    with pytest.raises(Unreadable, match="Choose the encoding"):
        table_of(data)
    table = table_of(data, encoding)
    assert [cells["notes"] for _number, cells in table.rows()] == [text]
    assert table.form == f"CSV, {encoding}"


def test_a_wrong_choice_is_refused_and_a_mark_is_certain():
    with pytest.raises(Unreadable, match="Choose another encoding: this file isn’t EUC-KR"):
        table_of("notes\n𠮷ü\n".encode(), "EUC-KR")
    assert table_of(TEXT.encode("utf-8-sig"), "Big5").form == "CSV, UTF-8"
    assert all("x".encode(codec) for codec in ENCODINGS.values())


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_a_line_that_names_the_separator_is_no_row(line):
    table = table_of(f"\ufeff{line}\nyear;notes\n2019;a, b\n".encode())

    assert list(table.rows()) == [(2, {"year": "2019", "notes": "a, b"})]


@pytest.mark.parametrize("header", ["YEAR, Notes ", " year\u00a0,notes\u200b", "Ｙear,NOTES"])
def test_case_and_blanks_of_column_names_do_not_matter(header):
    assert table_of(f"{header}\n2019,a\n".encode()).header == ["year", "notes"]


def test_blanks_within_column_names_do_not_matter():
    assert table_of(b"Title zh,budget-amount\na,1\n").header == ["title_zh", "budget_amount"]


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#REF!", "Err:502", "########", "1.23457E+17", "9.1E+10"])
def test_what_a_spreadsheet_could_not_show_is_refused(text):
    assert isinstance(read(f"notes\n{text}\n".encode())[0], RefusedCell)


@pytest.mark.parametrize("text", ["#1", "#blockchain", "1E5", "E+17"])
def test_texts_that_only_look_like_it_are_read(text):
    assert read(f"notes\n{text}\n".encode()) == [text]


def test_a_row_that_is_cut_short_is_refused_as_it_would_empty_the_rest():
    (_number, cells), (_next, whole) = table_of(b"year,city,notes\n2019,a\n\n2019,a,\n").rows()

    assert cells["notes"].message == "Complete the row: it has 2 cells, and there are 3 column names."
    assert not isinstance(whole["notes"], RefusedCell)


def test_a_quotation_mark_that_does_not_end_is_refused():
    with pytest.raises(Unreadable, match="can’t be read as CSV"):
        read(b'notes,year\n"a,1\nb,2\n')


# Other files


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x1f\x8b\x08\0", "an archive"),
        (b"7z\xbc\xaf\x27\x1c", "an archive"),
        (b"<html><table><tr><td>year", "a web page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "a web page"),
        ("<html><table>".encode("utf-16"), "a web page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "an XML spreadsheet"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "a web archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), ".xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a password"),
        (b'[{"year": 2019}]', "JSON"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
    ],
)
def test_other_files_are_refused_by_name(data, name):
    with pytest.raises(Unreadable, match=rf"Save the table as XLSX or CSV UTF-8: this file is .*{name}"):
        table_of(data)


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("content.xml", "OpenDocument"),
        ("Index/Document.iwa", "Numbers"),
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "Word"),
        ("tenders.csv", "archive"),
    ],
)
def test_other_archives_are_refused_by_name(member, name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, "<x/>")

    with pytest.raises(Unreadable, match=name):
        table_of(file.getvalue())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sheetData>", "<sheetData><row r='9'/>"),
        ('r="E2"', 'r="A2"'),
        ('r="E2"', 'r="E3"'),
        ('r="E2"', 'r="ZZZ2"'),
        ("</sheetData>", ""),
        ("<sheetData>", "<!DOCTYPE a><sheetData>"),
    ],
)
def test_a_damaged_workbook_is_refused_in_words(old, new):
    with pytest.raises(Unreadable, match="can’t be read"):
        list(table_of(with_xml(workbook_of("a"), old, new)).rows())


def test_entities_are_refused():
    data = with_xml(workbook_of("a"), "<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet')

    with pytest.raises(Unreadable, match="document type"):
        table_of(data)


# Samples of files as programs wrote them


@pytest.mark.parametrize(
    ("name", "column", "texts"),
    [
        ("month-dates.xlsx", "notice_date", ["2019-10", "2019-10", "2019", "2019-10-25", "43763", "2019-10-25"]),
        ("merged-buyer.xlsx", "institution_name_zh", ["某市大数据局"] * 3),
        ("x000d.xlsx", "title_zh", ["某市可信平台\r\n建设项目"]),
        ("rare-characters-gb18030.csv", "title_zh", ["某市𠮷䶮㬎平台"]),
        ("unicode-text.txt", "title_zh", ["某市区块链平台"]),
        ("header-case.csv", "title_zh", ["某市区块链平台"]),
        ("sep-line.csv", "title_zh", ["某市区块链平台"]),
        ("hidden-row.xlsx", "title_zh", ["某市可信平台建设项目甲", "某县作废项目", "某州存证平台建设项目丙"]),
        ("two-sheets.xlsx", "title_zh", ["某市可信平台建设项目甲"]),
        ("inline-strings.xlsx", "budget_amount", ["8995000"]),
        ("rich-and-phonetic.xlsx", "institution_name_zh", ["重庆局"]),
    ],
)
def test_samples_are_read(name, column, texts):
    assert [cells.get(column, "") for _number, cells in sample(name)] == texts


@pytest.mark.parametrize(
    ("name", "encoding", "text"), [("big5.csv", "Big5", "區"), ("cp1252-german.csv", "Windows-1252", "ü")]
)
def test_samples_in_other_encodings_are_refused_until_one_is_chosen(name, encoding, text):
    data = (SAMPLES / name).read_bytes()

    with pytest.raises(Unreadable, match="Choose the encoding"):
        table_of(data)
    assert any(text in cell for _number, cells in table_of(data, encoding).rows() for cell in cells.values())


def test_units_of_the_sample_are_read_as_shown():
    amounts = [amount(cells["budget_amount"]) for _number, cells in sample("number-format-units.xlsx")]

    assert amounts == [8995000, 8995000, None, 8995100, 1210000, None]
