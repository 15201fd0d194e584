"""Template tags for charts: how other sites embed them, the fonts of their pictures, the formats of their files."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from tenders.charts.embedding import embed_code
from tenders.charts.marks import FORMS
from tenders.charts.rendering import can_draw
from tenders.search import HAN

register = template.Library()


@register.filter
def han(text):
    """Return the class of a text with Chinese characters in a picture, else an empty text."""
    return " han" if HAN.search(str(text)) else ""


@register.simple_tag
def chart_files(chart):
    """Return the (format, address) of a chart as a file; no PNG where the server has no fonts for it."""
    return [(form.upper(), chart.file_url(form)) for form in FORMS if form != "png" or can_draw()]


@register.simple_tag(takes_context=True, name="embed_code")
def embed_code_of(context, chart):
    """Return the HTML by which another site embeds a chart."""
    return embed_code(chart, context.request.build_absolute_uri)


@register.simple_tag(takes_context=True)
def oembed_addresses(context, path):
    """Return the (media type, URL) of the oEmbed of the chart at a path, in each format."""
    build = context.request.build_absolute_uri
    return [
        (media_type, f"{build(reverse('oembed'))}?{urlencode({'url': build(path), 'format': form})}")
        for form, media_type in (("json", "application/json+oembed"), ("xml", "text/xml+oembed"))
    ]
