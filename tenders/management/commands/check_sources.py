"""``manage.py check_sources``: ask the addresses of the sources; exit 1 if one is gone, moved or changed since."""

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tenders.choices import AddressStatus
from tenders.evidence.checking import check_sources, sources_to_check
from tenders.evidence.fetching import Fetcher
from tenders.models import Source


class Command(BaseCommand):
    help = "Check whether the addresses of the sources are still reachable, and record the results."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, metavar="N", help="at most N sources, those checked longest ago first")
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="only those not checked for so many days")
        parser.add_argument("--source", metavar="SLUG", help="only this one")

    def handle(self, *, limit, older_than, source, **options):
        for option, number in (("--limit", limit), ("--older-than", older_than)):
            if number is not None and not 0 < number <= 100_000:
                raise CommandError(f"{option} must be a number from 1 to 100,000.")
        if source is not None and not Source.objects.filter(slug=source).exclude(url="").exists():
            raise CommandError(f"There is no source “{source}” with an address.")
        before = None if older_than is None else timezone.now() - timedelta(days=older_than)

        numbers, num_worse = Counter(), 0
        sources = list(sources_to_check(checked_before=before, slug=source)[:limit])
        for check, status_before in check_sources(sources, self.fetcher()):
            numbers[check.status] += 1
            num_worse += check.status not in {AddressStatus.ANSWERS, status_before}
            self.stdout.write(f"{check.source.slug}: {_outcome(check)}")

        found = [f"{numbers[status]} {_SUMMARY[status]}" for status in AddressStatus if numbers[status]]
        checked = f"{sum(numbers.values())} of {len(sources)} addresses checked"
        summary = f"{checked}: {', '.join(found)}." if found else f"{checked}."
        if num_worse:
            raise CommandError(f"{summary} New since the last check: {num_worse}.")
        self.stdout.write(summary)

    def fetcher(self):
        """Return the ``Fetcher`` that asks; it says who it is."""
        host = settings.ALLOWED_HOSTS[0].removeprefix(".") if settings.ALLOWED_HOSTS else "localhost"
        return Fetcher(user_agent=f"TenderWatch (+https://{host}/)")


_SUMMARY = {
    AddressStatus.ANSWERS: "answer",
    AddressStatus.OTHER_CONTENT: "have changed",
    AddressStatus.MOVED: "have moved",
    AddressStatus.GONE: "are gone",
    AddressStatus.UNREACHABLE: "are not reachable",
}


def _outcome(check):
    """Return what a check has found, in a few words."""
    if check.status == AddressStatus.MOVED:
        return f"has moved to {check.moved_to}"
    if check.status == AddressStatus.GONE:
        return f"is gone since {timezone.localdate(check.failing_since_at)}"
    if check.status == AddressStatus.OTHER_CONTENT:
        return f"content has changed since {timezone.localdate(check.changed_since_at)}"
    if check.status == AddressStatus.UNREACHABLE:
        status = f" ({check.http_status})" if check.http_status else ""
        return f"not reachable: {check.get_problem_display()}{status}"
    return "answers"
