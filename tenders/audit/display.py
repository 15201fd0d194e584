"""Values of rows of history as text."""

import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenders.choices import Fact
from tenders.kinds import RelatedRecord
from tenders.models import Award, Citation, Claim, Inclusion, Source, SourceFile, Tender
from tenders.money import format_number

EXCLUDED = {"id", "reference"}  # they never change
# Fields whose records are published with the record. The others may name a hidden record, which is then left out.
PUBLISHED_WITH_RECORD = {"buyer", "suppliers"}
RELATED = {
    Tender: ["buyer", "region", "category"],
    Award: ["tender"],
}  # for ``select_related``: what ``str()`` of a record reads


def fields(part):
    """Return the fields of a model whose changes its history shows."""
    history = part.history.model
    tracked = {field.name for field in history._meta.concrete_fields} - EXCLUDED
    columns = [field for field in part._meta.concrete_fields if field.name in tracked]
    return columns + list(history._history_m2m_fields)


class Names:
    """
    The values of rows as text; for the public without the names of hidden records.

    ``absent`` are records that are named although they are not there.
    """

    def __init__(self, is_public, pairs, absent=()):
        self.is_public = is_public
        keys, codes = defaultdict(set), defaultdict(set)
        for part, old, new, _numbers in pairs:
            for row in filter(None, (old, new)):
                for field in fields(part):
                    if field.many_to_many:
                        keys[field.related_model].update(row[field.name])
                    elif field.is_relation and row[field.attname] is not None:
                        keys[field.related_model].add(row[field.attname])
                if part is Citation and isinstance(kind := _kind(row), RelatedRecord):
                    codes[kind.model, kind.lookup].update(kind.codes(row["value"]))
        self._by_key = {model: self._load(model).in_bulk(pks) for model, pks in keys.items()}
        self._by_code = {
            (model, getattr(record, lookup)): record
            for (model, lookup), some in codes.items()
            for record in self._load(model).filter(**{f"{lookup}__in": some})
        }
        for record in absent:
            self._by_key.setdefault(type(record), {})[record.pk] = record
            self._by_code[type(record), record.reference] = record

    def _load(self, model):
        return model._base_manager.select_related(*RELATED.get(model, ()))

    def shows(self, model, key):
        """Return whether a record may be named."""
        return self._may_name(self._by_key[model].get(key))

    def _may_name(self, record):
        return record is not None and (not self.is_public or getattr(record, "is_published", True))

    def of(self, part, row, numbers):
        """Return the name of an object that belongs to a record."""
        if part is Award:
            return _("Award %(number)s") % {"number": row["number"]}
        if part is Claim:
            return _("Claim %(code)s") % row
        if part is Inclusion:
            return _("Counted tender: %(tender)s") % {"tender": self._name_of(Tender, row["tender_id"])}
        if part is SourceFile:
            return _("File %(name)s") % {"name": row["name"] or row["sha256"][:12]}
        if part is not Citation:
            return capfirst(str(part._meta.verbose_name))
        values = {
            "fact": Fact(row["fact"]).label if row["fact"] in Fact.values else row["fact"],
            "source": self._name_of(Source, row["source_id"]),
            "number": numbers.get(row["award_id"], ""),
        }
        if row["award_id"]:
            return _("Citation: %(fact)s of award %(number)s (%(source)s)") % values
        return _("Citation: %(fact)s (%(source)s)") % values

    def display_value(self, part, field, row):
        """Return the value of a field as text, empty for an unknown one."""
        model, is_always_shown = field.related_model, not self.is_public or field.name in PUBLISHED_WITH_RECORD
        if field.many_to_many:
            shown = [key for key in row[field.name] if is_always_shown or self.shows(model, key)]
            return _("; ").join(self._name_of(model, key) for key in shown)
        value = row[field.attname]
        if value in (None, ""):
            return ""
        if field.is_relation:
            is_shown = is_always_shown or self.shows(model, value)
            return self._name_of(model, value) if is_shown else ""
        if part is Citation and field.name == "value":
            return self._statement(_kind(row), value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Decimal):
            return format_number(value)
        if isinstance(value, datetime):
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        if isinstance(field, models.JSONField):
            return json.dumps(value, ensure_ascii=False) if value else ""
        return str(value)

    def value(self, part, field, row):
        """Return the value of a field as data, None for an unknown one; of records, the codes of those it may name."""
        if field.many_to_many:
            return sorted(filter(None, (self._code_of(field.related_model, key) for key in row[field.name]))) or None
        value = row[field.attname]
        if value in (None, ""):
            return None
        return self._code_of(field.related_model, value) if field.is_relation else value

    def _code_of(self, model, key):
        record = self._by_key[model].get(key)
        return record.natural_key()[0] if self._may_name(record) else None

    def source_of(self, row):
        """Return the slug of the source of a statement; empty text for one that no longer exists."""
        return self._code_of(Source, row["source_id"]) or ""

    def public_statement(self, row):
        """Return what a source states in its canonical form; None where it names a record that is not public."""
        kind = _kind(row)
        if isinstance(kind, RelatedRecord):
            named = [self._by_code.get((kind.model, code)) for code in kind.codes(row["value"])]
            return row["value"] if all(map(self._may_name, named)) else None
        return row["value"] if kind else None

    def _statement(self, kind, value):
        """Return the canonical form of what a source states as text."""
        if isinstance(kind, RelatedRecord):
            codes = kind.codes(value)
            return _("; ").join(self._name_or_code(self._by_code.get((kind.model, code)), code) for code in codes)
        if kind is None:
            return "" if self.is_public else value
        return kind.format(value)

    def _name_of(self, model, key):
        record = self._by_key[model].get(key)
        return _("a record that no longer exists") if record is None else self._name_or_code(record)

    def _name_or_code(self, record, code=""):
        if self._may_name(record):
            return str(record)
        return _("a record that is not public") if self.is_public else code


def _kind(row):
    """Return the kind of value that a citation of a row of history states; None for a fact that there is no longer."""
    owner = next((owner for owner in ("award", "institution", "company") if row[f"{owner}_id"]), "tender")
    attribute = apps.get_model("tenders", owner).FACTS.get(row["fact"])
    return attribute and attribute.kind
