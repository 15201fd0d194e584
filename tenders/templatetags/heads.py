"""The head of a page: where it stands, where it is in the other language, what it is called, and its linked data."""

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

# What could end a script element, as JSON may also write it.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}

# As Open Graph names languages: with a country.
LOCALES = {"en": "en_GB", "zh-hans": "zh_CN"}


@register.filter
def language_tag(code):
    """Return a language's code as HTML has it: ``zh-Hans``."""
    return to_locale(code).replace("_", "-")


@dataclass(frozen=True)
class InLanguage:
    """The requested page in one of the site's languages."""

    request: HttpRequest
    code: str
    query: str

    @property
    def is_here(self):
        """Whether this is the page that is being made."""
        return self.code == get_language()

    @property
    def name(self):
        """The language, as it calls itself."""
        return get_language_info(self.code)["name_local"]

    @property
    def locale(self):
        """The language, as Open Graph has it."""
        return LOCALES[self.code]

    @property
    def path(self):
        """The page's address on this site; where there is no such page in the language, that of the overview."""
        path = self.request.path if self.is_here else self._elsewhere()
        return f"{path}?{self.query}" if self.query else path

    def _elsewhere(self):
        match = self.request.resolver_match
        with override(self.code):
            try:
                path = match and reverse(match.view_name, args=match.args, kwargs=match.kwargs)
            except NoReverseMatch:  # the admin answers at all addresses below its own
                path = None
            return reverse("overview") if path in (None, self.request.path) else path

    @property
    def url(self):
        """The page's whole address."""
        return self.request.build_absolute_uri(self.path)


@register.simple_tag(takes_context=True)
def in_every_language(context):
    """
    Return the page in each language of the site, the first one first.

    What a page reads of its query string is ``page_query``; all else that an address has is left out.
    """
    return [InLanguage(context["request"], code, context.get("page_query", "")) for code, _name in settings.LANGUAGES]


@register.simple_tag(takes_context=True)
def canonical(context):
    """Return the whole address by which a page is known: all pages of a list by that of the list."""
    request = context["request"]
    query = context.get("page_query", "")
    return request.build_absolute_uri(context.get("permalink") or request.path + (f"?{query}" if query else ""))


@register.simple_tag(takes_context=True)
def absolute(context, path):
    """Return a path with the site's scheme and host before it."""
    return context["request"].build_absolute_uri(path)


@register.simple_tag(takes_context=True)
def text_of(context, name):
    """Return what a block of the page says, as plain text, to say it in a second place."""
    return unescape(context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)).strip()


@register.simple_tag(takes_context=True)
def linked_data(context, record):
    """Say for machines what a page about a record says."""
    return _script(describe(record, context["request"].build_absolute_uri))


@register.simple_tag(takes_context=True)
def linked_site(context, description):
    """Say for machines what the site is."""
    return _script(website(context["request"].build_absolute_uri, description))


@register.simple_tag(takes_context=True)
def linked_trail(context, steps):
    """Say for machines what a breadcrumb says."""
    return _script(breadcrumbs(steps, context["request"].build_absolute_uri))


@register.simple_tag
def steps_to(*steps):
    """Return the (name, path) pairs of a breadcrumb, given names and paths in turn; what has no name is left out."""
    pairs = [("TenderWatch", reverse("overview")), *zip(steps[::2], steps[1::2], strict=True)]
    return [(name, path) for name, path in pairs if name]


def _script(data):
    """Return JSON-LD as an element that no browser runs, out of which no text can break."""
    if data is None:
        return ""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 nothing in it ends it
