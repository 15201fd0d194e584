"""``manage.py send_alerts``: mail readers what is new on the pages that they follow; exit 1 if a mail failed."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenders.alerts.asking import remove_unconfirmed
from tenders.alerts.sending import send_due
from tenders.models import Alert


class Command(BaseCommand):
    help = "Mail readers what is new on the pages that they follow, and delete what nobody has confirmed."

    def add_arguments(self, parser):
        parser.add_argument("--forget", metavar="ADDRESS", help="delete all alerts of a mail address, and send nothing")

    def handle(self, *, forget, **options):
        if forget:
            number, _of_model = Alert.objects.filter(email=forget.strip().lower()).delete()
            self.stdout.write(f"Alerts deleted: {number}.")
            return
        if not settings.CAN_SEND_MAIL:
            raise CommandError("No mail can be sent: set EMAIL_URL.")
        num_removed = remove_unconfirmed()
        outcome = send_due()
        summary = f"{outcome.num_sent} mails sent for {outcome.num_due} alerts that were due."
        if num_removed:
            summary += f" Deleted unconfirmed: {num_removed}."
        if outcome.num_failed:
            raise CommandError(f"{summary} Failed, to be sent again: {outcome.num_failed}.")
        self.stdout.write(summary)
