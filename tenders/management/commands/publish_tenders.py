"""``manage.py publish_tenders``: publish many tenders with their institutions and companies, as one change."""

import re
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from tenders.bulk_actions import publish_many
from tenders.choices import EditorialState
from tenders.filters import TenderFilter
from tenders.models import Change, Tender
from tenders.references import REFERENCE_PATTERN

REFERENCE = re.compile(rf"\b{Tender.REFERENCE_PREFIX}-{REFERENCE_PATTERN}\b")


class UnpublishedFilter(TenderFilter):
    """The filters of the public list, for tenders that are not public."""

    queryset = Tender.objects.exclude(state=EditorialState.PUBLISHED)


class Command(BaseCommand):
    help = (
        "Publish tenders with their institutions and companies, as one change: those with some references, those "
        "that an import added, or those that match filters."
    )

    def add_arguments(self, parser):
        parser.add_argument("references", metavar="REFERENCE", nargs="*", help="such as TW-7K3M9Q")
        parser.add_argument("--file", metavar="FILE", type=Path, help="a text file with references")
        parser.add_argument("--change", metavar="N", type=int, help="the number of the change that added them")
        parser.add_argument(
            "--filter", dest="query", metavar="QUERY", help="filters as in an address: “year=2019&region=CN-GD”"
        )
        parser.add_argument("--reason", metavar="TEXT", default="", help="reason, shown to readers")

    def handle(self, *, references, file, change, query, reason, **options):
        given = [bool(references), file is not None, change is not None, query is not None]
        if sum(given) != 1:
            raise CommandError("Give references, or one of --file, --change and --filter.")
        if change is not None:
            keys = self._keys_of_change(change)
        elif query is not None:
            keys = self._keys_of_filter(query)
        else:
            keys = self._keys_of_references(self._read(file) if file else references)
        outcome = publish_many(Tender, keys, reason=reason)
        for sentence in outcome.sentences("Published"):
            self.stdout.write(sentence)
        if outcome.refused:
            raise CommandError("Some tenders were not published.")

    def _read(self, file):
        try:
            return REFERENCE.findall(file.read_text(encoding="utf-8-sig").upper())
        except (OSError, UnicodeError):
            raise CommandError(f"Give a text file with references: can't read {file}.") from None

    def _keys_of_references(self, references):
        references = {reference.upper() for reference in references}
        found = dict(Tender.objects.filter(reference__in=references).values_list("reference", "pk"))
        if missing := sorted(references - found.keys()):
            raise CommandError(f"Nothing was published. There is no tender {', '.join(missing[:5])}.")
        if not found:
            raise CommandError("Nothing was published: there are no references in the file.")
        return found.values()

    def _keys_of_change(self, number):
        if not Change.objects.filter(pk=number).exists():
            raise CommandError(f"There is no change {number}.")
        added = Tender.history.filter(change=number, history_type="+").values("id")
        return Tender.objects.filter(pk__in=added).values_list("pk", flat=True)

    def _keys_of_filter(self, query):
        tenders = UnpublishedFilter(QueryDict(query))
        if not query or tenders.unknown_parameters or not tenders.is_valid():
            raise CommandError(f"Write filters as the address of the public list has them: can't read “{query}”.")
        return tenders.qs.values_list("pk", flat=True)
