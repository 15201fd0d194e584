"""The tables of the lists: their columns, the order that each heading offers, and the component of each cell."""

from functools import partial

import django_tables2 as tables
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableData

from tenders.languages import is_chinese


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


class CellColumn(tables.TemplateColumn):
    """A column whose cell is a component, given the row as ``record``; on a phone each cell says what it is."""

    def __init__(self, component, *, verbose_name, css=None, **kwargs):
        super().__init__(
            template_name=f"components/cells/{component}.html",
            verbose_name=verbose_name,
            attrs={"th": {"scope": "col", "class": css}, "td": {"data-label": verbose_name, "class": css}},
            **kwargs,
        )


class HeaderColumn(CellColumn):
    """The column whose cells are the headers of their rows."""

    def __init__(self, component, **kwargs):
        super().__init__(component, **kwargs)
        self.attrs["td"] = {"scope": "row", "class": self.attrs["td"]["class"]}


class RecordTable(tables.Table):
    """
    A table of records; ``sought`` are the words of a search, which its cells mark.

    The names of columns are those of the filter set's orders. Where readers of Chinese have an order of their own, the
    column has two names (``title``, ``title_zh``), of which the table has one. A table names its ``Meta``, as
    django-tables2 inherits none.
    """

    is_scrollable = True  # sideways, also with the keyboard

    class Meta:
        attrs = {"class": "records", "thead": {"data-hx-boost": "true"}}
        template_name = "components/table.html"

    def __init__(self, data, *, caption="", sought=(), **kwargs):
        names = [(name.removesuffix("_zh"), name) for name in self.base_columns if name.endswith("_zh")]
        super().__init__(data, exclude=[name if is_chinese() else name_zh for name, name_zh in names], **kwargs)
        self.caption, self.sought = caption, sought

    def before_render(self, request):
        """Compute what the cells of a column have in common once, not in each row (Q1 of the benchmark)."""
        self.header_cell, *self.cells = [
            {"template": column.column.template_name, "attrs": column.attrs["td"].as_html()} for column in self.columns
        ]


class TenderTable(RecordTable):
    Meta = RecordTable.Meta

    title = title_zh = HeaderColumn("title", verbose_name=_("Tender"), css="main-column")
    year = CellColumn("year", verbose_name=_("Year"), css="year-column", initial_sort_descending=True)
    institution = institution_zh = CellColumn("institution", verbose_name=_("Institution"), css="name-column")
    region = CellColumn("region", verbose_name=_("Region"))
    category = CellColumn("category", verbose_name=_("Category"))
    winner = CellColumn("winners", verbose_name=_("Winner"), css="name-column", orderable=False)
    amount = CellColumn("award_amount", verbose_name=_("Awarded (yuan)"), css="number", initial_sort_descending=True)


class InstitutionTenderTable(TenderTable):
    """The tenders of one institution, on its own page."""

    class Meta(TenderTable.Meta):
        exclude = ("institution", "institution_zh")
        orderable = False


class AwardTable(RecordTable):
    """The awards of one company, on its own page: rows have an ``award`` and the ``partners`` who won it too."""

    is_scrollable = False

    tender = HeaderColumn("award_tender", verbose_name=_("Tender"))
    year = CellColumn("award_year", verbose_name=_("Year"))
    institution = CellColumn("award_institution", verbose_name=_("Institution"))
    partners = CellColumn("award_partners", verbose_name=_("Won with"))
    amount = CellColumn("award_money", verbose_name=_("Awarded (yuan)"), css="number")

    class Meta(RecordTable.Meta):
        attrs = {"class": "records"}
        orderable = False


class InstitutionTable(RecordTable):
    Meta = RecordTable.Meta

    name = name_zh = HeaderColumn("party", verbose_name=_("Institution"), css="main-column")
    kind = CellColumn("kind", verbose_name=_("Kind"))
    level = CellColumn("level", verbose_name=_("Level"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("institution_tenders", verbose_name=_("Tenders"), css="number", initial_sort_descending=True)


class CompanyTable(RecordTable):
    Meta = RecordTable.Meta

    name = name_zh = HeaderColumn("party", verbose_name=_("Company"), css="main-column")
    kind = CellColumn("kind", verbose_name=_("Kind"))
    size = CellColumn("size", verbose_name=_("Size class"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("company_tenders", verbose_name=_("Tenders won"), css="number", initial_sort_descending=True)
    amounts = CellColumn("company_amounts", verbose_name=_("Awarded (yuan)"), css="number", orderable=False)
