"""How values look on a page: amounts, dates, languages, Markdown."""

import datetime
import re
from decimal import InvalidOperation
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenders.fields import day_span
from tenders.languages import is_chinese, strip_cjk_spaces
from tenders.markdown import first_paragraph, render
from tenders.models.parties import Party
from tenders.money import format_money, format_money_long, format_number, format_yuan, is_in_wan
from tenders.search import HAN, fold, hits, pinyin

register = template.Library()

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
AROUND = 60  # characters before and after a hit in a longer text


@register.filter
def money(amount):
    """Write an amount as it stands under a heading: in English that names the unit, in Chinese each amount does."""
    return format_money(amount) if is_chinese() else format_number(amount)


@register.filter
def yuan(amount):
    """Write an amount in full, or the canonical form that a source states of one; what is none stays as it is."""
    try:
        return format_money_long(amount)
    except InvalidOperation:
        return amount


@register.filter
def by_the_yuan(amount):
    """Write an amount by the yuan where ``money`` does not."""
    return format_yuan(amount) if is_in_wan(amount) else ""


@register.filter
def partial_date(text):
    """Write a partial date in the reader's language, no more exactly than it is known; what is none stays as it is."""
    return _written_date(text, get_language())


@lru_cache(maxsize=4096)
def _written_date(text, language):
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
    Return the language that a text is written in, so that a page can mark it: Chinese or English.

    English may name a Chinese word, and Chinese a Latin one: it is Chinese with more characters than Latin words.
    """
    return "zh-Hans" if len(HAN.findall(text)) > len(LATIN_WORD.findall(text)) else "en"


@register.filter
def foreign(text):
    """Write the attribute that marks a text as in the other language than the page; nothing for one that is not."""
    written_in = language(text)
    if (written_in == "zh-Hans") == is_chinese() or not LATIN_WORD.search(text):
        return ""
    return format_html(' lang="{}"', written_in)


@register.filter
def marking(text, titles):
    """Mark the languages of the titles that a sentence names."""
    longest_first = sorted(filter(None, titles), key=len, reverse=True)
    if not longest_first:
        return text
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)  # each second one is a title
    marked = (_in_language(piece, None) if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in marked))


@register.simple_tag(takes_context=True)
def in_language(context, text):
    """Mark the language of a text, Chinese or English, and the parts of it that a search (``sought``) has found."""
    sought = context.get("sought")
    return _in_language(text, hits(text, sought) if sought else None)


@register.simple_tag(takes_context=True)
def name_in_language(context, text):
    """The same for the name of a body, in which a search has also found Chinese by its pinyin."""
    sought = context.get("sought")
    return _in_language(text, hits(text, sought, in_pinyin=True) if sought else None)


@register.inclusion_tag("components/found_in.html", takes_context=True)
def found_in(context, record):
    """Show where the words of a search are that no cell of a row shows: in other names of a body, or in the notes."""
    if isinstance(record, Party):
        parties, names, titles, quoted = [record], [record.name, record.other_name], [], []
    else:
        parties = [each for each in (record.buyer, *record.suppliers) if each and each.is_published]
        names, titles = [party.name for party in parties], [record.title, record.other_title]
        quoted = [text for party in parties for text in (party.other_name, party.reference)]
    missing = context["sought"]
    for shown in (fold("\n".join([record.reference, *titles, *names])), *map(pinyin, names)):
        missing = [word for word in missing if word not in shown]
    if not missing:
        return {"found": []}
    quoted += [alias for party in parties for alias in party.aliases]
    elsewhere = [hits(name, missing, in_pinyin=True) for name in quoted] + [hits(record.notes, missing)]
    return {"found": [_excerpt(pieces) for pieces in elsewhere if any(is_hit for _piece, is_hit in pieces)]}


def _excerpt(pieces):
    """Return the marked text around the first hit."""
    first = next(number for number, (_piece, is_hit) in enumerate(pieces) if is_hit)
    before, hit, after = (
        "".join(p for p, _ in pieces[:first]),
        pieces[first][0],
        "".join(p for p, _ in pieces[first + 1 :]),
    )
    before = before if len(before) <= AROUND else f"…{before[-AROUND:]}"
    after = after if len(after) <= AROUND else f"{after[:AROUND]}…"
    return _in_language(before + hit + after, [(before, False), (hit, True), (after, False)])


def _in_language(text, pieces):
    if pieces is None:
        return format_html('<span lang="{}">{}</span>', language(text), text)
    marked = format_html_join("", "{}", ((format_html("<mark>{}</mark>", p) if hit else p,) for p, hit in pieces))
    return format_html('<span lang="{}">{}</span>', language(text), marked)


register.filter("markdown", render)
register.filter("strip_cjk_spaces", strip_cjk_spaces, is_safe=True)
register.filter(first_paragraph)
