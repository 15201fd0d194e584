"""The cells of tables: each a function of a row and of what the table knows, which returns HTML."""

from functools import cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tenders.languages import is_chinese
from tenders.markup import date_element, found_elsewhere, in_language, link_to, sought_in_language


def unknown():
    """Return the mark of what no source states: a dash for the eye, a word for the ear and for whoever copies it."""
    return format_html('<span class="dash"><span class="visually-hidden">{}</span></span>', _("Unknown"))


def mark(status):
    """Return the mark of a status, such as "doubtful"."""
    return _mark(status, get_language())


@cache  # of a few statuses: a page has dozens of marks (Q1 of the benchmark)
def _mark(status, language):
    return mark_safe(render_to_string("components/status.html", {"status": status}).strip())  # noqa: S308 our template


def text(value):
    """Return a text or a record of a codelist, or the mark of the unknown."""
    return str(value) if value else unknown()


def items(pieces):
    """Return several values, one a line; without any, the mark of the unknown."""
    return format_html_join("", '<span class="item">{}</span>', ((piece,) for piece in pieces)) or unknown()


def amount(value, qualifier, *statuses):
    """Return an amount in yuan with marks, or the mark of the unknown."""
    if value is None:
        shown = unknown()
    else:
        context = {"amount": value, "qualifier": qualifier}
        shown = mark_safe(render_to_string("components/money.html", context))  # noqa: S308 our template
    return with_marks(shown, *map(mark, statuses))


def with_marks(shown, *marks):
    return format_html_join(" ", "{}", ((part,) for part in (shown, *marks))) if any(marks) else shown


def main(record, table, *below, name_mark="", shown=()):
    """
    Return the cell that names a record: its link with a mark, what stands below it, and what a search found elsewhere.

    ``shown`` are the names and titles that the row has.
    """
    cell = with_marks(link_to(record, table.sought), name_mark)
    if below := [piece for piece in below if piece]:
        cell = format_html('{}<span class="below">{}</span>', cell, format_html_join(" ", "{}", ((p,) for p in below)))
    return format_html("{}{}", cell, found_elsewhere(record, table.sought, shown))


def tender(tender, table):
    """Return the title, below it the institution, unless that has a column or is what an untitled tender is called."""
    buyer = tender.buyer if tender.buyer and tender.buyer.is_published else None
    shown = [tender.title, buyer and buyer.name]
    shown += [tender.other_title] if "other_title" in table.shown else []
    shown += [company.name for company in tender.suppliers] if "company" in table.shown else []
    is_named = "institution" in table.shown or not table.names_institution or (buyer and not tender.title)
    if buyer:  # no link, which would be too close to that of the title
        below = sought_in_language(buyer.name, table.sought, in_pinyin=True)
    else:
        below = format_html('<span class="unknown">{}</span>', _("institution unknown"))
    return main(
        tender,
        table,
        "" if is_named else below,
        mark("described") if tender.is_title_descriptive else "",
        mark("doubtful") if tender.certainty == "low" else "",
        mark("disputed") if tender.is_disputed else "",
        name_mark=translated(tender.title_zh_status) if is_chinese() else "",
        shown=filter(None, shown),
    )


def translated(status):
    """Return the mark of a Chinese name that is our translation."""
    return mark("translated") if status == "unverified-translation" else ""


def other_title(tender, table):
    if not tender.other_title:
        return unknown()
    title = sought_in_language(tender.other_title, table.sought, in_syllables=True)
    return title if is_chinese() else with_marks(title, translated(tender.title_zh_status))


def party(party, table):
    """Return the name with that in the other language below it: a translation of ours only for those who read it."""
    mark = translated(party.name_zh_status)
    other = "" if mark and not is_chinese() else party.other_name
    if other:
        name = sought_in_language(other, table.sought, in_pinyin=True)
        other = format_html('<span class="other-name">{}</span>', name)
    shown = [party.name, *([party.other_name] if other else [])]
    return main(party, table, other, name_mark=mark if is_chinese() else "", shown=shown)


def reference(record, table):
    return format_html('<span class="reference">{}</span>', sought_in_language(record.reference, table.sought))


def year(tender, table):
    return date_element(tender.notice_date) if tender.notice_date else str(tender.year)


def institution(tender, table):
    is_shown = tender.buyer and tender.buyer.is_published
    return link_to(tender.buyer, table.sought) if is_shown else unknown()


def institution_kind(tender, table):
    is_shown = tender.buyer and tender.buyer.is_published
    return text(is_shown and tender.buyer.get_kind_display())


def region(record, table):
    return text(record.region)


def category(tender, table):
    return text(tender.category)


def winners(tender, table):
    """Return the winner; of a consortium the first, and how many more the page of the tender names."""
    links = [link_to(company, table.sought) for company in tender.suppliers]
    if len(links) > 1 and not table.sought:
        more = ngettext("and %(number)s more", "and %(number)s more", len(links) - 1) % {"number": len(links) - 1}
        links[1:] = [more]
    return items(links)


def winner_sizes(tender, table):
    return items(text(company.get_size_display()) for company in tender.suppliers)


def status(tender, table):
    return text(tender.get_status_display())


def method(tender, table):
    return text(tender.get_procurement_method_display())


def certainty(tender, table):
    return text(tender.get_certainty_display())


def budget(tender, table):
    return amount(tender.budget_amount, "exact")


def awarded(tender, table):
    return amount(tender.award_amount, tender.amount_qualifier)


def award_tender(row, table):
    tender = row["award"].tender
    return format_html('{} <span class="reference">{}</span>', link_to(tender), tender.reference)


def award_year(row, table):
    return str(row["award"].tender.year)


def award_institution(row, table):
    return institution(row["award"].tender, table)


def award_partners(row, table):
    """Return who won an award too; there may be others where it went to a consortium."""
    partners = [link_to(company) for company in row["partners"]]
    if not row["award"].is_joint:
        partners.append(format_html('<span class="unknown">{}</span>', _("nobody else known")))
    return items(partners) if partners else ""


def award_amount(row, table):
    return _award_amount(row["award"])


def company_amounts(company, table):
    return items(_award_amount(award) for award in company.published_awards)


def _award_amount(award):
    marks = ["jointly"] if award.is_joint else []
    marks += ["disputed"] if award.tender.figures.is_disputed else []
    return amount(award.amount, award.amount_qualifier, *([] if award.amount is None else marks))


def founded(company, table):
    return text(company.founded_year)


def group(company, table):
    return in_language(company.shown_group_name) if company.group_name else unknown()


def kind(party, table):
    return text(party.get_kind_display())


def level(institution, table):
    return text(institution.get_level_display())


def size(company, table):
    return text(company.get_size_display())


def city(party, table):
    return in_language(party.shown_city) if party.shown_city else unknown()


def credit_code(party, table):
    return format_html('<span class="reference">{}</span>', party.credit_code) if party.credit_code else unknown()


def num_tenders(party, table):
    """Return the number of tenders of a party, a link to them."""
    of_party = {
        "institution": ngettext("tender of %(name)s", "tenders of %(name)s", party.num_tenders),
        "company": ngettext("tender won by %(name)s", "tenders won by %(name)s", party.num_tenders),
    }
    kind = party._meta.model_name
    hidden = format_html(of_party[kind] % {"name": "{}"}, in_language(party.name))
    return format_html(
        '<a href="{}?{}={}" data-count="{}">{}<span class="visually-hidden"> {}</span></a>',
        reverse("tender-list"),
        kind,
        party.reference,
        party.num_tenders,
        party.num_tenders,
        hidden,
    )
