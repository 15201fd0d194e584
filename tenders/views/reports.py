"""The form in which readers report an error, and the page that says what came of a report."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts.addresses import client_network
from accounts.limits import with_time
from tenders.models import Report
from tenders.reports.answering import outcome_path
from tenders.reports.forms import ReportForm
from tenders.reports.receiving import (
    AlreadySentError,
    FormKey,
    LimitReachedError,
    comes_from_elsewhere,
    receive,
)
from tenders.reports.subjects import find_subject


@method_decorator([csrf_exempt, sensitive_post_parameters()], name="dispatch")
class ReportPage(View):
    """
    The form about the page that ``about`` names, by its reference or address; without ``about``, a field for it.

    ``tenders.reports.receiving`` says why it needs no token of Django's against forgery. Whatever is refused, the form
    is shown again as it was filled in.
    """

    def get(self, request):
        return self._form(request, request.GET.get("about", ""), None)

    def post(self, request):
        about, form = request.POST.get("about", ""), ReportForm(request.POST)
        subject = find_subject(about, host=request.get_host())
        key = subject and FormKey.read(request.POST.get("key", ""), subject.address)
        if key is None or not form.is_valid():
            if subject and key is None:
                form.add_error(None, _("This form was open for too long. Send it once more."))
            return self._form(request, about, form, HTTPStatus.BAD_REQUEST, key=key)
        if comes_from_elsewhere(request):
            form.add_error(None, _("This form came from another site. Did you fill it in? Then send it once more."))
            return self._form(request, about, form, HTTPStatus.FORBIDDEN)
        fields = {name: form.cleaned_data[name] for name in ("text", "source", "email")}
        try:
            report = receive(key, fields, network=client_network(request), language=get_language())
        except AlreadySentError:
            form.add_error(None, _("This form was sent before. To report this as well, send it once more."))
            return self._form(request, about, form, HTTPStatus.BAD_REQUEST)
        except LimitReachedError as limit:
            form.add_error(None, refusal(limit))
            response = self._form(request, about, form, HTTPStatus.TOO_MANY_REQUESTS, key=key)
            response["Retry-After"] = str(int(limit.wait))
            return response
        return HttpResponseRedirect(outcome_path(report))

    def _form(self, request, about, form, status=HTTPStatus.OK, *, key=None):
        """Return the page with the form, or with the question what it is about."""
        subject = find_subject(about, host=request.get_host()) if about else None
        if about and subject is None:
            status = HTTPStatus.NOT_FOUND
        context = {
            "about": about,
            "subject": subject,
            "form": form or ReportForm(),
            "key": subject and (key or FormKey.new(subject.address)),
            "contact": settings.CONTACT_EMAIL,
            "page_query": urlencode({"about": about}) if about else "",
        }
        response = TemplateResponse(request, "tenders/report.html", context, status=status)
        # Not "no-store": a browser that goes back shows what was typed.
        patch_cache_control(response, private=True, no_cache=True)
        return response


class OutcomePage(View):
    """What came of a report, for whoever has its address; not what was reported."""

    def get(self, request, token):
        report = get_object_or_404(Report.objects.select_related("change"), token=token)
        context = {"report": report, "subject": find_subject(report.about)}
        response = TemplateResponse(request, "tenders/report_outcome.html", context)
        add_never_cache_headers(response)
        return response


def refusal(limit):
    """Return why no report is taken at the moment, and when one is."""
    if limit.until is None:
        return _("The editors have more reports than they can read. Try again tomorrow.")
    return with_time(
        lambda wait: ngettext(
            "Too many reports from your network. Try again in %(wait)s minute, after %(time)s (%(zone)s).",
            "Too many reports from your network. Try again in %(wait)s minutes, after %(time)s (%(zone)s).",
            wait,
        ),
        limit.until,
    )
