"""URLs of the site. They contain references, never names: names are corrected, and URLs should last."""

import re

from django.contrib.sitemaps.views import index as sitemap_index
from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from tenders import references
from tenders.charts.marks import PATHS
from tenders.citing import CITATION_FORMATS
from tenders.exports.writers import FORMS
from tenders.feeds.writers import FORMS as FEED_FORMS
from tenders.sitemaps import SITEMAPS
from tenders.views import (
    alerts,
    article_twins,
    articles,
    change_data,
    changes,
    charts,
    citations,
    claims,
    compare,
    data,
    descriptions,
    details,
    downloads,
    evidence,
    feeds,
    lists,
    ocds,
    oembed,
    page_twins,
    pages,
    previews,
    reconciliation,
    reports,
    search,
    twins,
    versions,
)
from tenders.views.api import pages as api


class ReferenceConverter(StringConverter):
    """The reference of a record, such as ``TW-7K3M9Q``."""

    regex = f"[A-Z]{{1,2}}-{references.REFERENCE_PATTERN}"


class ReleaseConverter(StringConverter):
    """The id of a release of OCDS: the reference of a tender and a moment."""

    regex = f"{ReferenceConverter.regex}-[0-9]{{8}}T[0-9]{{12}}Z"


class CitationExtensionConverter(StringConverter):
    """The extension of a citation as a file, such as ``bib``."""

    regex = "|".join(CITATION_FORMATS)


class FeedExtensionConverter(StringConverter):
    """The extension of a feed: ``atom`` or ``feed.json``."""

    regex = "|".join(map(re.escape, FEED_FORMS))


register_converter(ReferenceConverter, "reference")
register_converter(FeedExtensionConverter, "feed_extension")
register_converter(ReleaseConverter, "ocds_release")
register_converter(CitationExtensionConverter, "citation_extension")

FORM = "|".join(FORMS)
CHART = rf"(?P<plural>{'|'.join(PATHS.values())})/(?P<name>[a-z_]+)"  # a chart of a list

