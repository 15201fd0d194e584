"""``python -m e2e.records``: fill an empty database with all shipped records, some history and an editor."""

import django
from django.core.management import call_command


def fill():
    """Load the fixtures, withdraw a tender, withdraw and publish another: verdicts change, and change back."""
    from django.contrib.auth.models import Group, User

    from e2e.pages import DISPUTED, EDITOR, WITHDRAWN
    from tenders.actions import publish, withdraw
    from tenders.models import Tender
    from tenders.views.data import FIXTURES

    call_command("migrate", verbosity=0)
    call_command("loaddata", *FIXTURES, verbosity=0)
    withdraw(Tender.objects.get(reference=WITHDRAWN), reason="Not a tender of its own.")
    disputed = Tender.objects.get(reference=DISPUTED.split("/")[2])
    withdraw(disputed, reason="The copy of the contract is being compared.")
    publish(disputed, reason="Both amounts stand in it.")
    editor = User.objects.create_user(**EDITOR, is_staff=True)
    editor.groups.add(Group.objects.get(name="Editors"))


if __name__ == "__main__":
    django.setup()
    fill()
