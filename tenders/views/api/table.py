"""
The addresses of data: what each sends, in which forms, and which parameters it takes.

A new address for programs has its entry here; ``tests/test_api.py`` asks for it. The path is that of the URL pattern,
the filters are those of the filter set, and the members those of the columns.
"""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenders.charts.list_charts import CHARTS
from tenders.choices import Verdict
from tenders.citing import CITATION_FORMATS
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS
from tenders.exports.paging import MAX_LIMIT
from tenders.exports.statements import SOURCES, STATEMENTS
from tenders.exports.writers import FORMS
from tenders.feeds.writers import FORMS as FEED_FORMS
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter, TenderSelection
from tenders.models import Article, Claim, Company, Institution, Page, SourceFile, Tender
from tenders.ocds import releases
from tenders.ocds.extension import DESCRIPTION
from tenders.parameters import MAX_SEARCH
from tenders.problems import GONE, HISTORY_BEGINS
from tenders.versions import versions_in
from tenders.versions.manifests import MANIFEST
from tenders.views.api.endpoints import Endpoint
from tenders.views.api.parameters import ApiParameter, filter_parameters, paging_parameters
from tenders.views.api.schemas import (
    ADDRESS,
    NUMBER,
    TEXT,
    array,
    list_of,
    nullable,
    obj,
    of_data,
    ref,
)
from tenders.views.charts import FILTERS, KINDS
from tenders.views.compare import LISTS as COMPARED
from tenders.views.versions import MEDIA_TYPES

LISTS, RECORDS, STUDIES = _("Lists"), _("Records"), _("Studies and their claims")
CHANGES, OCDS, OF_CHARTS, CITATIONS, OTHER, CATALOGUE = (
    _("Changes and versions"),
    _("Open contracting data"),
    _("Charts"),
    _("Citations"),
    _("Other addresses"),
    _("Descriptions of the data"),
)
BINARY = {"type": "string", "format": "binary"}
ANY = {"type": "object"}
LINKED_DATA = "application/ld+json"


def a_list(name, summary, columns, filter_class):
    """Return the endpoint of a list in all its forms."""
    row_name = f"{name.capitalize()}Row"

    def content(parts):
        form = parts["form"]
        media_type = FORMS[form][1].partition(";")[0]
        return {media_type: {"json": list_of(row_name), "xlsx": BINARY}.get(form, TEXT)}

    def parameters(parts):
        return [*filter_parameters(filter_class), *(paging_parameters() if parts["form"] == "json" else [])]

    return Endpoint(f"{name}-download", LISTS, summary, content, parameters)


def as_json(schema):
    return lambda parts: {"application/json": schema}


def first(queryset, **names):
    """Return a function that returns an example: some columns of the first row, by the parts of a path; or None."""

    def example(parts):
        values = queryset().values(*names.values()).first()
        return values and {part: values[column] for part, column in names.items()}

    return example


def a_record(name, model, summary):
    example = first(lambda: model.objects.published().order_by("reference"), reference="reference")
    content = as_json(of_data({"record": ref(model.__name__)}))
    return Endpoint(f"{name}-data", RECORDS, summary, content, example=example, problems=(GONE,))


def articles():
    return Article.objects.published().order_by("slug")


def claims():
    return Claim.objects.filter(article__in=Article.objects.published()).order_by("article__slug", "code")


FIRST_ARTICLE = first(articles, slug="slug")
FIRST_CLAIM = first(claims, slug="article__slug", code="code")


def chart_example(parts):
    return {"name": next(name for name in CHARTS[KINDS[parts["plural"]]] if name != "time")}


def chart_parameters(parts):
    return [found for found in filter_parameters(FILTERS[KINDS[parts["plural"]]]) if found.name != "sort"]


CHART_DATA = of_data({"chart": ANY, "results": array(ANY)}, total=NUMBER)
CHART_CONTENT = {
    "csv": {"text/csv": TEXT},
    "json": {"application/json": CHART_DATA},
    "svg": {"image/svg+xml": TEXT},
    "png": {"image/png": BINARY},
}


def chart_content(parts):
    return CHART_CONTENT[parts["form"]]


def a_citation(kind, summary, example):
    def content(parts):
        media_type = CITATION_FORMATS[parts["extension"]][1].partition(";")[0]
        return {media_type: array(ANY) if parts["extension"] == "json" else TEXT}

    return Endpoint(f"{kind}-citation", CITATIONS, summary, content, example=example, problems=(GONE,))


def of_model(model):
    return first(lambda: model.objects.published().order_by("reference"), reference="reference")


