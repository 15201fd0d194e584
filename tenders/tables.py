"""The tables of the lists. Rows come in the order of the filter set; a header shows that order and offers others."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tenders.models import Company, Institution, Tender


class CellColumn(tables.TemplateColumn):
    """A column whose cell is a component template, given the row as ``record``."""

    def __init__(self, template_name, **kwargs):
        super().__init__(template_name=f"components/cells/{template_name}.html", **kwargs)

    def order(self, queryset, is_descending):
        """Leave the rows as they are: the filter set has ordered them (``sort``), unknowns last."""
        return queryset, True


class RecordTable(tables.Table):
    """A list of records."""

    class Meta:
        order_by_field = "sort"


class TenderTable(RecordTable):
    title = CellColumn("title", verbose_name=_("Tender"), attrs={"td": {"class": "main-column"}})
    year = CellColumn("year", verbose_name=_("Year"))
    institution = CellColumn("institution", verbose_name=_("Institution"))
    region = CellColumn("region", verbose_name=_("Region"))
    category = CellColumn("category", verbose_name=_("Category"))
    winner = CellColumn("winners", verbose_name=_("Winner"), orderable=False)
    amount = CellColumn("award_amount", verbose_name=_("Awarded (yuan)"), attrs={"td": {"class": "number"}})

    class Meta(RecordTable.Meta):
        model = Tender
        fields = ()


class InstitutionTenderTable(TenderTable):
    """The tenders of one institution, on its own page."""

    class Meta(TenderTable.Meta):
        exclude = ("institution",)


class InstitutionTable(RecordTable):
    name = CellColumn("party", verbose_name=_("Institution"), attrs={"td": {"class": "main-column"}})
    kind = CellColumn("kind", verbose_name=_("Kind"))
    level = CellColumn("level", verbose_name=_("Level"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("institution_tenders", verbose_name=_("Tenders"), attrs={"td": {"class": "number"}})

    class Meta(RecordTable.Meta):
        model = Institution
        fields = ()


class CompanyTable(RecordTable):
    name = CellColumn("party", verbose_name=_("Company"), attrs={"td": {"class": "main-column"}})
    kind = CellColumn("kind", verbose_name=_("Kind"))
    size = CellColumn("size", verbose_name=_("Size class"))
    seat = CellColumn("region", verbose_name=_("Seat"))
    tenders = CellColumn("company_tenders", verbose_name=_("Tenders won"), attrs={"td": {"class": "number"}})
    amounts = CellColumn("company_amounts", verbose_name=_("Awarded (yuan)"), orderable=False)

    class Meta(RecordTable.Meta):
        model = Company
        fields = ()
