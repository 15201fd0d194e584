"""Following changes: the feeds of a page and the form for mails, and the page that confirms and ends an alert."""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts.addresses import client_network
from tenders.alerts.asking import DAYS_TO_CONFIRM, ask, confirm, topic_of
from tenders.alerts.forms import AlertForm
from tenders.feeds.topics import ALL, Topic, find_topic
from tenders.feeds.writers import FORM_NAMES
from tenders.models import Alert
from tenders.reports.receiving import FormKey, LimitReachedError, comes_from_elsewhere
from tenders.views.reports import refusal


@method_decorator([csrf_exempt, sensitive_post_parameters()], name="dispatch")
class Subscribe(View):
    """
    How to follow the page that ``about`` names, without it all changes: by feed, and by mail where the site sends any.

    The form needs no token of Django's against forgery, for the reasons that ``tenders.reports.receiving`` gives. The
    answer is the same whatever is known of a mail address.
    """

    def get(self, request):
        return self._page(request, request.GET.get("about", ""), None)

    def post(self, request):
        if not settings.CAN_SEND_MAIL:
            raise Http404
        about, form = request.POST.get("about", ""), AlertForm(request.POST)
        if (topic := self._topic(request, about)) is None:
            return self._page(request, about, form)
        key = FormKey.read(request.POST.get("key", ""), _key_subject(topic))
        if key is None:
            form.add_error(None, _("This form was open for too long. Send it once more."))
        elif form.is_valid() and comes_from_elsewhere(request):
            form.add_error(None, _("This form came from another site. Did you fill it in? Then send it once more."))
        if not form.is_valid():
            return self._page(request, about, form, HTTPStatus.BAD_REQUEST)
        return self._ask(request, about, topic, key, form)

    def _ask(self, request, about, topic, key, form):
        try:
            ask(
                topic,
                form.cleaned_data["email"],
                form.cleaned_data["every"],
                token=key.token,
                network=client_network(request),
                language=get_language(),
                site=request.build_absolute_uri("/").rstrip("/"),
            )
        except LimitReachedError as limit:
            form.add_error(None, refusal(limit))
            response = self._page(request, about, form, HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(int(limit.wait))
            return response
        except OSError:  # also of smtplib
            form.add_error(None, _("The mail could not be sent. Try again later."))
            return self._page(request, about, form, HTTPStatus.SERVICE_UNAVAILABLE)
        return HttpResponseRedirect(reverse("subscribe-sent"))

    def _topic(self, request, about):
        return find_topic(about, host=request.get_host()) if about else Topic(ALL)

    def _page(self, request, about, form, status=HTTPStatus.OK):
        topic = self._topic(request, about)
        if topic is None:
            status = HTTPStatus.NOT_FOUND
        context = {
            "about": about,
            "topic": topic,
            "feeds": topic
            and [(name, request.build_absolute_uri(topic.feed_path(form))) for form, name in FORM_NAMES.items()],
            "form": (form or AlertForm()) if settings.CAN_SEND_MAIL else None,
            "key": topic and FormKey.new(_key_subject(topic)),
            "page_query": urlencode({"about": about}) if about else "",
        }
        response = TemplateResponse(request, "alerts/subscribe.html", context, status=status)
        patch_cache_control(response, private=True, no_cache=True)
        return response


def _key_subject(topic):
    """Return what the key of a form is signed for, which is no report."""
    return f"alert {topic.address}"


class Sent(View):
    """The answer to whoever asks for an alert."""

    def get(self, request):
        if not settings.CAN_SEND_MAIL:
            raise Http404
        return TemplateResponse(request, "alerts/sent.html", {"days": DAYS_TO_CONFIRM})


@method_decorator(csrf_exempt, name="dispatch")
class AlertPage(View):
    """
    An alert, for whoever has its address: a button confirms it, and a button or a mail program ends it (RFC 8058).

    To open it changes nothing: programs that look for viruses open all links of a mail.
    """

    def get(self, request, token):
        return self._page(request, self._alert(token))

    def post(self, request, token):
        if "confirm" in request.POST:
            confirm(self._alert(token))
            return HttpResponseRedirect(request.path)
        Alert.objects.filter(token=token).delete()  # the second time as the first
        return self._page(request, None)

    def _alert(self, token):
        try:
            return Alert.objects.get(token=token)
        except Alert.DoesNotExist:
            raise Http404(_("There is no such alert, or it has ended.")) from None

    def _page(self, request, alert):
        context = {"alert": alert, "topic": alert and topic_of(alert)}
        response = TemplateResponse(request, "alerts/alert.html", context)
        add_never_cache_headers(response)
        return response
