"""Kinds of value that refer to records: by the code of a region, the slug of a category, the reference of a party."""

import re

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.choices import ValueType
from tenders.kinds.base import Kind
from tenders.kinds.values import CodeIndex
from tenders.references import REFERENCE_PATTERN
from tenders.search import fold


class RelatedRecord(Kind):
    """A related record, by its column ``lookup``; public pages and downloads leave out one that is not published."""

    type = ValueType.CODE
    model_name = lookup = ""

    @property
    def model(self):
        return apps.get_model("tenders", self.model_name)

    def code_index(self):
        """Return the index of all records of the model, by code."""
        return CodeIndex({getattr(record, self.lookup): record for record in self.model.objects.all()})

    def parse(self, text, codes=None):
        return codes.find(text)

    def normalize(self, text):
        return text

    def codes(self, text):
        """Return the codes in a canonical text."""
        return text.split("|") if self.is_list else [text]

    def own_words(self, text):
        return {text}

    def records(self, codes):
        """Return the records with these codes, in the default order of their model."""
        return self.model.objects.filter(**{f"{self.lookup}__in": codes})

    def find(self, codes):
        """Return the public records with these codes, in the default order of their model."""
        return [record for record in self.records(codes) if getattr(record, "is_published", True)]

    def from_canonical(self, text, field):
        return self.model._default_manager.get_by_natural_key(text)

    def export_value(self, value):
        return None if value is None or not getattr(value, "is_published", True) else getattr(value, self.lookup)

    def page_value(self, record, name):
        value = getattr(record, name)
        return value if value is None or getattr(value, "is_published", True) else None

    def page_statement(self, text):
        codes = self.codes(text)
        found = self.find(codes)
        if len(found) < len(codes):
            return text, "text"
        return found if self.is_list else found[0], self.component


class RegionCode(RelatedRecord):
    """A province-level division, by its ISO 3166-2 code."""

    component = "region"
    model_name, lookup = "Region", "code"
    pattern, message = "CN-[A-Z]{2}", gettext_lazy("Write the region’s code, such as CN-BJ.")

    def code_index(self):
        """Return the index of all regions, also by their names and their codes of GB/T 2260; none is guessed."""
        regions = {region.code: region for region in self.model.objects.all()}
        words = {fold(word): code for code, region in regions.items() for word in region.words}
        return CodeIndex(regions, words, may_guess=False)


class CategorySlug(RelatedRecord):
    """A node of the classification, by its slug."""

    component = "category"
    model_name, lookup = "Category", "slug"

    def validate(self, text):
        validate_slug(text)


class InstitutionReference(RelatedRecord):
    """An institution, by its reference."""

    type = ValueType.REFERENCE
    component = "party"
    model_name, lookup = "Institution", "reference"
    pattern = f"I-{REFERENCE_PATTERN}"
    message = gettext_lazy("Write the institution’s reference, such as I-4QX2VD.")


class RelatedRecords(RelatedRecord):
    """Any number of related records, referred to by their codes; ``parse`` reads one of them."""

    is_list = True

    def export_value(self, value):
        public = [record for record in value if getattr(record, "is_published", True)]
        return sorted(getattr(record, self.lookup) for record in public)

    def page_value(self, record, name):
        return [other for other in getattr(record, name).all() if getattr(other, "is_published", True)]


class CategorySlugs(RelatedRecords):
    """Nodes of the classification."""

    model_name, lookup = "Category", "slug"


class TenderReferences(RelatedRecords):
    """Tenders, by their references."""

    type = ValueType.REFERENCE
    model_name, lookup = "Tender", "reference"


class CompanyReferences(RelatedRecords):
    """Companies, by their references: joint winners of one award."""

    type = ValueType.REFERENCE
    component = "parties"
    model_name, lookup = "Company", "reference"

    def validate(self, text):
        codes = self.codes(text)
        pattern = re.compile(f"C-{REFERENCE_PATTERN}")
        if codes != sorted(set(codes)) or not all(map(pattern.fullmatch, codes)):
            raise ValidationError(
                _("Write the company’s reference, such as C-9TR6WB; sort several and join them with |.")
            )
