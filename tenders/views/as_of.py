"""The parameter ``as_of`` of all public addresses: the records as they were, and links that stay in the past."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import render
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.html import escape
from django.utils.http import http_date
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from tenders import past
from tenders.streams import HeldOpen
from tenders.views.errors import is_for_programs, prefers_problem, problem, unavailable, unreadable

PARAMETER = "as_of"
# What has no past: what readers write, what programs ask of the site itself, files that may be downloaded today or not.
PRESENT_ONLY = {
    *("alert", "subscribe", "subscribe-sent"),
    *("api", "favicon", "healthz", "metrics", "ocds-extension", "oembed", "openapi", "readyz"),
    *("report", "report-outcome", "robots"),
    *("reconciliation", "reconciliation-extend", "reconciliation-preview", "reconciliation-properties"),
    *("reconciliation-record", "reconciliation-suggest", "reconciliation-types"),
    *("search-suggestions", "sitemap", "sitemap-section", "source-file"),
    *("changes-data", "compare", "compare-data", "version-data", "version-file", "version-list"),
}
LINKED = re.compile(r"<(a|form|img)\b[^>]*>")
ADDRESS = re.compile(r'(\s(?:href|src)=")([/?][^"]*)')
TWIN = re.compile(r'(<)([^>]*)(>; rel="alternate"; type=)')
TWIN_TAG = re.compile(r'(<link rel="alternate" type="[^"]*" href=")([^"]*)(")')
ACTION = re.compile(r'\saction="([^"?#]*)"')
IS_POST = 'method="post"'
IS_PRESENT = "data-present"  # on a tag: what it leads to is as it is today


@dataclass(frozen=True)
class ShownPast:
    """What a response says of the past that it shows."""

    as_of: past.AsOf
    present_path: str  # the same address without the parameter

    @property
    def text(self):
        return self.as_of.text

    @property
    def made_at(self):
        return self.as_of.made_at

    @property
    def is_current(self):
        return self.as_of.is_current

    @property
    def query(self):
        return urlencode({PARAMETER: self.text})

    @cached_property
    def num_left_out(self):
        """The number of records that were public then and are not today."""
        return past.num_left_out()


class AsOfMiddleware:
    """
    Answer requests with the parameter ``as_of`` from the records as they were; no view sees the parameter.

    It stands outside the page cache, whose keys have the version of what is read.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.as_of, request.past = None, ExitStack()
        with request.past:
            response = self.get_response(request)
            if request.as_of:
                _describe(request, response)
            if response.streaming:
                response.streaming_content = HeldOpen(response.streaming_content, request.past.pop_all())
        return response

    def process_view(self, request, view, args, kwargs):
        values = request.GET.getlist(PARAMETER)
        if not values or request.method not in ("GET", "HEAD") or not has_past(request.path, request.resolver_match):
            return None
        request.GET = request.GET.copy()
        del request.GET[PARAMETER]
        try:
            if len(values) > 1:
                raise past.UnreadableMomentError(_("Use this parameter only once."))
            as_of = past.resolve(values[0])
            read_as_of(request, as_of.change)
        except past.UnreadableMomentError as error:
            return _unreadable(request, error)
        except past.PastBusyError:
            return unavailable(
                request, _("Try again in half a minute: we are restoring the records of another moment.")
            )
        query = request.GET.urlencode()
        request.as_of = ShownPast(as_of, f"{request.path}?{query}" if query else request.path)
        return None


def read_as_of(request, change):
    """
    Read the records as they were after a change until the response to a request has been sent.

    Raises ``past.PastBusyError`` while the records of another moment are being restored.
    """
    request.past.enter_context(past.reading_as_of(change))


def has_past(path, match):
    """Return whether an address of the site, in the active language, can be asked for as of a moment."""
    return match.view_name not in PRESENT_ONLY and not path.startswith(reverse("admin:index"))


@lru_cache(maxsize=10_000)
def _has_past_at(path):
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            return has_past(path, resolve("/" + path.removeprefix(get_script_prefix())))
        except Resolver404:
            return False


def _unreadable(request, error):
    """Return a 400 response, which says what would be right."""
    problems = [error.problem_of(PARAMETER)]
    if is_for_programs(request):
        return unreadable(request, problems)
    if prefers_problem(request):
        return problem(request, problems)
    return render(request, "400.html", {"problems": problems}, status=400)


def _describe(request, response):
    """Say in the headers of a response which past it shows (RFC 7089), and that it is not to be found by searching."""
    response["X-Robots-Tag"] = "noindex"
    response["Memento-Datetime"] = http_date(request.as_of.made_at.timestamp())
    original = f'<{request.build_absolute_uri(request.as_of.present_path)}>; rel="original"'
    response["Link"] = ", ".join(filter(None, [response.headers.get("Link"), original]))


class PastLinksMiddleware:
    """
    Let the links, forms and pictures of a page that shows the past lead to the same past.

    One place instead of all templates. It stands inside all middleware that measures, compresses or keeps a response;
    a page that was kept has such links already.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def process_view(self, request, view, args, kwargs):
        request.is_computed = True  # no middleware has answered in place of the view

    def __call__(self, request):
        request.is_computed = False
        response = self.get_response(request)
        if not (request.as_of and request.is_computed):
            return response
        query, site = request.as_of.query, f"{request.scheme}://{request.get_host()}"
        if "Location" in response:
            response["Location"] = _in_past(response["Location"], query, "&")
        if "Link" in response:
            response["Link"] = TWIN.sub(lambda link: _twin(link, site, query, "&"), response["Link"])
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            text = LINKED.sub(lambda tag: _linked(tag, request.as_of), response.text)
            response.content = TWIN_TAG.sub(lambda tag: _twin(tag, site, query, "&amp;"), text)
        return response


def _twin(link, site, query, sign):
    """Return a link to what a page is in another form, which is as of the same moment."""
    before, address, after = link.groups()
    path = address.removeprefix(site)
    return link[0] if path == address else f"{before}{site}{_in_past(path, query, sign)}{after}"


def _linked(tag, as_of):
    """Return a tag of HTML that leads to the past; a form gets the parameter as a field."""
    text = tag[0]
    if IS_PRESENT in text:
        return text
    if tag[1] != "form":
        return ADDRESS.sub(lambda found: found[1] + _in_past(found[2], as_of.query, "&amp;"), text)
    action = ACTION.search(text)
    if IS_POST in text or (action and not _has_past_at(action[1])):
        return text
    return f'{text}<input type="hidden" name="{PARAMETER}" value="{escape(as_of.text)}">'


def _in_past(address, query, sign):
    """Return an address with the parameter, unless it has one, or leads to what has no past."""
    path, _question, rest = address.partition("?")
    path, mark, fragment = path.partition("#")
    if f"{PARAMETER}=" in rest or address.startswith("//") or (path and not _has_past_at(path)):
        return address
    if rest:
        rest, mark, fragment = rest.partition("#")
        query = f"{rest}{sign}{query}"
    return f"{path}?{query}{mark}{fragment}"
