"""The sources that the rows of a file name: existing ones, found by their address, and new ones."""

import re
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.choices import SourceLanguage
from tenders.imports.cells import cell_parser, is_unknown
from tenders.imports.columns import SOURCE, SOURCE_ADDRESS, SOURCE_KIND, SOURCE_TITLE
from tenders.models import Source
from tenders.search import HAN, fold

WEB_ADDRESS = re.compile("https?://", re.IGNORECASE)


class RowSources:
    """The sources that a file names; of each new one, one object for the whole file."""

    def __init__(self):
        self._records, self._new = {}, {}  # of those of an address, which several records may have
        self._first_rows = {}  # by address, of the new ones
        self._parsers = {column: cell_parser(Source, attribute) for column, attribute in SOURCE.items()}

    def load(self, rows):
        """Load the records with the addresses of some rows of cells instead of others."""
        addresses = {cells.get(SOURCE_ADDRESS, "").strip() for _number, cells in rows} - {""}
        self._records = defaultdict(list)
        for source in Source.objects.filter(url__in=addresses):
            self._records[source.url].append(source)

    def find(self, number, cells):
        """
        Return the source that a row names, or None.

        Raises ``ValidationError`` with the problems by column: the row disagrees with the record or with a row before,
        or a new source lacks something.
        """
        texts = {column: cells.get(column, "") for column in SOURCE}
        if all(map(is_unknown, texts.values())):
            return None
        values = self._parse(texts)
        address = values[SOURCE_ADDRESS]
        if not address:
            raise ValidationError({SOURCE_ADDRESS: _("Add the address of the source: it is found by that.")})
        records = self._records.get(address, ())
        if len(records) > 1:
            records = [record for record in records if fold(record.title) == fold(values[SOURCE_TITLE])]
            if len(records) != 1:
                message = _("Several sources have this address: write the title of the one you mean.")
                raise ValidationError({SOURCE_TITLE: message})
        if address in self._new:
            self._compare(self._new[address], values, _("row %(number)s") % {"number": self._first_rows[address]})
            return self._new[address]
        if records:
            self._compare(records[0], values, records[0].slug)
            return records[0]
        self._first_rows[address] = number
        self._new[address] = self._create(values)
        return self._new[address]

    def _parse(self, texts):
        values, problems = {}, {}
        for column, parse in self._parsers.items():
            try:
                values[column] = " ".join(parse(texts[column]).split())
            except ValidationError as error:
                problems[column] = error.messages
        if not is_unknown(texts[SOURCE_ADDRESS]) and not WEB_ADDRESS.match(values.get(SOURCE_ADDRESS, "")):
            problems[SOURCE_ADDRESS] = _("Write a whole web address, with http:// or https://.")
        if problems:
            raise ValidationError(problems)
        return values

    def _compare(self, source, values, where):
        """Raise ``ValidationError`` for what a row says otherwise of a source."""
        problems = {}
        for column, value in values.items():
            known = getattr(source, SOURCE[column].name)
            is_same = fold(value) in {fold(known), fold(source.title_zh)} if column == SOURCE_TITLE else value == known
            if value and not is_same:
                message = _("The source at this address (%(where)s) has “%(known)s”: write that, or leave it empty.")
                problems[column] = message % {"where": where, "known": known or _("unknown")}
        if problems:
            raise ValidationError(problems)

    def _create(self, values):
        source = Source(**{attribute.name: values[column] for column, attribute in SOURCE.items()})
        if HAN.search(source.title):
            source.language = SourceLanguage.CHINESE
        problems = {}
        if not source.title:
            problems[SOURCE_TITLE] = _("Add the title: no source has this address yet.")
        if not source.kind:
            problems[SOURCE_KIND] = _("Add the kind, such as official-notice: no source has this address yet.")
        elif not source.is_document:
            problems[SOURCE_KIND] = _("Choose the kind of a document: a source with an address is one.")
        if problems:
            raise ValidationError(problems)
        return source
