"""Template filters and tags that format values: amounts, dates, language marks, search hits, Markdown."""

import datetime
import re
from decimal import InvalidOperation
from functools import lru_cache
from itertools import islice

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenders.choices import AddressStatus
from tenders.exports.writers import FORMS
from tenders.fields import day_span
from tenders.languages import is_chinese, strip_cjk_spaces
from tenders.markdown import first_paragraph, render
from tenders.models.parties import Party
from tenders.money import format_money, format_money_long, format_number, format_yuan, is_in_wan
from tenders.search import HAN, fold, hits, pinyin

register = template.Library()

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
HAN_RUN = re.compile(f"(?:{HAN.pattern})+")
EXCERPT = 60  # characters before and after a hit


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
def partial_date(text):
    """Format a partial date in the active language, to its own precision; another text is returned unchanged."""
    return _format_partial_date(text, get_language())


@register.filter
def day(moment):
    """Format the day of a moment in the active language."""
    return partial_date(timezone.localdate(moment).isoformat())


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


@lru_cache(maxsize=4096)
def _format_partial_date(text, language):
    try:
        day_span(text)
    except ValueError:
        return text
    parts = [int(part) for part in text.split("-")]
    day = datetime.date(*parts, *[1] * (3 - len(parts)))
    # Translators: the format of a year, of a month and of a day, as in Django's date filter.
    formats = {1: _("Y"), 2: _("F Y"), 3: _("j F Y")}
    return date_format(day, formats[len(parts)])


@register.filter
def language(text):
    """
    Return the language of a text: ``zh-Hans`` if it has more Chinese characters than Latin words, else ``en``.

    A Chinese name within an English sentence does not count, however long it is.
    """
    if len(HAN.findall(text)) <= len(LATIN_WORD.findall(text)):
        return "en"
    pieces = HAN_RUN.split(text)
    num_latin = sum(bool(LATIN_WORD.search(piece)) for piece in pieces)
    return "zh-Hans" if num_latin < len(pieces) else "en"


@register.filter
def foreign(text):
    """Return the lang attribute of a text whose language is not that of the page, else an empty text."""
    code = language(text)
    if (code == "zh-Hans") == is_chinese() or not LATIN_WORD.search(text):
        return ""
    return format_html(' lang="{}"', code)


@register.filter
def marking(text, titles):
    """Mark the language of each of the given titles within a sentence."""
    longest_first = sorted(filter(None, titles), key=len, reverse=True)
    if not longest_first:
        return text
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)  # every second piece is a title
    marked = (_in_language(piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in marked))


@register.simple_tag(takes_context=True)
def in_language(context, text, *, in_pinyin=False):
    """Wrap a text in a span with its language, and mark the hits of ``sought``: in names of parties by pinyin too."""
    sought = context.get("sought")
    return _in_language(text, hits(text, sought, in_pinyin=in_pinyin) if sought else ())


@register.simple_tag
def editors_text(record, name):
    """Show a text of editors in a span with its language; a mark says when there is none in the reader's language."""
    text = getattr(record, f"shown_{name}")
    if is_chinese() and getattr(record, f"{name}_zh"):
        return format_html('<span lang="zh-Hans">{}</span>', text)
    return with_language_mark(text)


@register.filter
def with_language_mark(text):
    """Show a text in a span with its language, and with a mark if that is not the reader's."""
    code = language(text)
    if (code == "zh-Hans") == is_chinese() or not re.search(r"[^\W\d]", text):
        return _in_language(text)
    mark = _("in English only") if code == "en" else _("in Chinese only")
    return format_html('{} <span class="mark">{}</span>', _in_language(text), mark)


@register.inclusion_tag("components/found_in.html", takes_context=True)
def found_in(context, record):
    """Show excerpts with the search words that no cell of the row shows: from other names of parties, or the notes."""
    if isinstance(record, Party):
        parties, names, titles, quoted = [record], [record.name, record.other_name], [], []
    else:
        parties = [party for party in (record.buyer, *record.suppliers) if party and party.is_published]
        names, titles = [party.name for party in parties], [record.title, record.other_title]
        quoted = [text for party in parties for text in (party.other_name, party.reference)]
    missing = context["sought"]
    for text in (fold("\n".join([record.reference, *titles, *names])), *map(pinyin, names)):
        missing = [word for word in missing if word not in text]
    if not missing:
        return {"found": []}
    quoted += [alias for party in parties for alias in party.aliases]
    in_names = [hits(name, missing, in_pinyin=True) for name in quoted]
    in_notes = [hits(notes, missing) for notes in (record.shown_notes, record.notes, record.notes_zh)]
    elsewhere = [*filter(_has_hit, in_names), *islice(filter(_has_hit, in_notes), 1)]
    return {"found": [_excerpt(pieces) for pieces in elsewhere]}


def _has_hit(pieces):
    return any(is_hit for _piece, is_hit in pieces)


def _excerpt(pieces):
    """Return the marked text around the first hit."""
    first = next(number for number, (_piece, is_hit) in enumerate(pieces) if is_hit)
    hit = pieces[first][0]
    before, after = ("".join(piece for piece, _ in some) for some in (pieces[:first], pieces[first + 1 :]))
    before = before if len(before) <= EXCERPT else f"…{before[-EXCERPT:]}"
    after = after if len(after) <= EXCERPT else f"{after[:EXCERPT]}…"
    return _in_language(before + hit + after, [(before, False), (hit, True), (after, False)])


def _in_language(text, pieces=()):
    marked = format_html_join("", "{}", ((format_html("<mark>{}</mark>", p) if hit else p,) for p, hit in pieces))
    return format_html('<span lang="{}">{}</span>', language(text), marked or text)


register.filter("markdown", render)
register.filter("strip_cjk_spaces", strip_cjk_spaces, is_safe=True)
register.filter(first_paragraph)


@register.simple_tag
def download_addresses(kind):
    """Return (form, address) of a list of some kind of record as files, in the order of ``FORMS``."""
    return [(form.upper(), reverse(f"{kind}-download", args=[form])) for form in FORMS]
