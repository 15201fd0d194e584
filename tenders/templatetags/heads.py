"""Template tags for what pages say of themselves: URLs, languages, titles, JSON-LD, citations."""

import json
from html import unescape

from django import template
from django.conf import settings
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info, override

from tenders.citing import citation_for
from tenders.languages import language_tag
from tenders.linked_data import breadcrumbs, describe, website

register = template.Library()

# Characters that could end a script element, as JSON escapes.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}

# Locales of Open Graph (og:locale): language with country.
LOCALES = {"en": "en_GB", "zh-hans": "zh_CN"}


register.filter(language_tag)


@register.simple_tag(takes_context=True)
def in_every_language(context):
    """Return the page in each of ``LANGUAGES``, with the part of its query string that it reads (``page_query``)."""
    request, query = context["request"], context.get("page_query", "")
    languages = []
    for code, _name in settings.LANGUAGES:
        is_here = code == get_language()
        path = request.path if is_here else _translated_path(request, code)
        path = f"{path}?{query}" if query else path
        languages.append(
            {
                "code": code,
                "is_here": is_here,
                "name": get_language_info(code)["name_local"],
                "locale": LOCALES[code],
                "path": path,
            }
        )
    return languages


def _translated_path(request, code):
    """Return the path of the requested page in a language, that of the overview if it does not exist there."""
    match = request.resolver_match
    with override(code):
        try:
            path = match and reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except NoReverseMatch:  # the admin answers at all addresses below its own
            path = None
        return reverse("overview") if path in (None, request.path) else path


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


@register.simple_tag(takes_context=True)
def citation_of(context, cited, changed_at):
    """Return the citation of a record's page; ``changed_at`` may be empty."""
    return citation_for(cited, absolute(context, cited.get_absolute_url()), changed_at=changed_at or None)


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
