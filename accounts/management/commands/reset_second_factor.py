"""``manage.py reset_second_factor``: for who has lost the app and the recovery codes, an administrator for instance."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor


class Command(BaseCommand):
    help = (
        "Remove the second factor of an account and end its sessions. The account sets up another one at its next "
        "log-in, so make sure that its owner asked for this."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="user name of the account")

    def handle(self, *, name, **options):
        user = get_user_model()._default_manager.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.")
        if second_factor.reset(user):
            self.stdout.write(f"The second factor of {name} was removed.")
        else:
            self.stdout.write(f"{name} had no second factor. All sessions were ended.")