BEFORE = ApiParameter(
    "before", _("Where a page of a feed begins"), TEXT, note=_("Taken from “next”: don’t make one yourself.")
)


def a_feed(name, summary, filter_class=None, model=None):
    def content(parts):
        media_type = FEED_FORMS[parts["form"]][1]
        return {media_type: obj({"version": TEXT, "items": array(ANY)}) if media_type.endswith("json") else TEXT}

    def parameters(parts):
        return [*(filter_parameters(filter_class) if filter_class else ()), BEFORE]

    example = of_model(model) if model else lambda parts: {}
    return Endpoint(f"{name}-feed", CHANGES, summary, content, parameters, example, (GONE,) if model else ())


PACKAGE = {"uri": ADDRESS, "version": TEXT, "publishedDate": TEXT, "publisher": ANY, "extensions": array(ADDRESS)}


def an_ocds_list(member, summary):
    def content(parts):
        as_package = obj(PACKAGE | {member: array(ANY)}, optional={"publishedDate"})
        return {FORMS[parts["form"]][1]: as_package if parts["form"] == "json" else TEXT}

    def parameters(parts):
        return [*filter_parameters(TenderFilter), *(paging_parameters() if parts["form"] == "json" else [])]

    return Endpoint(f"ocds-{member}", OCDS, summary, content, parameters)


def release_example(parts):
    found = next(releases(Tender.objects.published().order_by("reference")[:1], site=""), None)
    return found and {"name": found["id"]}


def version_example(parts):
    versions = versions_in(settings.DATA_VERSIONS)
    return {"version": versions[-1].name, "name": MANIFEST} if versions else None


