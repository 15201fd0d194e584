"""What is computed of the records: kept by the database itself (``tenders.triggers``), never written by Python."""

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from tenders.models.tenders import Tender


class TenderFigures(models.Model):
    """
    What follows from a tender's awards, suppliers and citations; one row for each tender.

    The awarded amount is the sum of its awards in yuan, unknown unless there are some and all are known. Sources
    disagree when they state different values of one typed fact. Purchase and winner are in one region when any
    supplier has its seat there; they are not when the seats of all are known. Lists are texts such as
    ``,C-9TR6WB,C-4QX2VD,``: what is known of any supplier, the kinds of all sources, and the articles that count the
    tender: from whose sources its existence is cited, or of which an editor says so.
    """

    tender = models.OneToOneField(
        Tender,
        models.DO_NOTHING,
        verbose_name=_("tender"),
        related_name="figures",
        primary_key=True,
        db_constraint=False,
    )
    award_amount = models.DecimalField(_("awarded (yuan)"), max_digits=15, decimal_places=2, null=True, db_index=True)
    is_same_region = models.BooleanField(_("purchase and winner in one region"), null=True)
    companies = models.TextField(_("winners"), db_default="")
    company_sizes = models.TextField(_("sizes of the winners"), db_default="")
    company_regions = models.TextField(_("regions of the winners"), db_default="")
    is_disputed = models.BooleanField(_("sources disagree"), db_default=False)
    source_kinds = models.TextField(_("kinds of the sources"), db_default="")
    articles = models.TextField(_("articles that count it"), db_default="")

    class Meta:
        verbose_name = _("figures of a tender")
        verbose_name_plural = _("figures of tenders")

    def __str__(self):
        return str(self.tender)


# The version of the records; PostgreSQL also tells what this transaction has written since (see ``tenders.triggers``).
CURRENT = {
    "sqlite": "SELECT value FROM tenders_datasetversion",
    "postgresql": (
        "SELECT value || COALESCE(current_setting('tenders.uncommitted', true), '') FROM tenders_datasetversion"
    ),
}


class DatasetVersion(models.Model):
    """
    The version of all records together: one row, whose random value every write that is committed renews.

    Two answers made under one version were made of the same records. It is random, so that a backup that is
    restored never meets an answer that was made of other records under the same number.
    """

    value = models.CharField(_("version"), max_length=32)

    class Meta:
        verbose_name = _("version of the records")
        verbose_name_plural = _("versions of the records")

    def __str__(self):
        return self.value

    @classmethod
    def lock(cls):
        """Make other writers wait until this transaction ends: for those who lock records before they write."""
        list(cls.objects.select_for_update())

    @staticmethod
    def current():
        """Return the version of the records, or empty text where no migration has been completed."""
        with connection.cursor() as cursor:
            cursor.execute(CURRENT[connection.vendor])
            row = cursor.fetchone()
        return row[0] if row else ""
