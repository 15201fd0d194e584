"""Match parsed rows with the tenders that their references stand for."""

from dataclasses import dataclass, replace

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from tenders.imports.columns import OF_TENDER, REFERENCE
from tenders.imports.parsing import ParsedRow, Problem
from tenders.models import Company, RedirectedReference, Tender


@dataclass(frozen=True)
class MatchedRow:
    """A parsed row, its tender (a new one where its reference has no record), and problems of the references."""

    parsed: ParsedRow
    tender: Tender
    problems: list


def match(rows, row_numbers):
    """
    Return the matched rows of some parsed ones, whose tenders are loaded together.

    ``row_numbers`` are the numbers of all rows of the file that have a reference, by reference.
    """
    redirects = RedirectedReference.objects.resolve({row.reference for row in rows} | _linked(rows))
    rows = [_resolve_redirects(row, redirects) for row in rows]
    references = {row.reference for row in rows} | _linked(rows)
    tenders = _find_tenders(references - {""})
    return [
        MatchedRow(
            row,
            tenders.get(row.reference) or Tender(reference=row.reference),
            list(_reference_problems(row, tenders, row_numbers)),
        )
        for row in rows
    ]


def _find_tenders(references):
    """Return {reference: tender}; of the public ones as downloads show them, of others with what is not public too."""
    tenders = Tender.objects.with_figures()
    public = tenders.published().for_download().in_bulk(references, field_name="reference")
    if not (others := references - public.keys()):
        return public
    others = with_relations(tenders, OF_TENDER).in_bulk(others, field_name="reference")
    return public | others


def with_relations(tenders, columns):
    """Load what rows with some columns are compared with, also what is not public."""
    suppliers = Prefetch("awards__suppliers", Company.objects.select_related("region").order_by("reference"))
    lists = [attribute.name for name, attribute in OF_TENDER.items() if name in columns and attribute.kind.is_list]
    return tenders.select_related("buyer", "region", "category").prefetch_related(suppliers, *lists)


def _linked(rows):
    return {reference for row in rows for references in row.linked_tenders.values() for reference in references}


def _resolve_redirects(row, redirects):
    """Return a row with the links of merged tenders replaced; its own reference of a merged one is a problem."""
    problems = row.problems
    if row.reference in redirects:
        message = _("Use the reference %(kept)s: %(reference)s was merged into it.")
        message %= {"reference": row.reference, "kept": redirects[row.reference]}
        problems = [*problems, Problem(REFERENCE, row.reference, message)]
    links = {}
    for column, references in row.linked_tenders.items():
        resolved = dict.fromkeys(redirects.get(reference, reference) for reference in references)
        # A link to what was merged into the row's own tender is one to itself, and nobody's error.
        links[column] = [other for other in resolved if other != row.reference or other in references]
    return replace(row, values=row.values | links, problems=problems)


def _reference_problems(row, tenders, row_numbers):
    if len(numbers := row_numbers.get(row.reference, ())) > 1:
        message = _("Several rows have this reference: %s.") % _(", ").join(map(str, numbers))
        yield Problem(REFERENCE, row.reference, message)
    for column, references in row.linked_tenders.items():
        for reference in references:
            if reference not in tenders and reference not in row_numbers:
                yield Problem(
                    column, reference, _("No tender has this reference, neither on the site nor in this file.")
                )
            if reference == row.reference:
                yield Problem(column, reference, _("Name another tender: a tender can’t be a duplicate of itself."))
