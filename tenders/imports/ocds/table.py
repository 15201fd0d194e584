"""A file of OCDS as a table: a row for each contracting process, in the columns that imports read."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import Fact, SourceKind
from tenders.imports.columns import (
    COMPANY_NAMES,
    DETAILS,
    IMPORTED,
    PARTY_NAMES,
    SOURCE,
    SOURCE_ADDRESS,
    SOURCE_DATE,
    SOURCE_KIND,
    SOURCE_TITLE,
)
from tenders.imports.ocds.documents import read_documents
from tenders.imports.ocds.facts import Facts
from tenders.imports.ocds.processes import find_processes
from tenders.imports.readers import StatedCell, Table, Unreadable, open_table
from tenders.kinds import PartialDate, sanitize
from tenders.models import Citation, Source


class OcdsTable(Table):
    """
    The processes of a file of OCDS; ``source`` is what its facts are cited from, else the package itself.

    ``left_out`` has for each ocid the paths of what has no place in a record.
    """

    form = "OCDS"

    def __init__(self, file, source=None):
        documents = read_documents(file)
        package = next((document for _line, document in documents if isinstance(document, dict)), {})
        self.processes = find_processes(documents, extensions=str(package.get("extensions", "")))
        self.notes, self.left_out = [], {}
        self.header = [*sorted(IMPORTED), *PARTY_NAMES["institution"], *COMPANY_NAMES, *DETAILS]
        self._of_package = {}
        if source is None:
            self._of_package = _source_cells(package)
            self.header += SOURCE
            self.has_source = True
            uri = self._of_package[SOURCE_ADDRESS]
            self.notes.append(_("Facts are cited from the package: %(uri)s") % {"uri": uri})
        self._known = _known_tenders()

    def rows(self):
        for number, process in enumerate(self.processes, 1):
            cells, left_out = Facts(process, self._known.get(process.ocid, "")).read()
            if left_out:
                self.left_out[process.ocid] = left_out
            yield number, cells | self._of_package


def open_any(file, encoding="", source=None):
    """Return the table of a binary file of any form; JSON is read as OCDS."""
    file.seek(0)
    beginning = file.read(1000).removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith((b"{", b"[")):
        return OcdsTable(file, source)
    return open_table(file, encoding)


def _source_cells(package):
    """Return the cells of the source that a package is; raises ``Unreadable`` without an address."""
    uri, publisher = package.get("uri"), package.get("publisher")
    uri = uri.strip() if isinstance(uri, str) else ""
    try:
        Source._meta.get_field("url").run_validators(uri)
    except ValidationError:
        uri = ""
    if not uri.startswith(("http://", "https://")):
        raise Unreadable(_("Choose the source of the file: the package has no “uri” that is a web address."))
    cells = {SOURCE_ADDRESS: StatedCell(uri)}
    if Source.objects.filter(url=uri).exists():
        return cells
    name = publisher.get("name") if isinstance(publisher, dict) else None
    name = sanitize(" ".join(name.split())) if isinstance(name, str) else ""
    title = f"[OCDS package of {name[:300]}]" if name else "[OCDS package]"  # English, as other titles of ours
    date = package.get("publishedDate")
    cells |= {SOURCE_TITLE: StatedCell(title), SOURCE_KIND: StatedCell(SourceKind.OPEN_DATA.value)}
    try:
        cells[SOURCE_DATE] = StatedCell(PartialDate().parse(date)) if isinstance(date, str) else StatedCell("")
    except ValidationError:  # at that time it may be another day in China
        cells[SOURCE_DATE] = StatedCell("")
    return cells


def _known_tenders():
    """Return {ocid: reference} of the tenders that imports of open data have made."""
    found = Citation.objects.filter(fact=Fact.EXISTENCE, tender__isnull=False).exclude(place="")
    found = found.filter(source__kind=SourceKind.OPEN_DATA).order_by("pk")
    return {place.split()[0]: reference for place, reference in found.values_list("place", "tender__reference")}
