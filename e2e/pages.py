"""The tested pages: every type of page in each of its states. Tests of all pages run on all of these."""

from dataclasses import dataclass

LANGUAGES = {"en": "", "zh-hans": "/zh-hans"}


@dataclass(frozen=True)
class Page:
    """The path of a page of the shipped records, and its HTTP status."""

    path: str
    status: int = 200


ARTICLE = "/articles/interchain-pulse-2019/"
DISPUTED = "/tenders/TW-N9GRJT/"
WITHDRAWN = "TW-YYQTWA"
REPORT = "SettledReportOfTheTest"  # the token of a report that led to a correction

PAGES = {
    "overview": Page("/"),
    "tenders": Page("/tenders/"),
    "tenders, filtered": Page("/tenders/?year=2019&year=2018&region=CN-GD&category=unknown&q=区块链"),
    "tenders, last page": Page("/tenders/?page=2&sort=-amount"),
    "tenders, none": Page("/tenders/?year=2016&amount=known"),
    "tenders, refused": Page("/tenders/?year=last&region=CN-BJ&amount_min=much", 400),
    "tenders, charts": Page("/tenders/?view=charts"),
    "tenders, charts of some": Page("/tenders/?view=charts&year=2019"),
    "chart to embed, map": Page("/embed/tenders/region/"),
    "chart to embed, bars of some": Page("/embed/tenders/institution_kind/?year=2019"),
    "institutions": Page("/institutions/"),
    "institutions, filtered": Page("/institutions/?region=CN-GD&amount=known"),
    "institutions, refused": Page("/institutions/?kind=nobody", 400),
    "companies": Page("/companies/"),
    "companies, filtered": Page("/companies/?year=2019&same_region=no"),
    "institutions, charts": Page("/institutions/?view=charts"),
    "companies, charts": Page("/companies/?view=charts"),
    "companies, none": Page("/companies/?q=nobody-of-that-name"),
    "tender, disputed": Page(DISPUTED),
    "tender, no award": Page("/tenders/TW-0XFT8V/"),
    "tender, two lots": Page("/tenders/TW-H58VVX/"),
    "tender, withdrawn": Page(f"/tenders/{WITHDRAWN}/", 410),
    "institution": Page("/institutions/I-D4MECS/"),
    "institution, several tenders": Page("/institutions/I-DGGADZ/"),
    "company, amount known": Page("/companies/C-D7R2CN/"),
    "company, amount unknown": Page("/companies/C-0Z2JM6/"),
    "articles": Page("/articles/"),
    "article": Page(ARTICLE),
    "article, one verdict": Page(f"{ARTICLE}?verdict=agrees"),
    "article, today": Page(f"{ARTICLE}?view=today"),
    "article, another": Page("/articles/panews-2019/"),
    "claim, drawn": Page(f"{ARTICLE}claims/A17/"),
    "claim, of a record": Page(f"{ARTICLE}claims/A20/"),
    "compare": Page("/articles/compare/"),
    "search, found": Page("/search/?q=广东"),
    "search, misspelled": Page("/search/?q=tencnt"),
    "search, refused": Page("/search/?q=!", 400),
    "match, previewed": Page("/reconcile/preview?id=C-D7R2CN"),
    "match, of nothing there": Page("/reconcile/preview?id=C-000000", 404),
    "changes": Page("/changes/"),
    "changes, one kind": Page("/changes/?kind=corrected"),
    "subscribe": Page("/subscribe/?about=/tenders/%3Fyear%3D2019"),
    "subscribe, of nothing there": Page("/subscribe/?about=TW-000000", 404),
    "report": Page(f"/report/?about={DISPUTED}"),
    "report, of nothing yet": Page("/report/"),
    "report, of nothing there": Page("/report/?about=TW-000000", 404),
    "report, its outcome": Page(f"/report/{REPORT}/"),
    "data": Page("/data/"),
    "data, for programs": Page("/data/api/"),
    "versions": Page("/data/versions/"),
    "differences, nothing asked": Page("/data/compare/"),
    "differences": Page("/data/compare/?from=2026.1&list=tenders"),
    "method": Page("/about/method/"),
    "coverage": Page("/about/coverage/"),
    "licence": Page("/about/licence/"),
    "contact": Page("/about/contact/"),
    "publication-policy": Page("/about/publication-policy/"),
    "nothing here": Page("/tenders/TW-000000/", 404),
    "download, refused": Page("/tenders.csv?year=last", 400),
}
