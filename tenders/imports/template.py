"""The empty workbook for new tenders: columns of text, lists of the codes, and a sheet that explains each column."""

from tempfile import TemporaryFile

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from tenders.choices import ValueType
from tenders.exports.writers import BLOCK, WIDTHS
from tenders.imports.columns import ATTRIBUTES, DETAILS, SOURCE, TEMPLATE
from tenders.kinds import Code, Flag, RelatedRecord

TEXT = "@"
LAST_ROW = 2001  # to which lists are offered: as many rows can be uploaded
EXAMPLES = {
    ValueType.TEXT: "某市区块链平台",
    ValueType.NUMBER: "2019",
    ValueType.MONEY: "8995000",
    ValueType.DATE: "2019-06-19",
    ValueType.REFERENCE: "某市某局",
}


def write_template():
    """Yield the workbook."""
    with TemporaryFile() as file:
        workbook = Workbook()
        sheet = workbook.active
        sheet.title = "tenders"
        codes = workbook.create_sheet("codes")
        _write_columns(sheet, codes)
        _write_explanations(workbook.create_sheet("columns"))
        codes.sheet_state = "hidden"
        workbook.save(file)
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _write_columns(sheet, codes):
    """Write the header with columns of text; those of codes offer them, but take other words as well."""
    sheet.freeze_panes = "A2"
    for number, column in enumerate(TEMPLATE, 1):
        letter = get_column_letter(number)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(WIDTHS.get(column.type, 12), len(column.name) + 2)
        dimension.number_format = TEXT
        cell = sheet.cell(1, number, column.name)
        cell.font, cell.number_format = Font(bold=True), TEXT
        offered = _codes(column.name)
        if not offered:
            continue
        for row, code in enumerate(offered, 1):
            codes.cell(row, number, code)
        validation = DataValidation("list", formula1=f"codes!${letter}$1:${letter}${len(offered)}", allow_blank=True)
        validation.showErrorMessage = False
        validation.add(f"{letter}2:{letter}{LAST_ROW}")
        sheet.add_data_validation(validation)


def _codes(name):
    """Return the codes that a column may hold; none where there may be any text."""
    kind = {**ATTRIBUTES, **DETAILS, **SOURCE}[name].kind if name in {*ATTRIBUTES, *DETAILS, *SOURCE} else None
    if isinstance(kind, Code | Flag):
        return [code for code, _label in kind.choices()]
    if isinstance(kind, RelatedRecord) and kind.type == ValueType.CODE:
        return list(kind.model.objects.order_by(kind.lookup).values_list(kind.lookup, flat=True))
    return []


def _write_explanations(sheet):
    """Write what each column holds, in both languages, with an example: there is none among the data."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 60
    sheet.column_dimensions["C"].width, sheet.column_dimensions["D"].width = 60, 30
    rows = [(column.name, *_meanings(column), _example(column)) for column in TEMPLATE]
    for row in [("column", "meaning", "含义", "example"), *rows]:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.number_format, cell.data_type = TEXT, "s"


def _meanings(column):
    for language in ("en", "zh-hans"):
        with override(language):
            several = f" ({column.several})" if column.several else ""
            yield _("%(what)s: %(type)s%(several)s") % {
                "what": column.description,
                "type": column.type.label,
                "several": several,
            }


def _example(column):
    codes = _codes(column.name)
    if codes:
        return codes[0]
    return "https://example.org/notices/1" if column.name == "source_address" else EXAMPLES.get(column.type, "")
