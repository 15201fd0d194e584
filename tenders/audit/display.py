"""What the values of rows of history are called."""

import json
from collections import defaultdict
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _

from tenders.choices import Fact
from tenders.models import Award, Category, Citation, Claim, Company, Inclusion, Institution, Region, Source, Tender
from tenders.models.facts import AMOUNT_FACTS, CODELISTS, FLAG_FACTS, REGION_FACTS
from tenders.money import format_number

UNTOLD = {"id", "reference"}  # they never change
# What a public record needs is public with it. Anything else that a record names may be hidden, and is then left out.
NEEDED = {"buyer", "suppliers"}
NATURAL = {Region: "code", Category: "slug", Institution: "reference", Company: "reference"}
RELATED = {Tender: ["buyer"], Award: ["tender"]}  # what the name of one asks for


def fields(part):
    """Return the fields of a model of which its history tells."""
    history = part.history.model
    kept = {field.name for field in history._meta.concrete_fields}
    columns = [field for field in part._meta.concrete_fields if field.name in kept - UNTOLD]
    return columns + list(history._history_m2m_fields)


class Names:
    """What the values of rows are called; for the public, no record that is hidden."""

    def __init__(self, is_public, pairs):
        self.is_public = is_public
        keys, codes = defaultdict(set), defaultdict(set)
        for part, old, new, _numbers in pairs:
            for row in filter(None, (old, new)):
                for field in fields(part):
                    if field.many_to_many:
                        keys[field.related_model].update(row[field.name])
                    elif field.is_relation and row[field.attname] is not None:
                        keys[field.related_model].add(row[field.attname])
                if part is Citation and (named := _named_by(row["fact"])):
                    codes[named].update(row["value"].split("|"))
        self._by_key = {model: self._load(model).in_bulk(pks) for model, pks in keys.items()}
        self._by_code = {
            (model, each.natural_key()[0]): each
            for model, some in codes.items()
            for each in self._load(model).filter(**{f"{NATURAL[model]}__in": some})
        }

    def _load(self, model):
        return model._base_manager.select_related(*RELATED.get(model, ()))

    def shows(self, model, key):
        """Tell whether a record may be named."""
        return self._may_name(self._by_key[model].get(key))

    def _may_name(self, record):
        return record is not None and (not self.is_public or getattr(record, "is_published", True))

    def of(self, part, row, numbers):
        """Return what an object is called that belongs to a record."""
        if part is Award:
            return _("Award %(number)s") % {"number": row["number"]}
        if part is Claim:
            return _("Claim %(code)s") % row
        if part is Inclusion:
            return _("Counted tender: %(tender)s") % {"tender": self._name(Tender, row["tender_id"])}
        values = {
            "fact": Fact(row["fact"]).label if row["fact"] in Fact.values else row["fact"],
            "source": self._name(Source, row["source_id"]),
            "number": numbers.get(row["award_id"], ""),
        }
        if row["award_id"]:
            return _("Citation: %(fact)s of award %(number)s (%(source)s)") % values
        return _("Citation: %(fact)s (%(source)s)") % values

    def display_value(self, part, field, row):
        """Return the value of a field in words, empty text for an unknown one."""
        if field.many_to_many:
            shown = [key for key in row[field.name] if field.name in NEEDED or self.shows(field.related_model, key)]
            return _("; ").join(self._name(field.related_model, key) for key in shown)
        value = row[field.attname]
        if value in (None, ""):
            return ""
        if field.is_relation:
            if field.name not in NEEDED and not self.shows(field.related_model, value) and self.is_public:
                return ""
            return self._name(field.related_model, value)
        if part is Citation and field.name == "value":
            return self._statement(row["fact"], value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Decimal):
            return format_number(value)
        if isinstance(field, models.JSONField):
            return json.dumps(value, ensure_ascii=False) if value else ""
        return str(value)

    def _statement(self, fact, value):
        """Return the canonical form of what a source states in words."""
        if named := _named_by(fact):
            return _("; ").join(self._called(self._by_code.get((named, code)), code) for code in value.split("|"))
        if fact in FLAG_FACTS:
            return _("Yes") if value == "yes" else _("No")
        if fact in AMOUNT_FACTS and value.replace(".", "", 1).isdecimal():
            return format_number(value)
        labels = {code: label for codelist in CODELISTS.get(fact, ()) for code, label in codelist.choices}
        return str(labels.get(value, value))

    def _name(self, model, key):
        record = self._by_key[model].get(key)
        return _("a record that is no longer there") if record is None else self._called(record)

    def _called(self, record, code=""):
        if self._may_name(record):
            return str(record)
        return _("a record that is not public") if self.is_public else code


def _named_by(fact):
    """Return the model of which the statements of a fact give natural keys, None for other facts."""
    if fact in REGION_FACTS:
        return Region
    return {Fact.CATEGORY: Category, Fact.INSTITUTION: Institution, Fact.SUPPLIER: Company}.get(fact)
