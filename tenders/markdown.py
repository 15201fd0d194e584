"""Markdown of editors, rendered to sanitised HTML."""

import re
from html import unescape

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("js-default")  # raw HTML is escaped
_parser.disable("image")

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def render(text):
    """Render Markdown to sanitised HTML: links and plain structure, no scripts, styles or images."""
    return mark_safe(nh3.clean(_parser.render(text), tags=TAGS, attributes={"a": {"href"}}))  # noqa: S308 cleaned by nh3


def render_with_contents(text):
    """Render Markdown as ``render`` does; return it with ids in its h2 headings, and the (text, id) of each of them."""
    contents = []

    def with_id(heading):
        contents.append((unescape(nh3.clean(heading[1], tags=set())), f"section-{len(contents) + 1}"))
        return f'<h2 id="{contents[-1][1]}">{heading[1]}</h2>'

    html = re.sub(r"<h2>(.*?)</h2>", with_id, render(text), flags=re.DOTALL)
    return mark_safe(html), contents  # noqa: S308 cleaned by nh3


def first_paragraph(text):
    """Return the first paragraph of Markdown as plain text."""
    paragraph = re.search(r"<p>(.*?)</p>", render(text), re.DOTALL)
    return unescape(nh3.clean(paragraph[1], tags=set())) if paragraph else ""
