"""Citations of a page of the site or of the whole data set, as text and as BibTeX."""

import datetime
import re
from dataclasses import dataclass
from functools import singledispatch

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenders.catalogue import DEVELOPERS, SITE_NAME, DatasetSummary
from tenders.models import Article, Claim, Tender
from tenders.models.records import Record

# Special characters of BibTeX and TeX; braces as commands, as BibTeX counts even escaped ones.
SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}
SPACES = re.compile(r"\s+")


def escape(text):
    """Return a text on one line, escaped for BibTeX and TeX."""
    return SPACES.sub(" ", text).strip().translate(str.maketrans(SPECIAL))


@dataclass(frozen=True)
class Work:
    """A cited page or data set, as seen on a date."""

    key: str
    author: str
    title: str
    year: int
    url: str
    seen_date: datetime.date
    note: str

    @property
    def text(self):
        """The citation as text, for a footnote or a list of references."""
        return _("%(author)s (%(year)s): “%(title)s”. %(note)s. %(url)s (seen on %(date)s).") % {
            "author": self.author,
            "year": self.year,
            "title": self.title,
            "note": self.note,
            "url": self.url,
            # Translators: the format of a day, as in Django's date filter.
            "date": date_format(self.seen_date, _("j F Y")),
        }

    @property
    def bibtex(self):
        """The citation as a BibTeX entry."""
        fields = {
            "author": f"{{{escape(self.author)}}}",
            "title": f"{{{escape(self.title)}}}",
            "publisher": SITE_NAME,
            "year": self.year,
            "url": self.url,
            "urldate": self.seen_date.isoformat(),
            "note": escape(self.note),
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}"


def citation_for(cited, url, *, changed_at=None):
    """
    Return the citation of the page of a record, or of the data set, as seen today.

    The year is that of the last change, or the current one if none was recorded.
    """
    seen_date = timezone.localdate()
    return Work(
        key=f"{SITE_NAME.lower()}-{_citation_key(cited)}",
        author=DEVELOPERS if isinstance(cited, DatasetSummary) else SITE_NAME,
        title=_title(cited),
        year=timezone.localdate(changed_at).year if changed_at else seen_date.year,
        url=url,
        seen_date=seen_date,
        note=_("%(what)s, CC BY 4.0") % {"what": note} if (note := _note(cited)) else "CC BY 4.0",
    )


@singledispatch
def _title(cited):
    return cited.title


@_title.register
def _title_of_record(record: Record):
    return str(record)


@_title.register
def _title_of_tender(tender: Tender):
    return tender.title or _("A tender whose title no source states")


@_title.register
def _title_of_article(article: Article):
    return _("%(title)s (%(publisher)s), figure by figure") % {"title": article.title, "publisher": article.publisher}


@_title.register
def _title_of_claim(claim: Claim):
    return _("Claim %(code)s: %(statement)s (%(title)s, %(publisher)s)") % {
        "code": claim.code,
        "title": claim.article.title,
        "publisher": claim.article.publisher,
        "statement": claim.statement,
    }


@singledispatch
def _citation_key(cited):
    return "-".join(cited.natural_key())


@_citation_key.register
def _citation_key_of_data(data: DatasetSummary):
    return "data"


@singledispatch
def _note(cited):
    return ""


@_note.register
def _note_of_record(record: Record):
    return _("Reference %(reference)s") % {"reference": record.reference}


@_note.register
def _note_of_tender(tender: Tender):
    note = _note_of_record(tender)
    return _("%(note)s (sources disagree)") % {"note": note} if tender.figures.is_disputed else note


@_note.register
def _note_of_data(data: DatasetSummary):
    if data.changed_at is None:
        return ""
    return _("Version of %(date)s") % {"date": timezone.localdate(data.changed_at).isoformat()}
