"""oEmbed (version 1.0): from the address of a chart to the HTML that embeds it, for the software of other sites."""

import json
from urllib.parse import urlsplit
from xml.etree import ElementTree

from django.http import Http404, HttpResponse, QueryDict
from django.urls import resolve, reverse
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.generic import View

from tenders.caching import VersionedMixin
from tenders.charts.embedding import embed_code, embed_size
from tenders.charts.list_charts import CHARTS
from tenders.charts.marks import PATHS
from tenders.charts.pictures import lay_out
from tenders.charts.rendering import SCALE, can_draw
from tenders.problems import FORMAT, NOT_FOUND
from tenders.views.charts import FILTERS, KINDS, find_chart
from tenders.views.errors import problem, unreadable

CACHE_AGE = 60 * 60  # seconds
LISTS = {f"{kind}-list": path for kind, path in PATHS.items()}
OF_CHARTS = {"chart-embed", "chart-picture", "chart-data"}


def write_json(response):
    return json.dumps(response, ensure_ascii=False)


def write_xml(response):
    root = ElementTree.Element("oembed")
    for name, value in response.items():
        ElementTree.SubElement(root, name).text = str(value)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


FORMATS = {"json": (write_json, "application/json"), "xml": (write_xml, "text/xml; charset=utf-8")}


class OEmbed(VersionedMixin, View):
    """400 for a missing address or a size that is none, 404 for an address without a chart, 501 for other formats."""

    http_method_names = ("get", "head")

    def get(self, request):
        form = request.GET.get("format", "json")
        if form not in FORMATS:
            text = _("Ask for one of these formats: %(formats)s.") % {"formats": ", ".join(FORMATS)}
            response = problem(request, [("format", text)], FORMAT)
            response._has_been_logged = True  # private to Django 5.2: else it logs what a client asks for as our error
            return response
        address = request.GET.get("url", "")
        limits = {name: _size(request.GET.get(name, "")) for name in ("maxwidth", "maxheight")}
        problems = [(name, _("Enter a number of pixels.")) for name, limit in limits.items() if limit == 0]
        if not address:
            problems.append(("url", _("Add the address of a chart: %(example)s") % {"example": self._example()}))
        if problems:
            return unreadable(request, problems)
        parts = _split(address)
        with override(get_language_from_path(parts.path) or "en"):
            try:
                response = self._response(self._chart_at(parts), limits)
            except Http404:
                text = _("There’s no chart at this address. An address with one: %(example)s")
                found = [("url", text % {"example": self._example()})]
                return problem(request, found, NOT_FOUND)
        write, content_type = FORMATS[form]
        return HttpResponse(write(response), content_type=content_type)

    def _example(self):
        return self.request.build_absolute_uri(reverse("chart-embed", args=["tenders", "year"]))

    def _chart_at(self, parts):
        """Return the chart that an address names, or the first one of its page; 404 if there is none."""
        if parts.scheme not in ("http", "https") or parts.netloc != self.request.get_host():
            raise Http404
        match = resolve(parts.path)  # its error is an Http404
        name, query = parts.fragment.removeprefix("chart-"), parts.query
        if match.view_name in OF_CHARTS:
            plural, name = match.kwargs["plural"], match.kwargs["name"]
        elif match.view_name in LISTS:
            plural = LISTS[match.view_name]
        elif match.view_name == "overview":
            plural, query = "tenders", ""
        elif match.view_name in ("institution-detail", "company-detail"):
            plural, name = "tenders", "time"
            query = f"{match.view_name.removesuffix('-detail')}={match.kwargs['reference']}"
        else:
            raise Http404
        filterset = FILTERS[KINDS[plural]](QueryDict(query))
        if filterset.parameter_errors:
            raise Http404
        names = [name] if name else list(CHARTS[KINDS[plural]])
        found = (find_chart(self.cache, plural, name, filterset) for name in names)
        chart = next((chart for chart in found if chart is not None), None)
        if chart is None:
            raise Http404
        return chart

    def _response(self, chart, limits):
        build = self.request.build_absolute_uri
        width, height = embed_size(chart, limits["maxwidth"], limits["maxheight"])
        picture = lay_out(chart, "")
        large = (picture.width * SCALE, round(picture.height * SCALE))
        fits = all(limit is None or side <= limit for side, limit in zip(large, limits.values(), strict=True))
        thumbnail = {"thumbnail_url": build(chart.file_url("png"))}
        thumbnail |= dict(zip(("thumbnail_width", "thumbnail_height"), large, strict=True))
        return {
            "version": "1.0",
            "type": "rich",
            "title": chart.title,
            "provider_name": "TenderWatch",
            "provider_url": build(reverse("overview")),
            "cache_age": CACHE_AGE,
            "html": embed_code(chart, build, (width, height)),
            "width": width,
            "height": height,
            **(thumbnail if fits and can_draw() else {}),
        }


def _size(text):
    """Return a number of pixels: None if none is given, 0 if it is no number."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0


def _split(address):
    """Return the parts of an address; those of an empty one if it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
