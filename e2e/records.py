"""``python -m e2e.records``: fill an empty database with all shipped records, some history, and two accounts."""

import django
from django.core.management import call_command

PASSWORD = "seven tall poplars"  # noqa: S105 of accounts that live as long as the tests
# By the name of the account. The last sets up a second factor, without which it does not log in afterwards.
GROUPS = {"contributor": "Contributors", "editor": "Editors", "newcomer": "Editors"}


def fill():
    """
    Load the fixtures, withdraw a tender and release a version; withdraw and publish another tender after a report, so
    that verdicts change, and back.
    """
    from django.contrib.auth.models import Group, User
    from django.utils import timezone

    from e2e.pages import DISPUTED, REPORT, WITHDRAWN
    from tenders.actions import publish, withdraw
    from tenders.choices import ReportState
    from tenders.models import Change, Report, Tender
    from tenders.views.data import FIXTURES

    call_command("migrate", verbosity=0)
    call_command("loaddata", *FIXTURES, verbosity=0)
    withdraw(Tender.objects.get(reference=WITHDRAWN), reason="Not a tender of its own.")
    call_command("release_data", "2026.1", verbosity=0)
    disputed = Tender.objects.get(reference=DISPUTED.split("/")[2])
    withdraw(disputed, reason="The copy of the contract is being compared.")
    publish(disputed, reason="Both amounts stand in it.")
    Report.objects.create(
        token=REPORT,
        about=DISPUTED,
        text="The contract has another amount.",
        language="en",
        state=ReportState.CORRECTED,
        change=Change.objects.latest("pk"),
        answer="You are right: both amounts are shown now.",
        answered_at=timezone.now(),
    )
    for name, group in GROUPS.items():
        User.objects.create_user(name, password=PASSWORD).groups.add(Group.objects.get(name=group))


if __name__ == "__main__":
    django.setup()
    fill()
