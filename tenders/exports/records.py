"""
One record as plain data: every fact with all its statements, its other columns, its awards, sources and history.

The facts are those of the attributes, the other columns those of the downloads: what is known of either is declared
there alone. Nothing is in it that the page of the record does not show.
"""

from django.utils import timezone

from tenders.audit import public_history_of
from tenders.exports.columns import COMPANIES, INSTITUTIONS, TENDERS, exported
from tenders.exports.statements import SOURCE, STATEMENT, with_public_values
from tenders.facets import UNKNOWN
from tenders.kinds import sanitize
from tenders.models import Award, Company, Institution, Tender
from tenders.models.sources import disputed

COLUMNS = {Tender: TENDERS, Institution: INSTITUTIONS, Company: COMPANIES}
KNOWN, NONE = "known", "none"  # what a value is, unless it is unknown


def for_data(records):
    """Load what ``record_data`` reads: what the page of a record has, and its row in a download."""
    return (records.with_figures() if records.model is Tender else records.with_num_tenders()).for_page()


def record_data(record, *, site=""):
    """
    Return a published record, loaded by ``for_data``, as JSON serialisable data; amounts are decimals.

    ``site`` is what addresses begin with.
    """
    citations = with_public_values(record.citations.all())
    sources = {citation.source.slug: citation.source for citation in citations}
    awards = [_award_data(award, citations) for award in record.awards.all()] if isinstance(record, Tender) else None
    return {
        "reference": record.reference,
        "address": f"{site}{record.get_absolute_url()}",
        "facts": facts_of(record, citations),
        "columns": {column.name: column.value(record) for column in other_columns(type(record))},
        **({} if awards is None else {"awards": awards}),
        "sources": [row_of(SOURCE, source) for source in sources.values()],
        "history": [change_data(change) for change in public_history_of(record)],
    }


def other_columns(model):
    """Return the columns of the downloads that are neither those of facts of a record nor of its awards."""
    of_facts = {attribute.column for attribute in model.FACTS.values()}
    of_awards = {attribute.column for attribute in Award.ATTRIBUTES} if model is Tender else set()
    others = {*of_facts, *of_awards, "reference", "address"}
    return [column for column in COLUMNS[model] if column.name not in others]


def row_of(columns, record):
    """Return the values of some columns of a record, by name."""
    return {column.name: column.value(record) for column in columns}


def facts_of(target, citations):
    """
    Return each fact of a record or an award, by its code: the value, what that is, and what sources state.

    ``citations`` are those of the whole record, with their public values (``with_public_values``).
    """
    award = target.pk if isinstance(target, Award) else None
    own = [citation for citation in citations if citation.award_id == award]
    disputes = {fact for _award, fact in disputed(own)}
    return {
        str(fact): {
            "column": attribute.column,
            "value": (value := sanitize(exported(attribute, target))),
            "is": KNOWN if value not in (None, "", []) else NONE if attribute.is_optional else UNKNOWN,
            "disputed": fact in disputes,
            "statements": [row_of(STATEMENT, citation) for citation in own if citation.fact == fact],
        }
        for fact, attribute in target.FACTS.items()
    }


def _award_data(award, citations):
    others = [attribute for attribute in Award.ATTRIBUTES if not attribute.fact]
    return {
        **{attribute.name: sanitize(exported(attribute, award)) for attribute in others},
        "facts": facts_of(award, citations),
    }


def change_data(change):
    """Return a change of a record as its page shows it: texts, as both values need not be there any more."""
    return {
        "date": timezone.localtime(change.made_at).isoformat(timespec="seconds"),
        "kind": change.kind,
        "by": change.who,
        "reason": change.reason,
        "follows_report": change.follows_report,
        "entries": [
            {"of": entry.of, "field": entry.field, "kind": entry.kind, "old": entry.old, "new": entry.new}
            for entry in change.entries
        ],
        "disputed": list(change.disputed),
    }
