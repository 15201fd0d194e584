"""The page of what changed: a month of news at a glance, and the list of one kind of it."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.paginator import InvalidPage, Paginator
from django.db.models import Min
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tenders.audit import latest_news, month_of_news, news_items
from tenders.caching import VersionedMixin
from tenders.choices import ChangeKind, NewsKind
from tenders.facets import PossibleValuesField, parameter_errors_of
from tenders.models import Change
from tenders.views.errors import unreadable
from tenders.views.lists import PageForm

NEWS_PER_PAGE = 25
NEWS_AT_A_GLANCE = 5  # of each kind


class MonthField(forms.RegexField):
    """A month such as ``2026-11``; its value is the first day."""

    def __init__(self, **kwargs):
        messages = {"invalid": gettext_lazy("Enter a month such as 2026-11.")}
        super().__init__(r"^[12]\d{3}-(0[1-9]|1[0-2])$", error_messages=messages, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        return date.fromisoformat(f"{text}-01") if text else None


class NewsForm(PageForm):
    """Which month, which kind of news, and which page of it."""

    month = MonthField(label=gettext_lazy("Month"), required=False)
    kind = PossibleValuesField(label=gettext_lazy("Kind"), required=False, choices=NewsKind)


class Changes(VersionedMixin, TemplateView):
    """What is new in the public records in one month: some of each kind, or a page of one kind."""

    parameters = frozenset(NewsForm.base_fields)
    template_name = "tenders/changes.html"

    def get(self, request):
        form = NewsForm(request.GET)
        if wrong := parameter_errors_of(form):
            return unreadable(request, wrong)
        asked = form.cleaned_data
        month = asked["month"] or self._newest_month()
        context = {"month": f"{month:%Y-%m}", "imported_at": imported_at(), **neighbours(month)}
        numbers = self._numbers(month)
        context["has_news"] = bool(asked["month"] or any(numbers.values()))
        if asked["kind"]:
            context |= self._page_of_kind(context["month"], NewsKind(asked["kind"]), numbers, asked["page"] or 1)
        elif (asked["page"] or 1) > 1:
            raise Http404(_("The changes end on page %(last)s.") % {"last": 1})
        else:
            context["glance"] = self._glance(context["month"], numbers)
        given = {"month": asked["month"] and context["month"], "kind": asked["kind"], "page": asked["page"]}
        query = urlencode({name: value for name, value in given.items() if value and (name, value) != ("page", 1)})
        return self.render_to_response(self.get_context_data(page_query=query, **context))

    def _newest_month(self):
        """Return the first day of the month of the latest news; of this month without any."""
        month = this_month()
        if any(self._numbers(month).values()):
            return month
        news = self._cached(["latest news", 1], lambda: latest_news(1))
        return timezone.localdate(news[0].made_at).replace(day=1) if news else month

    def _numbers(self, month):
        return self._cached(["news", f"{month:%Y-%m}"], lambda: month_of_news(*moments_of(month)))

    def _glance(self, month, numbers):
        """Return (kind, number of news, address of their list, the latest of them) of each kind."""
        news = self._news({kind: numbers[kind][:NEWS_AT_A_GLANCE] for kind in NewsKind})
        return [(kind, len(numbers[kind]), address_of(month, kind), news[kind]) for kind in NewsKind]

    def _page_of_kind(self, month, kind, numbers, number):
        try:
            page = Paginator(numbers[kind], NEWS_PER_PAGE).page(number)
        except InvalidPage:
            last = -(-len(numbers[kind]) // NEWS_PER_PAGE) or 1
            raise Http404(_("The changes end on page %(last)s.") % {"last": last}) from None
        news = self._news({kind: page.object_list})[kind]
        return {"kind": kind, "page": page, "news": news, "month_url": f"{reverse('changes')}?month={month}"}

    def _news(self, numbers):
        return self._cached(["news items", numbers], lambda: news_items(numbers))

    def _cached(self, name, compute):
        return self.cache.get_or_compute([*name, get_language()], compute)


def address_of(month, kind):
    """Return the address of the list of one kind of news of a month."""
    return f"{reverse('changes')}?month={month}&kind={kind}"


def this_month():
    return timezone.localdate().replace(day=1)


def imported_at():
    """Return when the original data set was imported, or None."""
    return Change.objects.filter(kind=ChangeKind.BASELINE).aggregate(at=Min("made_at"))["at"]


def moments_of(month):
    """Return the moments at which a month begins and ends."""
    zone = timezone.get_current_timezone()
    return tuple(datetime(day.year, day.month, 1, tzinfo=zone) for day in (month, next_month(month)))


def next_month(month):
    return (month + timedelta(days=31)).replace(day=1)


def neighbours(month):
    """Return the months before and after, as text, as far as the site was there then; 404 for one when it was not."""
    first_at = Change.objects.aggregate(at=Min("made_at"))["at"]
    first = timezone.localdate(first_at).replace(day=1) if first_at else this_month()
    last = max(this_month(), first)
    if not first <= month <= last:
        text = _("There are changes from %(first)s to %(last)s.")
        raise Http404(text % {"first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}"})
    before, after = (month - timedelta(days=1)).replace(day=1), next_month(month)
    return {
        "earlier": f"{before:%Y-%m}" if before >= first else "",
        "later": f"{after:%Y-%m}" if after <= last else "",
    }
