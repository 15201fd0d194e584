"""Template filters and tags that format values: amounts, dates, language marks, search hits, Markdown."""

import re
from decimal import InvalidOperation

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeData, mark_safe
from django.utils.translation import gettext as _

from tenders import markup
from tenders.choices import AddressStatus, Verdict
from tenders.exports.writers import FORMS
from tenders.fields import format_partial_date
from tenders.languages import is_chinese, strip_cjk_spaces
from tenders.markdown import first_paragraph, render
from tenders.markup import LATIN_WORD, language
from tenders.money import format_money, format_money_long, format_number, format_yuan, is_in_wan

register = template.Library()

OPTION = (
    '<li{lang}{depth}><label><input type="checkbox" name="{name}" value="{value}"{checked}> <span>{text}</span></label>'
    ' <a href="{link}{value}" data-count="{number}" aria-label="{number}: {text}">{number}</a></li>'
)


@register.filter
def money(amount):
    """Format an amount for a table cell: in English the heading names the unit, in Chinese every cell does."""
    return format_money(amount) if is_chinese() else format_number(amount)


@register.filter
def yuan(amount):
    """Format an amount, or its canonical form, in full; a text that is no amount is returned unchanged."""
    try:
        return format_money_long(amount)
    except InvalidOperation:
        return amount


@register.filter
def by_the_yuan(amount):
    """Format an amount in yuan if ``money`` gives it in 万 (ten thousands), else return an empty text."""
    return format_yuan(amount) if is_in_wan(amount) else ""


@register.filter
def day(moment):
    """Format the day of a moment in the active language."""
    return format_partial_date(timezone.localdate(moment).isoformat())


@register.filter
def verdict_label(code):
    """Return the label of a verdict."""
    return Verdict(code).label


@register.filter
def address_check(check):
    """Return what a check of the address of a source has found as a sentence."""
    words = {"checked": day(check.checked_at), "problem": check.get_problem_display(), "address": check.moved_to}
    words |= {"answered": day(check.answered_at) if check.answered_at else ""}
    if check.status == AddressStatus.GONE:
        if not check.answered_at:
            return _("There was no page at its address on %(checked)s.") % words
        words["since"] = day(check.failing_since_at)
        return _("The page at its address has been gone since %(since)s. It was last seen on %(answered)s.") % words
    if check.status == AddressStatus.UNREACHABLE:
        if not check.answered_at:
            return _("Its address could not be reached on %(checked)s: %(problem)s.") % words
        return (
            _("Its address could not be reached on %(checked)s: %(problem)s. It was last reached on %(answered)s.")
            % words
        )
    if check.status == AddressStatus.MOVED:
        return _("The page at its address has moved to %(address)s (checked on %(checked)s).") % words
    if check.status == AddressStatus.OTHER_CONTENT:
        words["since"] = day(check.changed_since_at)
        return _("The content at its address has been different since %(since)s (checked on %(checked)s).") % words
    return _("Its address was reached on %(checked)s.") % words


@register.filter
def foreign(text):
    """Return the lang attribute of a text whose language is not that of the page, else an empty text."""
    code = language(text)
    if (code == "zh-Hans") == is_chinese() or not LATIN_WORD.search(text):
        return ""
    return format_html(' lang="{}"', code)


@register.simple_tag
def facet_options(facet):
    """Return the options of a facet, each a checkbox and the number of rows, which opens the list of it alone."""
    checked, depths = mark_safe(" checked"), ["", mark_safe(' class="depth-1"'), mark_safe(' class="depth-2"')]
    link = conditional_escape(facet.link)  # once for all options (Q1 of the benchmark)
    options = (
        format_html(
            OPTION,
            lang=foreign(text),
            depth=depths[depth],
            name=facet.name,
            value=value,
            checked=checked if is_chosen else "",
            text=text,
            link=link,
            number=mark_safe(number),  # noqa: S308 a number
        )
        for value, text, depth, number, is_chosen in facet.options
    )
    return format_html_join("", "{}", ((option,) for option in options))


@register.filter
def marking(text, titles):
    """Mark the language of each of the given titles within a sentence, which may be HTML."""
    is_html = isinstance(text, SafeData)
    longest_first = sorted(map(escape if is_html else str, filter(None, titles)), key=len, reverse=True)
    if not longest_first:
        return text
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)  # every second piece is a title
    pieces = map(mark_safe, pieces) if is_html else pieces
    marked = (markup.in_language(piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in marked))


@register.simple_tag(takes_context=True)
def in_language(context, text, *, in_pinyin=False, in_syllables=False):
    """Wrap a text in a span with its language, and mark the hits of ``sought``: in names and titles by pinyin too."""
    return markup.sought_in_language(text, context.get("sought"), in_pinyin=in_pinyin, in_syllables=in_syllables)


@register.simple_tag
def editors_text(record, name):
    """Show a text of editors in a span with its language; a mark says when there is none in the reader's language."""
    text = getattr(record, f"shown_{name}")
    if is_chinese() and getattr(record, f"{name}_zh"):
        return format_html('<span lang="zh-Hans">{}</span>', text)
    return with_language_mark(text)


@register.simple_tag(takes_context=True)
def found_in(context, record, *shown):
    """Show excerpts with the words of a search that neither the title nor the name of a record, nor ``shown``, has."""
    named = getattr(record, "title", "") or record.name
    return markup.found_elsewhere(record, context["sought"], [named, *filter(None, shown)])


@register.filter
def with_language_mark(text):
    """Show a text in a span with its language, and with a mark if that is not the reader's."""
    code = language(text)
    if (code == "zh-Hans") == is_chinese() or not re.search(r"[^\W\d]", text):
        return markup.in_language(text)
    mark = _("in English only") if code == "en" else _("in Chinese only")
    return format_html('{} <span class="mark">{}</span>', markup.in_language(text), mark)


register.simple_tag(markup.link_to)
register.filter(language)
register.filter("partial_date", format_partial_date)
register.filter(markup.date_element)
register.filter("markdown", render)
register.filter("strip_cjk_spaces", strip_cjk_spaces, is_safe=True)
register.filter(first_paragraph)


@register.simple_tag
def download_addresses(kind):
    """Return (form, address) of a list of some kind of record as files, in the order of ``FORMS``."""
    return [(form.upper(), reverse(f"{kind}-download", args=[form])) for form in FORMS]
