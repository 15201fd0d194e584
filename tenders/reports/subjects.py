"""What a report can be about: a public page, one record or claim of it, or one chart."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tenders.models import Article, Claim, Company, Institution, Page, RedirectedReference, Tender
from tenders.models.reports import MAX_ABOUT
from tenders.references import REFERENCE_PATTERN

RECORDS = {"TW": Tender, "I": Institution, "C": Company}  # by prefix of a reference
REFERENCE = re.compile(rf"({'|'.join(RECORDS)})-{REFERENCE_PATTERN}")
CHART = re.compile(r"chart-[a-z_-]{1,50}")
PAGES = {  # of no record, by the name of their view
    "overview": gettext_lazy("Front page"),
    "tender-list": gettext_lazy("Tenders"),
    "institution-list": gettext_lazy("Institutions"),
    "company-list": gettext_lazy("Companies"),
    "article-list": gettext_lazy("Articles"),
    "article-compare": gettext_lazy("What the studies count"),
    "changes": gettext_lazy("What changed"),
    "data": gettext_lazy("Data"),
}


@dataclass(frozen=True)
class Subject:
    """A public page, with the record that it is about and the chart that is meant on it, if any."""

    view: str
    kwargs: dict
    query: str = ""
    chart: str = ""
    record: Model | None = field(default=None, compare=False)

    @property
    def address(self):
        """The address of the page without its language, by which reports refer to it."""
        with override(settings.LANGUAGE_CODE):
            return self.url

    @property
    def url(self):
        """The address of the page in the reader's language."""
        path = reverse(self.view, kwargs=self.kwargs)
        return path + (f"?{self.query}" if self.query else "") + (f"#{self.chart}" if self.chart else "")

    @cached_property
    def name(self):
        page = str(PAGES[self.view] if self.record is None else self.record)
        return _("A chart of: %(page)s") % {"page": page} if self.chart else page

    @property
    def reference(self):
        """The reference or code of a record, where it has one."""
        return getattr(self.record, "reference", "") or getattr(self.record, "code", "")


def find_subject(text, *, host=""):
    """
    Return the public page that a reference or an address names, or None.

    What is not published is not found, like what never existed. An address of another site is none of ours; ``host``
    is the name by which ours was reached.
    """
    text = text.strip()
    if len(text) > MAX_ABOUT or not text.isprintable():
        return None
    if REFERENCE.fullmatch(text.upper()):
        return _of_record(text.upper())
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.netloc not in ("", host):
        return None
    path = parts.path
    for code, _name in settings.LANGUAGES:
        path = path.removeprefix(f"/{code}") if path.startswith(f"/{code}/") else path
    chart = parts.fragment if CHART.fullmatch(parts.fragment) else ""
    try:
        with override(settings.LANGUAGE_CODE):
            match = resolve(path)
    except Resolver404:
        return None
    return _on_page(match, parts.query, chart)


def _on_page(match, query, chart):
    view, kwargs = match.view_name, match.kwargs
    if view in PAGES:
        return Subject(view, kwargs, query, chart)
    if view in ("tender-detail", "institution-detail", "company-detail"):
        return _of_record(kwargs["reference"], chart)
    found = {
        "article-detail": lambda: Article.objects.published().filter(slug=kwargs["slug"]),
        "claim-detail": lambda: Claim.objects.filter(
            article__in=Article.objects.published(), article__slug=kwargs["slug"], code=kwargs["code"]
        ).select_related("article"),
        "page": lambda: Page.objects.filter(slug=kwargs["slug"]),
    }.get(view)
    record = found().first() if found else None
    return record and Subject(view, kwargs, chart=chart, record=record)


def _of_record(reference, chart=""):
    """Return the page of a published record, or of the one that it was merged into."""
    model = RECORDS.get(reference.partition("-")[0])
    reference = RedirectedReference.objects.public().resolve([reference]).get(reference, reference)
    record = model and model.objects.published().filter(reference=reference).first()
    view = record and f"{record._meta.model_name}-detail"
    return record and Subject(view, {"reference": reference}, chart=chart, record=record)
