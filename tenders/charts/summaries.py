"""Sentences over a chart: its largest number, and how many share a number."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tenders.languages import join_sentences, strip_cjk_spaces

MAX_NAMES = 3  # of marks with the same number


def largest_summary(marks, name, numbers=None):
    """
    Return which marks of a chart of a facet have the largest number, and how many have just one.

    ``numbers`` are those of all known options, where the chart does not show all. Nothing is said of ties in a tree, in
    which what an option counts is counted above it too.
    """
    known = [mark for mark in marks if not mark.is_unknown]
    numbers = numbers or [mark.number for mark in known]
    most = max(numbers, default=0)
    first = [mark.label for mark in known if mark.number == most]
    is_tree = any(mark.depth for mark in known)
    if len(numbers) < 2 or (is_tree and len(first) > 1):
        return ""
    sentences = []
    if most > 1 and len(first) == 1:
        sentences.append(_("Most: %(label)s, %(number)d.") % {"label": first[0], "number": most})
    elif most > 1 and numbers.count(most) <= MAX_NAMES:
        labels = str(_(", ")).join(first)
        sentences.append(_("Most: %(labels)s, %(number)d each.") % {"labels": labels, "number": most})
    elif most > 1:
        sentences.append(_tied(name, numbers.count(most), most))
    if numbers.count(1) > 1 and not is_tree:
        sentences.append(_tied(name, numbers.count(1), 1))
    return join_sentences(sentences)


def _tied(name, count, number):
    """Return how many options of a facet have the same number."""
    texts = {
        "institution": _("%(count)d institutions have %(number)s each."),
        "company": _("%(count)d companies have %(number)s each."),
        "region": _("%(count)d regions have %(number)s each."),
        "institution_kind": _("%(count)d kinds have %(number)s each."),
        "level": _("%(count)d levels have %(number)s each."),
        "company_size": _("%(count)d sizes have %(number)s each."),
        "category": _("%(count)d categories have %(number)s each."),
    }
    same = {"supplier_region": "region", "seat": "region", "kind": "institution_kind", "size": "company_size"}
    words = {"count": count, "number": pgettext("of many, each", "one") if number == 1 else number}
    return strip_cjk_spaces(texts[same.get(name, name)] % words)
