"""The head of a page: where it stands, where it is in the other language, and what it is called."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import reverse
from django.utils.translation import get_language, get_language_info, override, to_locale

register = template.Library()

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
            path = match and reverse(match.view_name, args=match.args, kwargs=match.kwargs)
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
    """Return what a block of the page holds, to say it in a second place."""
    return context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context).strip()
