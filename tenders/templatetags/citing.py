"""Template tag for the citation of a page."""

from django import template

from tenders.citing import citation_for

register = template.Library()


@register.simple_tag(takes_context=True)
def citation_of(context, cited, changed_at):
    """Return the citation of a record's page; ``changed_at`` may be empty."""
    return citation_for(
        cited, context["request"].build_absolute_uri(cited.get_absolute_url()), changed_at=changed_at or None
    )
