"""What can be followed, as an address of the site names it: all changes, the records of a list, or one record."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenders.audit.stream import all_records
from tenders.chips import chips, in_words
from tenders.filter_sets import FacetedFilterSet
from tenders.filters import CompanyFilter, InstitutionFilter, TenderFilter
from tenders.models import Company, Institution, Tender
from tenders.reports.subjects import PAGES, find_subject

ALL = "changes"
LISTS = {
    "tender-list": (Tender, TenderFilter),
    "institution-list": (Institution, InstitutionFilter),
    "company-list": (Company, CompanyFilter),
}
RECORDS = {"tender-detail", "institution-detail", "company-detail"}


@dataclass(frozen=True)
class Topic:
    """A page whose changes can be followed: the name of its URL, and the filter set of a list or the record."""

    view: str
    filterset: FacetedFilterSet | None = field(default=None, compare=False)
    record: Model | None = None

    @property
    def name(self):
        """What is followed, in the current language."""
        if self.record:
            return str(self.record)
        name = str(PAGES[self.view])
        words = in_words(chips(self.filterset)) if self.filterset else ""
        return f"{name}{_(': ')}{words}" if words else name

    @property
    def query(self):
        """The query string of a list, without its order."""
        return self.filterset.query_string(without={"sort"}) if self.filterset else ""

    @property
    def path(self):
        """The path of the page, in the current language."""
        path = reverse(self.view, args=[self.record.reference] if self.record else [])
        return f"{path}?{self.query}" if self.query else path

    @property
    def address(self):
        """The path of the page without its language, by which the topic is stored."""
        with override(settings.LANGUAGE_CODE):
            return self.path

    def feed_path(self, form):
        """Return the path of the feed in one of ``writers.FORMS``, in the current language."""
        args = [self.record.reference, form] if self.record else [form]
        path = reverse(f"{self.view}-feed", args=args)
        return f"{path}?{self.query}" if self.query else path

    def scope(self):
        """Return the records that belong to the topic today, {model: public records}."""
        if self.record:
            model = type(self.record)
            return {model: model.objects.published().filter(pk=self.record.pk)}
        if self.filterset:
            model, _filterset_class = LISTS[self.view]
            return {model: self.filterset.qs}
        return all_records()


def topic_of_list(view, data):
    """Return the topic of a list with some parameters, which need not be readable (``filterset.parameter_errors``)."""
    _model, filterset_class = LISTS[view]
    return Topic(view, filterset=filterset_class(data))


def find_topic(text, *, host=""):
    """Return the topic that a reference or the address of a page names, None if there is none (any more)."""
    subject = find_subject(text, host=host)
    if subject is None:
        return None
    if subject.view == ALL:
        return Topic(ALL)
    if subject.view in RECORDS:
        return Topic(subject.view, record=subject.record)
    if subject.view in LISTS:
        topic = topic_of_list(subject.view, QueryDict(subject.query))
        return None if topic.filterset.parameter_errors else topic
    return None