ENDPOINTS = (
    a_list("tender", _("Tenders, with their awards and winners"), TENDERS, TenderFilter),
    a_list("institution", _("Institutions that have bought"), INSTITUTIONS, InstitutionFilter),
    a_list("company", _("Companies that have won"), COMPANIES, CompanyFilter),
    a_list("statement", _("What each source states of each fact"), STATEMENTS, TenderSelection),
    a_list("source", _("The sources of these statements"), SOURCES, TenderSelection),
    a_record("tender", Tender, _("A tender: every fact with all statements, its awards and its history")),
    a_record("institution", Institution, _("An institution: every fact with all statements, and its history")),
    a_record("company", Company, _("A company: every fact with all statements, and its history")),
    Endpoint(
        "source-file",
        RECORDS,
        _("A copy of a source that the editors have published"),
        lambda parts: {"application/octet-stream": BINARY},
        example=first(
            lambda: SourceFile.objects.filter(is_publishable=True).order_by("pk"), slug="source__slug", sha256="sha256"
        ),
    ),
    Endpoint(
        "article-list-data",
        STUDIES,
        _("The studies that we check, with the numbers of their verdicts"),
        as_json(of_data({"results": array(ANY)}, total=NUMBER)),
    ),
    Endpoint(
        "article-data",
        STUDIES,
        _("A study with all its claims: its figure, ours, the interval, the verdict and the queries that prove it"),
        as_json(of_data({"article": ANY}, total=NUMBER)),
        lambda parts: [ApiParameter("verdict", _("Verdict"), {"type": "string", "enum": Verdict.values})],
        FIRST_ARTICLE,
        (GONE,),
    ),
    Endpoint(
        "claim-data",
        STUDIES,
        _("One claim of a study, with the history of its verdict"),
        as_json(of_data({"claim": ANY})),
        example=FIRST_CLAIM,
        problems=(GONE,),
    ),
    Endpoint(
        "article-compare-data",
        STUDIES,
        _("What the studies count of each year, compared"),
        as_json(of_data({"results": array(ANY)}, total=NUMBER)),
    ),
    Endpoint(
        "chart-data",
        OF_CHARTS,
        _("The numbers of a chart, each with the address of the list that it counts"),
        chart_content,
        chart_parameters,
        chart_example,
    ),
    Endpoint("chart-picture", OF_CHARTS, _("A chart as a picture"), chart_content, chart_parameters, chart_example),
    a_citation("tender", _("The citation of a tender"), of_model(Tender)),
    a_citation("institution", _("The citation of an institution"), of_model(Institution)),
    a_citation("company", _("The citation of a company"), of_model(Company)),
    a_citation("article", _("The citation of a study"), FIRST_ARTICLE),
    a_citation("claim", _("The citation of a claim"), FIRST_CLAIM),
    a_citation("data", _("The citation of the data set"), lambda parts: {}),
    Endpoint(
        "changes-data",
        CHANGES,
        _("All public changes, oldest first: with them a copy stays like the site"),
        as_json(of_data({"results": array(ANY)}, next=nullable(ADDRESS), cursor=TEXT)),
        lambda parts: [
            ApiParameter("since", _("A day, a moment, or the cursor of an answer"), TEXT),
            ApiParameter("limit", _("Entries"), {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
        ],
    ),
    a_feed("changes", _("A feed of all public changes")),
    a_feed("tender-list", _("A feed of what changed in a list of tenders"), TenderFilter),
    a_feed("institution-list", _("A feed of what changed in a list of institutions"), InstitutionFilter),
    a_feed("company-list", _("A feed of what changed in a list of companies"), CompanyFilter),
    a_feed("tender-detail", _("A feed of what changed of one tender"), model=Tender),
    a_feed("institution-detail", _("A feed of what changed of one institution"), model=Institution),
    a_feed("company-detail", _("A feed of what changed of one company"), model=Company),
    Endpoint(
        "compare-data",
        CHANGES,
        _("The differences between two days, moments or versions, with old and new values and their sources"),
        lambda parts: {
            "csv": {"text/csv": TEXT},
            "json": {"application/json": of_data({"results": array(ANY)}, total=NUMBER, counts=ANY)},
        }[parts["form"]],
        lambda parts: [
            ApiParameter("from", _("A day, a moment or a version"), TEXT, is_required=True),
            ApiParameter("to", _("The same, later; now if it is left out"), TEXT),
            ApiParameter("list", _("Which list"), {"type": "string", "enum": [*COMPARED]}),
            *(found for found in filter_parameters(TenderFilter) if found.name != "sort"),
        ],
        lambda parts: {"query": f"from={timezone.localdate()}"},
        (HISTORY_BEGINS,),
    ),
    Endpoint(
        "version-data",
        CHANGES,
        _("The frozen versions of the data set, with checksums"),
        as_json(of_data({"results": array(ANY)}, total=NUMBER)),
    ),
    Endpoint(
        "version-file",
        CHANGES,
        _("A file of a version; it never changes"),
        lambda parts: {
            media_type.partition(";")[0]: ANY if media_type.endswith("/json") else BINARY
            for media_type in MEDIA_TYPES.values()
        },
        example=version_example,
        problems=(GONE,),
    ),
    an_ocds_list("releases", _("The last release of each tender, as open contracting data (OCDS 1.1)")),
    an_ocds_list("records", _("The record of each tender, with all its releases")),
    Endpoint(
        "ocds-record",
        OCDS,
        _("The record of one tender, with all its releases"),
        as_json(obj(PACKAGE | {"records": array(ANY)})),
        example=of_model(Tender),
        problems=(GONE,),
    ),
    Endpoint(
        "ocds-release",
        OCDS,
        _("One release of a tender, also an earlier one"),
        as_json(obj(PACKAGE | {"releases": array(ANY)})),
        example=release_example,
        problems=(GONE,),
    ),
    Endpoint(
        "ocds-extension",
        OCDS,
        _("Our extension of the standard"),
        lambda parts: {"application/json": ANY, "text/csv": TEXT},
        example=lambda parts: {"path": DESCRIPTION},
    ),
    Endpoint(
        "overview-data",
        OTHER,
        _("The numbers of the front page"),
        as_json(of_data({"numbers": ANY})),
    ),
    Endpoint(
        "search-data",
        OTHER,
        _("What the search of the whole site finds"),
        as_json(of_data({})),
        lambda parts: [ApiParameter("q", _("Search"), {"type": "string", "maxLength": MAX_SEARCH})],
    ),
    Endpoint(
        "data-data", OTHER, _("The data set as a whole: numbers, licence, what the columns mean"), as_json(of_data({}))
    ),
    Endpoint(
        "page-text",
        OTHER,
        _("A page of the editors as they write it (Markdown)"),
        lambda parts: {"text/markdown": TEXT},
        example=first(lambda: Page.objects.order_by("slug"), slug="slug"),
    ),
    Endpoint("data-package", CATALOGUE, _("The lists as a data package (Frictionless)"), as_json(ANY)),
    Endpoint("dcat", CATALOGUE, _("The catalogue (DCAT)"), lambda parts: {LINKED_DATA: ANY}),
    Endpoint(
        "croissant",
        CATALOGUE,
        _("The latest version for machine learning (Croissant)"),
        lambda parts: {LINKED_DATA: ANY},
        example=lambda parts: {} if versions_in(settings.DATA_VERSIONS) else None,
    ),
    Endpoint("llms", CATALOGUE, _("What there is, for language models"), lambda parts: {"text/plain": TEXT}),
    Endpoint("openapi", CATALOGUE, _("This description of all addresses (OpenAPI 3.1)"), as_json(ANY)),
)
