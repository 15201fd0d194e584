"""Citations of a page of the site or of the whole data set: as text, as BibTeX and as CSL-JSON."""

import datetime
import json
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenders.catalogue import DEVELOPERS, SITE_NAME, DatasetSummary
from tenders.languages import is_chinese
from tenders.models import Article, Claim, Tender
from tenders.models.records import Record
from tenders.versions import latest_version

# Special characters of BibTeX and TeX; braces as commands, as BibTeX counts even escaped ones.
SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{sign: f"\\{sign}" for sign in "$&#_%"},
}

# Extension of a file -> (the property of ``Work`` that it contains, its media type).
CITATION_FORMATS = {
    "bib": ("bibtex", "application/x-bibtex; charset=utf-8"),
    "json": ("csl", "application/vnd.citationstyles.csl+json"),
}


def escape(text):
    """Return a text on one line, escaped for BibTeX and TeX."""
    return " ".join(text.split()).translate(str.maketrans(SPECIAL))


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
    language: str  # of the title, as a tag of BCP 47
    is_data: bool = False
    is_quoted: bool = True  # not what we call a tender whose title is unknown

    @property
    def text(self):
        """The citation as text, for a footnote or a list of references."""
        if self.is_quoted:
            text = _("%(author)s (%(year)s): “%(title)s”. %(note)s. %(url)s (seen on %(date)s).")
        else:
            text = _("%(author)s (%(year)s): %(title)s. %(note)s. %(url)s (seen on %(date)s).")
        return text % {
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

    @property
    def csl(self):
        """
        The citation as CSL-JSON: a list of one item, of the type ``webpage`` or ``dataset``.

        Zotero, Pandoc and the processors of the Citation Style Language read it. The site is an institutional author, a
        ``literal`` name, which no style takes apart.
        """
        seen = self.seen_date
        item = {
            "id": self.key,
            "type": "dataset" if self.is_data else "webpage",
            "title": self.title,
            "author": [{"literal": self.author}],
            "publisher" if self.is_data else "container-title": SITE_NAME,
            "issued": {"date-parts": [[self.year]]},
            "accessed": {"date-parts": [[seen.year, seen.month, seen.day]]},
            "URL": self.url,
            "language": self.language,
            "note": self.note,
        }
        # A line for each field, as people read it too.
        lines = ",\n".join(
            f"    {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in item.items()
        )
        return f"[\n  {{\n{lines}\n  }}\n]"

    def as_file(self, extension):
        """Return (text, media type) of the citation in one of ``CITATION_FORMATS``."""
        name, media_type = CITATION_FORMATS[extension]
        return getattr(self, name), media_type


def citation_for(cited, url, *, changed_at=None):
    """Return the citation of a page or of the data set, as seen today; its year is that of the last change, if any."""
    seen_date = timezone.localdate()
    is_data = isinstance(cited, DatasetSummary)
    return Work(
        key="-".join([SITE_NAME.lower(), *(["data"] if is_data else cited.natural_key())]),
        author=DEVELOPERS if is_data else SITE_NAME,
        title=_title(cited),
        year=timezone.localdate(changed_at).year if changed_at else seen_date.year,
        url=url,
        seen_date=seen_date,
        is_quoted=not isinstance(cited, Tender) or bool(cited.title),
        note=_("%(what)s, CC BY 4.0") % {"what": note} if (note := _note(cited)) else "CC BY 4.0",
        language="zh-Hans" if is_chinese() else "en",
        is_data=is_data,
    )


def citation_of_version(version, data, url):
    """Return the citation of a version, which never changes; ``data`` is the summary of the data set."""
    work = citation_for(data, url, changed_at=version.changed_at or version.released_at)
    note = _("Version %(version)s, SHA-256 %(sha256)s, CC BY 4.0")
    key = f"{SITE_NAME.lower()}-data-{version.name}"
    return replace(work, key=key, note=note % {"version": version.name, "sha256": version.sha256})


def _title(cited):
    """Return the title of a cited page or data set."""
    match cited:
        case Record():
            return str(cited)
        case Article():
            values = {"title": cited.title, "publisher": cited.shown_publisher}
            return _("%(title)s (%(publisher)s), figure by figure") % values
        case Claim():
            return _("Claim %(code)s: %(statement)s (%(title)s, %(publisher)s)") % {
                "code": cited.code,
                "title": cited.article.title,
                "publisher": cited.article.shown_publisher,
                "statement": cited.statement,
            }
    return cited.title


def _note(cited):
    """Return what a citation adds: a reference, the version of the data; empty text for nothing."""
    if isinstance(cited, Record):
        note = _("Reference %(reference)s") % {"reference": cited.reference}
        is_disputed = isinstance(cited, Tender) and cited.figures.is_disputed
        return _("%(note)s (sources disagree)") % {"note": note} if is_disputed else note
    if isinstance(cited, DatasetSummary) and cited.changed_at is not None:
        return _note_on_data(timezone.localdate(cited.changed_at).isoformat(), cited.changed_at)
    return ""


def _note_on_data(date, changed_at):
    """Return which version of the data set is cited: a frozen one as long as nothing has been changed since."""
    latest = latest_version()
    if latest is None:
        return _("Version of %(date)s") % {"date": date}
    names = {"date": date, "version": latest.name}
    if latest.changed_at and changed_at <= latest.changed_at:
        return _("Version %(version)s of %(date)s") % names
    return _("Version of %(date)s, last frozen as %(version)s") % names
