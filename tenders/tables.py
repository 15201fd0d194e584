"""The tables of the lists: their columns, of which readers may choose, and the order that each heading offers."""

from functools import partial

import django_tables2 as tables
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableData

from tenders import table_cells as cells
from tenders.languages import is_chinese

CHINESE = "_zh"  # ends the names of orders of Chinese texts


class FilteredRecords(TableData):
    """
    The rows of a filter set in its order, of which those of a page are read when it is shown.

    The filter set orders them (``sort``), as django-tables2 has no *unknowns last* and no ties that end on the
    reference. ``total`` is their number, ``pks`` returns the primary keys of a slice of them.
    """

    def __init__(self, queryset, *, sort, total, pks):
        super().__init__(queryset)
        self.sort, self.total, self.pks = sort, total, pks

    def __len__(self):
        return self.total

    def __iter__(self):
        return iter(self[:])

    def __getitem__(self, page):
        pks = self.pks(page)
        return SimpleLazyObject(partial(self._read, pks))

    def _read(self, pks):
        records = self.data.in_bulk(pks)
        return [records[pk] for pk in pks if pk in records]

    @property
    def ordering(self):
        """The order of the rows, which the headings of the table show."""
        return [self.sort]

    def order_by(self, aliases):
        """Leave the rows as they are: they are in this order."""


class CellColumn(tables.Column):
    """
    A column whose cells are made by a function of ``table_cells``; on a phone each cell says what it is.

    One that is not ``is_default`` is shown to readers who choose it.
    """

    def __init__(self, cell, *, verbose_name, css=None, is_default=True, **kwargs):
        attrs = {"th": {"scope": "col", "class": css}, "td": {"data-label": verbose_name, "class": css}}
        super().__init__(verbose_name=verbose_name, attrs=attrs, empty_values=(), **kwargs)
        self.cell, self.is_default = cell, is_default

    def render(self, record, table):
        return self.cell(record, table)


class HeaderColumn(CellColumn):
    """The column whose cells are the headers of their rows: it is always shown."""

    def __init__(self, cell, **kwargs):
        super().__init__(cell, **kwargs)
        self.attrs["td"] = {"scope": "row", "class": self.attrs["td"]["class"]}


class RecordTable(tables.Table):
    """
    A table of records; ``sought`` are the words of a search, which its cells mark, ``columns`` those that are chosen.

    The names of columns are those of the filter set's orders and parameters. Where readers of Chinese have an order of
    their own, the column has two names (``title``, ``title_zh``), of which the table has one; an address has the first.
    A table names its ``Meta``, as django-tables2 inherits none.
    """

    is_scrollable = True  # sideways, also with the keyboard

    class Meta:
        attrs = {"class": "records", "thead": {"data-hx-boost": "true"}}
        template_name = "components/table.html"

    def __init__(self, data, *, caption="", sought=(), columns=(), **kwargs):
        self.caption, self.sought = caption, sought
        self.shown = set(columns or self.default_columns())
        super().__init__(data, exclude=[name for name in self.base_columns if not self._is_shown(name)], **kwargs)

    @classmethod
    def choosable(cls):
        """Return the columns that may be chosen, by the name that an address has."""
        return {
            name: column
            for name, column in cls.base_columns.items()
            if not isinstance(column, HeaderColumn) and not name.endswith(CHINESE)
        }

    @classmethod
    def default_columns(cls):
        """Return the names of the columns that are shown where none are chosen."""
        return [name for name, column in cls.choosable().items() if column.is_default]

    def _is_shown(self, name):
        base = name.removesuffix(CHINESE)
        is_of_language = f"{base}{CHINESE}" not in self.base_columns or name.endswith(CHINESE) == is_chinese()
        return is_of_language and (base in self.shown or isinstance(self.base_columns[name], HeaderColumn))

    def before_render(self, request):
        """Compute what the cells of a column have in common once, not in each row (Q1 of the benchmark)."""
        columns = [column.column for column in self.columns]
        attributes = [column.attrs["td"].as_html() for column in self.columns]
        self.header, self.header_attributes = columns[0], attributes[0]
        self.cells = list(zip(columns[1:], attributes[1:], strict=True))

    @property
    def body(self):
        """Yield of each row of the page its id, its header and its cells with their attributes."""
        for row in self.paginated_rows:
            record = row.record
            cells = [(attributes, column.render(record, self)) for column, attributes in self.cells]
            yield getattr(record, "reference", ""), self.header.render(record, self), cells


