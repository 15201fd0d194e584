"""Template tags for the head element: canonical URL, language alternatives, titles, JSON-LD."""

import json
from dataclasses import dataclass
from html import unescape

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info, override, to_locale

from tenders.linked_data import breadcrumbs, describe, website

register = template.Library()

# Characters that could end a script element, as JSON escapes.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}

# Locales of Open Graph (og:locale): language with country.
LOCALES = {"en": "en_GB", "zh-hans": "zh_CN"}


@register.filter
def language_tag(code):
    """Return the value of HTML's lang attribute for a language code: ``zh-Hans`` for ``zh-hans``."""
    return to_locale(code).replace("_", "-")


@dataclass(frozen=True)
class InLanguage:
    """The requested page in one of the site's languages."""

    request: HttpRequest
    code: str
    query: str

    @property
    def is_here(self):
        """Whether the response is in this language."""
        return self.code == get_language()

    @property
    def name(self):
        """The language's name in the language itself."""
        return get_language_info(self.code)["name_local"]

    @property
    def locale(self):
        """The locale of Open Graph."""
        return LOCALES[self.code]

    @property
    def path(self):
        """The page's path with its query; the overview's path if the page does not exist in this language."""
        path = self.request.path if self.is_here else self._translated_path()
        return f"{path}?{self.query}" if self.query else path

    def _translated_path(self):
        match = self.request.resolver_match
        with override(self.code):
            try:
                path = match and reverse(match.view_name, args=match.args, kwargs=match.kwargs)
            except NoReverseMatch:  # the admin answers at all addresses below its own
                path = None
            return reverse("overview") if path in (None, self.request.path) else path

    @property
    def url(self):
        """The page's absolute URL."""
        return self.request.build_absolute_uri(self.path)


@register.simple_tag(takes_context=True)
def in_every_language(context):
    """
    Return the page in each language of the site, in the order of ``LANGUAGES``.

    ``page_query`` in the context is the part of the query string that the page reads; the rest is left out.
    """
    return [InLanguage(context["request"], code, context.get("page_query", "")) for code, _name in settings.LANGUAGES]


@register.simple_tag(takes_context=True, name="canonical")
def canonical_url(context):
    """Return the canonical URL: that of the list for all its pages (``permalink``), else that of the page."""
    request = context["request"]
    query = context.get("page_query", "")
    return request.build_absolute_uri(context.get("permalink") or request.path + (f"?{query}" if query else ""))


@register.simple_tag(takes_context=True)
def absolute(context, path):
    """Return the absolute URL of a path."""
    return context["request"].build_absolute_uri(path)


@register.simple_tag(takes_context=True)
def text_of(context, name):
    """Render a block of the page as plain text, for use in a second place."""
    return unescape(context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)).strip()


@register.simple_tag(takes_context=True)
def linked_data(context, record):
    """Return the JSON-LD of a record's page."""
    return _script(describe(record, context["request"].build_absolute_uri))


@register.simple_tag(takes_context=True)
def linked_site(context, description):
    """Return the JSON-LD of the site."""
    return _script(website(context["request"].build_absolute_uri, description))


@register.simple_tag(takes_context=True)
def linked_trail(context, steps):
    """Return the JSON-LD of a breadcrumb."""
    return _script(breadcrumbs(steps, context["request"].build_absolute_uri))


@register.simple_tag
def steps_to(*steps):
    """Return (name, path) pairs of a breadcrumb from alternating names and paths; those without a name are left out."""
    pairs = [("TenderWatch", reverse("overview")), *zip(steps[::2], steps[1::2], strict=True)]
    return [(name, path) for name, path in pairs if name]


def _script(data):
    """Return a script element with JSON-LD, escaped so that no text can end it; empty if there is no data."""
    if data is None:
        return ""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 escaped above
