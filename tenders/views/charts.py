"""A chart of a list in forms of its own: data, picture, a page that other sites embed."""

import csv
import io
from functools import partial
from http import HTTPStatus
from typing import ClassVar

from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.generic import TemplateView, View

from tenders.caching import VersionedMixin
from tenders.charts.list_charts import CHARTS, draw_one
from tenders.charts.marks import PATHS
from tenders.charts.pictures import style_policy, svg_of
from tenders.charts.rendering import can_draw, png_of
from tenders.exports.cells import cell_text
from tenders.exports.columns import LIST
from tenders.exports.writers import json_text
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.views.downloads import (
    LimitedResponse,
    data_changed_at,
    data_headers,
    data_meta,
    limited,
    one_at_a_time,
)
from tenders.views.errors import unreadable

FILTERS = {"tender": TenderFilter, "institution": InstitutionFilter, "company": CompanyFilter}
KINDS = {path: kind for kind, path in PATHS.items()}
EMBEDDABLE = {"Cross-Origin-Resource-Policy": "cross-origin"}  # pictures are shown by the pages of other sites


def find_chart(cache, plural, name, filterset):
    """
    Return a chart of a filter set, drawn once for a version of the records; None if it has nothing to show.

    404, with the names that there are, for a name of no chart.
    """
    kind = KINDS[plural]
    if name not in CHARTS[kind]:
        names = ", ".join(CHARTS[kind])
        raise Http404(
            _("There’s no chart “%(name)s”. Charts of this list: %(names)s.") % {"name": name, "names": names}
        )
    query = filterset.query_string(without={"sort"})
    return cache.get_or_compute(
        ["chart", plural, name, query, get_language()],
        lambda: draw_one(name, filterset, filterset.facets(), filterset.qs.count()),
        subject="dataset" if "q" in filterset.data else "listed",
    )


class ChartFile(VersionedMixin, View):
    """A chart as a file; 400 with the errors if a parameter is unknown or wrong, 404 if there is nothing to show."""

    http_method_names = ("get", "head")

    def get(self, request, plural, name, form):
        filterset = FILTERS[KINDS[plural]](request.GET)
        if problems := [*filterset.parameter_errors, *filterset.unknown_parameters]:
            return unreadable(request, problems)
        chart = find_chart(self.cache, plural, name, filterset)
        if chart is None:
            raise Http404(_("There is too little known to draw a chart."))
        return self.send(chart, form)

    def send(self, chart, form):
        """Send a chart in a format."""
        raise NotImplementedError

    def respond(self, chart, form, content_type, make, **headers):
        """Return the bytes that ``make`` computes, one file at a time, with what describes them."""
        request, today = self.request, timezone.localdate()
        headers = {
            "Content-Disposition": content_disposition_header(
                form == "csv", f"{PATHS[chart.kind]}-{chart.name}-{today}.{form}"
            ),
            **self.headers_of(chart),
            **EMBEDDABLE,
            **headers,
        }
        if request.method == "HEAD":
            return HttpResponse(content_type=content_type, headers=headers)
        content = b"".join(one_at_a_time(part() for part in (make,)))
        return limited(request, partial(LimitedResponse, content, content_type=content_type, headers=headers))

    def headers_of(self, chart):
        """Return the headers of a file: where it is, where its chart is on the page of the list, the licence."""
        address, page = self.request.build_absolute_uri(), self.request.build_absolute_uri(chart.url)
        return data_headers(address, page, data_changed_at(self.cache))


class ChartData(ChartFile):
    """The marks of a chart as CSV or JSON, with their labels in both languages."""

    def send(self, chart, form):
        charts = []
        for code in ("en", "zh-hans"):
            with override(code):
                filterset = FILTERS[chart.kind](self.request.GET)  # whose labels are in one language
                charts.append(find_chart(self.cache, PATHS[chart.kind], chart.name, filterset))
        content_type, write = self.writers[form]
        return self.respond(charts[0], form, content_type, lambda: write(self, *charts).encode())

    def _rows(self, english, chinese):
        """Return what the marks are by name: their values, labels, numbers, and the addresses of their lists."""
        labels_zh = {str(mark.values): mark.label for mark in chinese.listed}
        has_numbers = english.type not in ("amounts", "timeline")
        return [
            {
                **mark.values,
                "label_en": None if mark.is_unknown else mark.label,
                "label_zh": None if mark.is_unknown else labels_zh[str(mark.values)],
                **({"number": mark.number} if has_numbers else {}),
                "address": self.request.build_absolute_uri(mark.url) if mark.url else "",
            }
            for mark in english.listed
        ]

    def _table(self, *charts):
        file, rows = io.StringIO(), self._rows(*charts)
        write = csv.writer(file).writerow
        write(rows[0])
        for row in rows:
            write(cell_text(value, LIST) for value in row.values())
        return f"\N{BYTE ORDER MARK}{file.getvalue()}"

    def _document(self, english, chinese):
        meta = data_meta(
            self.request.build_absolute_uri(),
            self.request.build_absolute_uri(english.url),
            data_changed_at(self.cache),
            total=english.base.number,
        )
        described = {
            "name": english.name,
            "type": english.type,
            "title_en": english.title,
            "title_zh": chinese.title,
            "list": self.request.build_absolute_uri(english.base.url),
        }
        return json_text({"meta": meta, "chart": described, "results": self._rows(english, chinese)}) + "\n"

    writers: ClassVar[dict] = {
        "csv": ("text/csv; charset=utf-8", _table),
        "json": ("application/json", _document),
    }


class ChartPicture(ChartFile):
    """A chart as a picture, in the language of its address."""

    def send(self, chart, form):
        if form == "png" and not can_draw():
            text = _("This server has no fonts for PNG pictures. The same chart as SVG: %(address)s")
            raise Http404(text % {"address": self.request.build_absolute_uri(chart.file_url("svg"))})
        svg = svg_of(chart, self.request.build_absolute_uri(chart.url))
        if form == "png":
            return self.respond(chart, form, "image/png", lambda: png_of(svg))
        policy = {"Content-Security-Policy": style_policy()}
        return self.respond(chart, form, "image/svg+xml; charset=utf-8", svg.encode, **policy)


@method_decorator([csp_replace({"frame-ancestors": ["*"]}), xframe_options_exempt], name="dispatch")
class ChartEmbed(VersionedMixin, TemplateView):
    """A chart as a page of its own, which other sites may show in a frame."""

    template_name = "tenders/chart_embed.html"

    def get(self, request, plural, name):
        filterset = FILTERS[KINDS[plural]](request.GET)
        if problems := filterset.parameter_errors:
            context = {"problems": problems}
            return self.render_to_response(context, status=HTTPStatus.BAD_REQUEST)
        chart = find_chart(self.cache, plural, name, filterset)
        query = chart and filterset.query_string(without={"sort"})
        return self.render_to_response({"chart": chart, "query": query}, headers=EMBEDDABLE)