# Without a language prefix: for programs.
machine_urlpatterns = [
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", pages.robots, name="robots"),
    path(
        "sitemap.xml",
        require_safe(sitemap_index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap-section"},
        name="sitemap",
    ),
    re_path(
        r"^sitemap-(?P<section>[a-z]+)\.xml$", require_safe(sitemap), {"sitemaps": SITEMAPS}, name="sitemap-section"
    ),
    re_path(rf"^tenders\.(?P<form>{FORM})$", downloads.TenderDownload.as_view(), name="tender-download"),
    re_path(rf"^institutions\.(?P<form>{FORM})$", downloads.InstitutionDownload.as_view(), name="institution-download"),
    re_path(rf"^companies\.(?P<form>{FORM})$", downloads.CompanyDownload.as_view(), name="company-download"),
    re_path(r"^data/compare\.(?P<form>json|csv)$", compare.CompareData.as_view(), name="compare-data"),
    path("data/dcat.jsonld", descriptions.Dcat.as_view(), name="dcat"),
    path("data/datapackage.json", descriptions.DataPackage.as_view(), name="data-package"),
    path("data/croissant.json", descriptions.Croissant.as_view(), name="croissant"),
    path("llms.txt", descriptions.LlmsText.as_view(), name="llms"),
    path("data/versions.json", versions.VersionsData.as_view(), name="version-data"),
    path("data/versions/<str:version>/<str:name>", versions.VersionFile.as_view(), name="version-file"),
    re_path(rf"^statements\.(?P<form>{FORM})$", downloads.StatementDownload.as_view(), name="statement-download"),
    re_path(rf"^sources\.(?P<form>{FORM})$", downloads.SourceDownload.as_view(), name="source-download"),
    re_path(rf"^charts/{CHART}\.(?P<form>csv|json)$", charts.ChartData.as_view(), name="chart-data"),
    path("tenders/<reference:reference>.json", twins.TenderTwin.as_view(), name="tender-data"),
    path("institutions/<reference:reference>.json", twins.InstitutionTwin.as_view(), name="institution-data"),
    path("companies/<reference:reference>.json", twins.CompanyTwin.as_view(), name="company-data"),
    path("index.json", page_twins.OverviewTwin.as_view(), name="overview-data"),
    path("search.json", page_twins.SearchTwin.as_view(), name="search-data"),
    path("data.json", page_twins.DataTwin.as_view(), name="data-data"),
    path("changes.json", change_data.ChangesData.as_view(), name="changes-data"),
    path("articles.json", article_twins.ArticleListTwin.as_view(), name="article-list-data"),
    path("articles/compare.json", article_twins.CompareTwin.as_view(), name="article-compare-data"),
    path("articles/<slug:slug>.json", article_twins.ArticleTwin.as_view(), name="article-data"),
    path("articles/<slug:slug>/claims/<slug:code>.json", article_twins.ClaimTwin.as_view(), name="claim-data"),
    path("openapi.json", api.OpenApi.as_view(), name="openapi"),
    re_path(r"^ocds/releases\.(?P<form>json|jsonl)$", ocds.ReleaseList.as_view(), name="ocds-releases"),
    re_path(r"^ocds/records\.(?P<form>json|jsonl)$", ocds.RecordList.as_view(), name="ocds-records"),
    path("ocds/records/<reference:reference>.json", ocds.RecordDetail.as_view(), name="ocds-record"),
    path("ocds/releases/<ocds_release:name>.json", ocds.ReleaseDetail.as_view(), name="ocds-release"),
    path("ocds/extension/<path:path>", ocds.Extension.as_view(), name="ocds-extension"),
    path("oembed", oembed.OEmbed.as_view(), name="oembed"),
    path("reconcile", reconciliation.Service.as_view(), name="reconciliation"),
    path("reconcile/suggest", reconciliation.SuggestEntities.as_view(), name="reconciliation-suggest"),
    path("reconcile/suggest/types", reconciliation.SuggestTypes.as_view(), name="reconciliation-types"),
    path("reconcile/suggest/properties", reconciliation.SuggestProperties.as_view(), name="reconciliation-properties"),
    path("reconcile/extend", reconciliation.Extend.as_view(), name="reconciliation-extend"),
    path("reconcile/<reference:reference>", reconciliation.RecordRedirect.as_view(), name="reconciliation-record"),
    re_path(r"^sources/(?P<slug>[-\w]+)/files/(?P<sha256>[0-9a-f]{64})$", evidence.source_file, name="source-file"),
]

# Under /admin/preview/, matched before the admin's own URLs.
preview_urlpatterns = [
    path("tenders/<reference:reference>/", previews.TenderPreview.as_view(), name="preview-tender"),
    path("institutions/<reference:reference>/", previews.InstitutionPreview.as_view(), name="preview-institution"),
    path("companies/<reference:reference>/", previews.CompanyPreview.as_view(), name="preview-company"),
    path("articles/<slug:slug>/", previews.ArticlePreview.as_view(), name="preview-article"),
    path("articles/<slug:slug>/claims/<slug:code>/", previews.ClaimPreview.as_view(), name="preview-claim"),
]

# Pages as text, in their language.
text_urlpatterns = [path("about/<slug:slug>.md", descriptions.PageText.as_view(), name="page-text")]

# Below the address of the page that is cited, in its language.
citation_urlpatterns = [
    path(f"{page}citation.<citation_extension:extension>", view.as_view(), name=f"{kind}-citation")
    for kind, page, view in (
        ("tender", "tenders/<reference:reference>/", citations.TenderCitation),
        ("institution", "institutions/<reference:reference>/", citations.InstitutionCitation),
        ("company", "companies/<reference:reference>/", citations.CompanyCitation),
        ("article", "articles/<slug:slug>/", citations.ArticleCitation),
        ("claim", "articles/<slug:slug>/claims/<slug:code>/", citations.ClaimCitation),
        ("data", "data/", citations.DataCitation),
    )
]

# Beside the page whose changes they have, in its language.
feed_urlpatterns = [
    path("changes.<feed_extension:form>", feeds.ChangesFeed.as_view(), name="changes-feed"),
    *(
        path(f"{plural}.<feed_extension:form>", feeds.ListFeed.as_view(view=f"{kind}-list"), name=f"{kind}-list-feed")
        for kind, plural in PATHS.items()
    ),
    *(
        path(f"{PATHS[kind]}/<reference:reference>.<feed_extension:form>", view.as_view(), name=f"{kind}-detail-feed")
        for kind, view in (
            ("tender", feeds.TenderFeed),
            ("institution", feeds.InstitutionFeed),
            ("company", feeds.CompanyFeed),
        )
    ),
]

urlpatterns = [
    path("", pages.Overview.as_view(), name="overview"),
    path("tenders/", lists.TenderList.as_view(), name="tender-list"),
    path("tenders/<reference:reference>/", details.TenderDetail.as_view(), name="tender-detail"),
    path("institutions/", lists.InstitutionList.as_view(), name="institution-list"),
    path("institutions/<reference:reference>/", details.InstitutionDetail.as_view(), name="institution-detail"),
    path("companies/", lists.CompanyList.as_view(), name="company-list"),
    path("companies/<reference:reference>/", details.CompanyDetail.as_view(), name="company-detail"),
    re_path(rf"^charts/{CHART}\.(?P<form>svg|png)$", charts.ChartPicture.as_view(), name="chart-picture"),
    re_path(rf"^embed/{CHART}/$", charts.ChartEmbed.as_view(), name="chart-embed"),
    path("articles/", articles.ArticleList.as_view(), name="article-list"),
    path("articles/compare/", articles.Compare.as_view(), name="article-compare"),
    path("articles/<slug:slug>/", articles.ArticleDetail.as_view(), name="article-detail"),
    path("articles/<slug:slug>/claims/<slug:code>/", claims.ClaimDetail.as_view(), name="claim-detail"),
    path("search/", search.Search.as_view(), name="search"),
    path("search/suggestions/", search.Suggestions.as_view(), name="search-suggestions"),
    path("reconcile/preview", reconciliation.Preview.as_view(), name="reconciliation-preview"),
    path("changes/", changes.Changes.as_view(), name="changes"),
    path("subscribe/", alerts.Subscribe.as_view(), name="subscribe"),
    path("subscribe/sent/", alerts.Sent.as_view(), name="subscribe-sent"),
    path("alerts/<slug:token>/", alerts.AlertPage.as_view(), name="alert"),
    path("report/", reports.ReportPage.as_view(), name="report"),
    path("report/<slug:token>/", reports.OutcomePage.as_view(), name="report-outcome"),
    path("data/api/", api.ApiPage.as_view(), name="api"),
    path("data/compare/", compare.ComparePage.as_view(), name="compare"),
    path("data/versions/", versions.VersionList.as_view(), name="version-list"),
    path("data/", data.DataPage.as_view(), name="data"),
    path("about/", RedirectView.as_view(pattern_name="page", permanent=False), {"slug": "method"}, name="about"),
    path("about/<slug:slug>/", pages.PageDetail.as_view(), name="page"),
]
