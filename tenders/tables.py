"""The tables of the lists: their columns, and the order that each heading shows and offers."""

from dataclasses import dataclass

import django_tables2 as tables
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tenders.languages import is_chinese
from tenders.models import Company, Institution, Tender


@dataclass(frozen=True)
class Heading:
    """What stands over a column; ``sort`` is the order that it offers, ``aria_sort`` the one in which the rows are."""

    label: str
    css: str
    template: str
    sort: str
    aria_sort: str

    @cached_property
    def cell(self):
        """The attributes of the cells below it: on a phone each says what it is."""
        return format_html(' data-label="{}" class="{}"' if self.css else ' data-label="{}"', self.label, self.css)


class CellColumn(tables.Column):
    """
    A column whose cell is a component template, given the row as ``record``.

    The filter set orders the rows (``sort``), unknowns last; ``sort_zh`` is the order for readers of Chinese.
    """

    def __init__(self, template_name, *, css="", sort_zh="", **kwargs):
        super().__init__(empty_values=(), **kwargs)
        self.template, self.css, self.sort_zh = f"components/cells/{template_name}.html", css, sort_zh

    def heading(self, bound, sort):
        """Return what stands over the column when the rows are in the order ``sort``."""
        label = str(bound.header)
        if not sort or not bound.orderable:
            return Heading(label, self.css, self.template, "", "")
        name = self.sort_zh if self.sort_zh and is_chinese() else bound.name
        directions = {name: "ascending", f"-{name}": "descending"}
        if sort in directions:
            following = next(other for other in directions if other != sort)
        else:
            following = f"-{name}" if self.initial_sort_descending else name
        return Heading(label, self.css, self.template, following, directions.get(sort, ""))


class RecordTable(tables.Table):
    """A list of records, as they come; ``sort`` names their order where readers may choose another."""

    def __init__(self, records, *, sort="", **kwargs):
        super().__init__(records, **kwargs)
        self.headings = [bound.column.heading(bound, sort) for bound in self.columns]


class TenderTable(RecordTable):
    title = CellColumn("title", verbose_name=_("Tender"), css="main-column", sort_zh="title_zh")
    year = CellColumn("year", verbose_name=_("Year"), css="year-column", initial_sort_descending=True)
    institution = CellColumn("institution", verbose_name=_("Institution"), css="name-column", sort_zh="institution_zh")
    region = CellColumn("region", verbose_name=_("Region"))
    category = CellColumn("category", verbose_name=_("Category"))
    winner = CellColumn("winners", verbose_name=_("Winner"), css="name-column", orderable=False)
    amount = CellColumn("award_amount", verbose_name=_("Awarded (yuan)"), css="number", initial_sort_descending=True)

    class Meta:
        model = Tender
        fields = ()


class InstitutionTenderTable(TenderTable):
    """The tenders of one institution, on its own page."""

    class Meta(TenderTable.Meta):
        exclude = ("institution",)


class InstitutionTable(RecordTable):
    name = CellColumn("party", verbose_name=_("Institution"), css="main-column", sort_zh="name_zh")
    kind = CellColumn("kind", verbose_name=_("Kind"))
    level = CellColumn("level", verbose_name=_("Level"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("institution_tenders", verbose_name=_("Tenders"), css="number", initial_sort_descending=True)

    class Meta:
        model = Institution
        fields = ()


class CompanyTable(RecordTable):
    name = CellColumn("party", verbose_name=_("Company"), css="main-column", sort_zh="name_zh")
    kind = CellColumn("kind", verbose_name=_("Kind"))
    size = CellColumn("size", verbose_name=_("Size class"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("company_tenders", verbose_name=_("Tenders won"), css="number", initial_sort_descending=True)
    amounts = CellColumn("company_amounts", verbose_name=_("Awarded (yuan)"), css="number", orderable=False)

    class Meta:
        model = Company
        fields = ()
