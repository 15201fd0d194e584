"""``llms.txt``: what there is, for readers that are programs; each link leads to data or to text, none to a page."""

from django.urls import reverse

from tenders.exports.live_lists import LISTS
from tenders.models import Page

INTRODUCTION = """\
# TenderWatch

> {description}

Unknown is a value: null in JSON, the word unknown in CSV. It is never 0 and never no. A date is as exact as its source:
2019, 2019-06 or 2019-06-19. Amounts are in yuan (CNY). Licence of the data: CC BY 4.0. Every address of data takes the
parameters of its list (such as year=2019&amount=known); a parameter that does not exist is an error.
"""


def llms_text(data, versions, absolute):
    """Return the text, as Markdown; ``absolute`` gives the absolute address of a path."""
    lines = [INTRODUCTION.format(description=data.description), "## Data of today", ""]
    for listed in LISTS:
        files = {form: address for form, address, _type in listed.files(absolute)}
        lines.append(f"- [{listed.name}]({files['json']}): {listed.description}")
    for name, text in (
        ("ocds-releases", "the tenders as releases of the Open Contracting Data Standard"),
        ("ocds-records", "the same with their whole history"),
    ):
        lines.append(f"- [{name}]({absolute(reverse(name, args=['json']))}): {text}")
    lines += ["", "## Descriptions", ""]
    for name, text in (
        ("data-data", "the columns of all lists"),
        ("data-package", "the same with types, as a data package"),
        ("dcat", "the catalogue as DCAT-AP"),
        ("version-data", "frozen versions with checksums"),
    ):
        lines.append(f"- [{name}]({absolute(reverse(name))}): {text}")
    if versions:
        lines.append(f"- [croissant]({absolute(reverse('croissant'))}): the tables of version {versions[-1].name}")
    lines += ["", "## Texts", ""]
    for page in Page.objects.all():
        lines.append(f"- [{page.title_en}]({absolute(reverse('page-text', args=[page.slug]))})")
    return "\n".join(lines) + "\n"
