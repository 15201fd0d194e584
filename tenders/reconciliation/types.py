"""The types of records that names are matched with; their properties are the columns of the downloads."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Model
from django.utils.text import capfirst

from tenders.exports.columns import COMPANIES, INSTITUTIONS
from tenders.languages import is_chinese
from tenders.models import Company, Institution, RedirectedReference
from tenders.references import REFERENCE_PATTERN
from tenders.search import HAN

NOT_PROPERTIES = {"reference", "address"}  # a candidate has them already


@dataclass(frozen=True)
class RecordType:
    """A type of record of the service: its id, its model, and the columns of its download."""

    id: str
    model: type[Model]
    columns: tuple

    @property
    def name(self):
        return capfirst(self.model._meta.verbose_name)

    @property
    def described(self):
        """The type as answers name it."""
        return {"id": self.id, "name": str(self.name)}

    @cached_property
    def properties(self):
        """The columns that are properties of its records, by name."""
        return {column.name: column for column in self.columns if column.name not in NOT_PROPERTIES}

    @cached_property
    def pattern(self):
        return re.compile(f"{self.model.REFERENCE_PREFIX}-{REFERENCE_PATTERN}")


TYPES = {
    record_type.id: record_type
    for record_type in (
        RecordType("institution", Institution, tuple(INSTITUTIONS)),
        RecordType("company", Company, tuple(COMPANIES)),
    )
}
PROPERTIES = {name: column for record_type in TYPES.values() for name, column in record_type.properties.items()}


def find_public(ids):
    """
    Return {id: (type, record)} of the references that stand for a public record, with what its columns show.

    The reference of one that was merged stands for the record it was merged into.
    """
    redirects = RedirectedReference.objects.public().resolve(list(ids))
    wanted = {asked: redirects.get(asked, asked) for asked in ids}
    found = {}
    for record_type in TYPES.values():
        references = {reference for reference in wanted.values() if record_type.pattern.fullmatch(reference)}
        if references:
            records = record_type.model.objects.published().with_num_tenders().for_download()
            for reference, record in records.in_bulk(references, field_name="reference").items():
                found[reference] = (record_type, record)
    return {asked: found[reference] for asked, reference in wanted.items() if reference in found}


def name_for(record, text):
    """Return the name of a record in the language of a text that it was found by."""
    in_chinese = is_chinese() if not text.strip() else bool(HAN.search(text))
    return (record.name_zh or record.name_en) if in_chinese else (record.name_en or record.name_zh)


def describe(record, name):
    """Return what tells a record from others of its name: its other name, its kind, and where it is registered."""
    other = {record.name_en, record.name_zh} - {name, ""}
    parts = [*other, record.get_kind_display(), record.region.name if record.region else ""]
    return " · ".join(str(part) for part in parts if part)
