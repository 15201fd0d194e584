"""The text of an article with the figures of its claims in their places: those that it printed, or ours of today."""

import re
from itertools import count

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tenders.choices import Verdict
from tenders.markdown import render
from tenders.models.articles import CODE, MARK

# A mark, or what stands in a link or in code, where marks are left alone: a figure has links of its own.
MARK_OR_LINK = re.compile(rf"(<(a|code|pre)\b.*?</\2>)|\[\[(?P<code>{CODE})\]\]", re.DOTALL)
HEADING = re.compile("<h2>(.*?)</h2>", re.DOTALL)


def text_as_printed(text, figures):
    """Return the HTML of a text in which each mark is the figure of its claim, and its contents as (id, title)."""
    html, contents = _with_contents(render(text), figures)
    numbers = count(1)

    def shown(figure):
        return render_to_string("components/figure.html", {"figure": figure, "note": f"note-{next(numbers)}"})

    return _with_figures(html, figures, shown), contents


def text_of_today(text, figures):
    """Return the HTML of a text with our figures, and where these are other than the printed ones (``differences``)."""
    differences = []

    def shown(figure):
        today, difference = figure_of_today(figure), None
        if today != figure["printed"]:
            difference = {"figure": figure, "today": today, "number": len(differences) + 1}
            differences.append(difference)
        return render_to_string("components/figure_today.html", {"figure": figure, "difference": difference})

    return _with_figures(render(text), figures, shown), differences


def figure_of_today(figure):
    """Return what an article would print today: what is recorded; where too little is, the limits; else as it was."""
    if figure["verdict"] == Verdict.NOT_CHECKABLE or (figure["is_of_text"] and figure["verdict"] == Verdict.AGREES):
        return figure["printed"]
    if figure["verdict"] == Verdict.UNDECIDED or figure["is_of_text"] or not figure["is_recorded"]:
        return figure["limits"] or _("unknown")
    return figure["recorded"]


def _with_figures(html, figures, shown):
    def replace(found):
        return shown(figures[found["code"]]).strip() if found["code"] in figures else found[0]

    return mark_safe(MARK_OR_LINK.sub(replace, html))  # noqa: S308 rendered from templates


def _with_contents(html, figures):
    """Give each heading of the second level an id; return the HTML and (id, title) of each."""
    contents = []

    def replace(found):
        title = re.sub("<[^>]*>", "", found[1])
        title = MARK.sub(lambda mark: escape(figures[mark[1]]["printed"]) if mark[1] in figures else mark[0], title)
        contents.append((f"part-{len(contents) + 1}", mark_safe(title)))  # noqa: S308 sanitised before
        return f'<h2 id="{contents[-1][0]}">{found[1]}</h2>'

    return HEADING.sub(replace, html), contents
