"""``manage.py anonymise_history``: remove personal data from records, history and accounts, for good."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenders.anonymising import MARK, remove_account, remove_words, rows_with
from tenders.models import Change


class Command(BaseCommand):
    help = (
        "Remove personal data from the records and their whole history. The history shows that something was removed, "
        "when and why. This can't be undone, and earlier backups still contain the data."
    )

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--text", metavar="WORDS", help=f"replace these exact words by {MARK} everywhere")
        what.add_argument("--user", metavar="NAME", help="deactivate this account and remove its names and log-ins")
        parser.add_argument("--reason", metavar="TEXT", required=True, help="reason, shown to readers")
        parser.add_argument("--dry-run", action="store_true", help="report what would change; write nothing")
        parser.add_argument("--no-input", action="store_false", dest="interactive", help="do not ask before writing")

    def handle(self, *, text, user, reason, dry_run, interactive, **options):
        if user is not None:
            self.stdout.write(
                f"changes by this account, which stay: {Change.objects.filter(by__username=user).count()}"
            )
        else:
            for model, pks in rows_with(text).items():
                self.stdout.write(f"{model._meta.verbose_name}: {len(pks)}")
        if dry_run:
            return
        if interactive and not self._confirmed():
            raise CommandError("Nothing was removed.")
        try:
            if text is not None:
                self.stdout.write(f"Removed from {remove_words(text, reason=reason)} rows.")
            else:
                self.stdout.write(f"Removed. The account is now {remove_account(user, reason=reason)}.")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _confirmed(self):
        try:
            return input("This can't be undone. Type 'yes' to continue: ") == "yes"
        except EOFError:  # nobody is there to ask
            return False