class TenderTable(RecordTable):
    """A table of tenders; the institution stands below the title unless it has a column of its own."""

    names_institution = True
    Meta = RecordTable.Meta

    title = title_zh = HeaderColumn(cells.tender, verbose_name=_("Tender"), css="main-column")
    other_title = CellColumn(
        cells.other_title,
        verbose_name=_("Title in the other language"),
        css="name-column",
        orderable=False,
        is_default=False,
    )
    reference = CellColumn(cells.reference, verbose_name=_("Reference"), is_default=False)
    year = CellColumn(cells.year, verbose_name=_("Year"), css="year-column", initial_sort_descending=True)
    institution = institution_zh = CellColumn(
        cells.institution, verbose_name=_("Institution"), css="name-column", is_default=False
    )
    institution_kind = CellColumn(
        cells.institution_kind, verbose_name=_("Kind of institution"), orderable=False, is_default=False
    )
    region = CellColumn(cells.region, verbose_name=_("Region"), css="region-column")
    category = CellColumn(cells.category, verbose_name=_("Category"), css="category-column")
    status = CellColumn(cells.status, verbose_name=_("Status"), is_default=False)
    method = CellColumn(cells.method, verbose_name=_("Procurement method"), orderable=False, is_default=False)
    company = CellColumn(cells.winners, verbose_name=_("Winner"), css="winner-column", orderable=False)
    company_size = CellColumn(
        cells.winner_sizes, verbose_name=_("Size of the winner"), orderable=False, is_default=False
    )
    budget = CellColumn(cells.budget, verbose_name=_("Budget (yuan)"), css="number", orderable=False, is_default=False)
    amount = CellColumn(cells.awarded, verbose_name=_("Awarded (yuan)"), css="number", initial_sort_descending=True)
    certainty = CellColumn(cells.certainty, verbose_name=_("Certainty"), orderable=False, is_default=False)


class InstitutionTenderTable(TenderTable):
    """The tenders of one institution, on its own page."""

    names_institution = False

    class Meta(TenderTable.Meta):
        exclude = ("institution", "institution_zh")
        orderable = False


class AwardTable(RecordTable):
    """The awards of one company, on its own page: rows have an ``award`` and the ``partners`` who won it too."""

    is_scrollable = False

    tender = HeaderColumn(cells.award_tender, verbose_name=_("Tender"), css="main-column")
    year = CellColumn(cells.award_year, verbose_name=_("Year"), css="year-column")
    institution = CellColumn(cells.award_institution, verbose_name=_("Institution"))
    partners = CellColumn(cells.award_partners, verbose_name=_("Won with"))
    amount = CellColumn(cells.award_amount, verbose_name=_("Awarded (yuan)"), css="number")

    class Meta(RecordTable.Meta):
        attrs = {"class": "records"}
        orderable = False


def credit_code_column():
    return CellColumn(
        cells.credit_code,
        verbose_name=_("Unified social credit code"),
        css="code-column",
        orderable=False,
        is_default=False,
    )


class InstitutionTable(RecordTable):
    Meta = RecordTable.Meta

    name = name_zh = HeaderColumn(cells.party, verbose_name=_("Institution"), css="main-column")
    reference = CellColumn(cells.reference, verbose_name=_("Reference"), is_default=False)
    kind = CellColumn(cells.kind, verbose_name=_("Kind"), css="kind-column")
    level = CellColumn(cells.level, verbose_name=_("Level"))
    seat = CellColumn(cells.region, verbose_name=_("Registered in"))
    city = CellColumn(cells.city, verbose_name=_("City"), orderable=False, is_default=False)
    credit_code = credit_code_column()
    tenders = CellColumn(cells.num_tenders, verbose_name=_("Tenders"), css="number", initial_sort_descending=True)


class CompanyTable(RecordTable):
    Meta = RecordTable.Meta

    name = name_zh = HeaderColumn(cells.party, verbose_name=_("Company"), css="main-column")
    reference = CellColumn(cells.reference, verbose_name=_("Reference"), is_default=False)
    kind = CellColumn(cells.kind, verbose_name=_("Kind"), css="kind-column")
    size = CellColumn(cells.size, verbose_name=_("Size class"))
    founded = CellColumn(cells.founded, verbose_name=_("Founded"), is_default=False)
    group = CellColumn(cells.group, verbose_name=_("Group"), orderable=False, is_default=False)
    seat = CellColumn(cells.region, verbose_name=_("Registered in"))
    city = CellColumn(cells.city, verbose_name=_("City"), orderable=False, is_default=False)
    credit_code = credit_code_column()
    tenders = CellColumn(cells.num_tenders, verbose_name=_("Tenders won"), css="number", initial_sort_descending=True)
    amounts = CellColumn(cells.company_amounts, verbose_name=_("Awarded (yuan)"), css="number", orderable=False)
