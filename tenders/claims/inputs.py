"""
What claims are evaluated from, as digests: a claim is evaluated anew only where something that it reads has changed.

An attribute has one digest: of each tender of the article's set the chosen values and the sources that state them. What
all claims of an article read has another: which tenders there are and of when, the claims, sources and codelists.
"""

import hashlib
import re
from functools import cached_property

from tenders.models import Category, Company, Institution, RedirectedReference, Region, Tender
from tenders.references import REFERENCE_PATTERN

OF_ALL = ("existence", "year", "notice_date")  # the attributes that say which tenders are missing
REFERENCE = re.compile(rf"\b[A-Z]{{1,2}}-{REFERENCE_PATTERN}\b")


def digest(values):
    return hashlib.sha256(repr(values).encode()).hexdigest()


class Inputs:
    """The digests of what an article's claims are evaluated from."""

    def __init__(self, article_set):
        self._set, self._of_attributes = article_set, {}

    def digest_of(self, attributes):
        """Return the digest of all that a claim reads which asks for some attributes."""
        return digest([self._of_all, *(self._of_attribute(name) for name in sorted(attributes))])

    def _of_attribute(self, name):
        if name not in self._of_attributes:
            known = [
                [(key, self._set.chosen.get(key), sorted(self._set.stating.get(key, ()))) for key in evidence[name]]
                for evidence in self._set.evidence.values()
                if name in evidence
            ]
            self._of_attributes[name] = digest(known)
        return self._of_attributes[name]

    @cached_property
    def _of_all(self):
        found = self._set
        numbers = [
            (key, found.chosen.get(key), sorted(found.stating.get(key, ()))) for key in sorted(found.number_keys)
        ]
        return digest(
            [
                [self._of_attribute(name) for name in OF_ALL],
                columns(found.article),
                [(columns(claim), sorted(source.pk for source in claim.sources.all())) for claim in found.claims],
                [(tender.pk, tender.reference, tender.certainty, found.counts(tender)) for tender in found.tenders],
                [(award.pk, award.amount_qualifier) for tender in found.tenders for award in tender.awards.all()],
                numbers,
                sorted(found.article_sources),
                [columns(source) for _pk, source in sorted(found.sources.items())],
                self._named_records(),
                list(Category.objects.order_by("pk").values_list("pk", "slug", "parent")),
                list(Region.objects.order_by("code").values_list("code", flat=True)),
            ]
        )

    def _named_records(self):
        """Return which of the records that the claims name by reference are public, and what merged ones lead to."""
        texts = [(claim.query, claim.base_query, claim.arguments) for claim in self._set.claims]
        named = set(REFERENCE.findall(repr(texts)))
        if not named:
            return ()
        redirects = RedirectedReference.objects.public().resolve(named)
        wanted = named | set(redirects.values())
        public = [
            model.objects.published().filter(reference__in=wanted).order_by().values_list("reference")
            for model in (Tender, Institution, Company)
        ]
        return sorted(redirects.items()), sorted(public[0].union(*public[1:]))


def columns(record):
    """Return the values of the columns of a record that were read."""
    return [(field.attname, record.__dict__.get(field.attname)) for field in record._meta.concrete_fields]
