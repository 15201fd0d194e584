"""HTML of values, which template tags and tables share: names and titles in their language, hits of a search, dates."""

import re
from functools import lru_cache
from itertools import chain, islice

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from tenders.fields import format_partial_date
from tenders.models.parties import Party
from tenders.search import HAN, fold, hits, name_text, pinyin_patterns, title_pinyin

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
HAN_RUN = re.compile(f"(?:{HAN.pattern})+")
EXCERPT = 60  # characters before and after a hit


@lru_cache(maxsize=10_000)  # a list needs it of a hundred names and titles (Q1 of the benchmark)
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


def in_language(text, pieces=()):
    """Return a text in a span with its language; ``pieces`` are those of ``hits``, which are marked."""
    if pieces:
        text_or_marked = ((format_html("<mark>{}</mark>", piece) if is_hit else piece,) for piece, is_hit in pieces)
        return format_html('<span lang="{}">{}</span>', language(text), format_html_join("", "{}", text_or_marked))
    return format_html('<span lang="{}">{}</span>', language(text), text)


def sought_in_language(text, sought, *, in_pinyin=False, in_syllables=False):
    """Return a text in a span with its language, with the hits of a search: in names and titles by pinyin too."""
    return in_language(text, hits(text, sought, in_pinyin=in_pinyin, in_syllables=in_syllables) if sought else ())


def link_to(record, sought=()):
    """Return the link to a public record: its title or name; an untitled tender is called by what is known of it."""
    is_party = isinstance(record, Party)
    title = record.name if is_party else record.title
    if title:
        text = sought_in_language(title, sought, in_pinyin=is_party, in_syllables=not is_party)
    else:  # two of one institution and year have one name
        hidden = format_html('<span class="visually-hidden"> {}</span>', record.reference)
        text = format_html('<span class="untitled">{}</span>{}', record.name, hidden)
    return format_html('<a href="{}">{}</a>', record.get_absolute_url(), text)


def date_element(text):
    """Return a partial date as readers of the active language write it, with its canonical form for machines."""
    return format_html('<time datetime="{}">{}</time>', text, format_partial_date(text))


def found_elsewhere(record, sought, shown):
    """
    Return excerpts with the search words that a row does not show: from other names, the reference, or the notes.

    ``shown`` are the names and titles that it does show.
    """
    if not sought:
        return ""
    is_party = isinstance(record, Party)
    parties = [record] if is_party else [party for party in (record.buyer, *record.suppliers) if party]
    parties = [party for party in parties if party.is_published]
    missing = _not_shown(record, sought, list(shown))
    if not missing:
        return ""
    quoted = [record.reference]
    if not is_party:
        quoted += [record.official_number, *(party.name for party in parties)]
    quoted += [name for party in parties for name in (party.other_name, party.reference, *party.aliases)]
    in_titles = [] if is_party else [hits(record.other_title, missing, in_syllables=True)]
    in_names = [hits(name, missing, in_pinyin=True) for name in dict.fromkeys(quoted)]
    in_city = [hits(city, missing) for city in (record.shown_city, record.city, record.city_zh)]
    in_notes = [hits(notes, missing) for notes in (record.shown_notes, record.notes, record.notes_zh)]
    once = (islice(filter(_has_hit, found), 1) for found in (in_city, in_notes))  # in the language of the reader
    excerpts = [_excerpt(pieces) for pieces in chain(filter(_has_hit, in_titles + in_names), *once)]
    pattern = '<span class="found">{}{}</span>'
    return format_html_join("", pattern, ((_("Found in: "), excerpt) for excerpt in excerpts))


def _not_shown(record, missing, shown):
    """Return the words of a search that are neither in the names and titles of a row nor in its region and category."""
    options = [record.region] if isinstance(record, Party) else [record.region, record.category]
    options = [option for option in options if option]
    for text_of in (  # what takes more time is compared with fewer words
        lambda: fold("\n".join([*shown, *(option.name for option in options)])),
        lambda: "\n".join(option.name_text for option in options),
        lambda: name_text(*shown),
    ):
        if missing:
            text = text_of()
            missing = [word for word in missing if word not in text]
    if missing and not isinstance(record, Party) and record.title_zh in shown:
        of_title = title_pinyin(record.title_zh)
        missing = [word for word in missing if not any(pattern in of_title for pattern in pinyin_patterns(word))]
    return missing


def _has_hit(pieces):
    return any(is_hit for _piece, is_hit in pieces)


def _excerpt(pieces):
    """Return the marked text around the first hit."""
    first = next(number for number, (_piece, is_hit) in enumerate(pieces) if is_hit)
    hit = pieces[first][0]
    before, after = ("".join(piece for piece, _ in some) for some in (pieces[:first], pieces[first + 1 :]))
    before = before if len(before) <= EXCERPT else f"…{before[-EXCERPT:]}"
    after = after if len(after) <= EXCERPT else f"{after[:EXCERPT]}…"
    return in_language(before + hit + after, [(before, False), (hit, True), (after, False)])
