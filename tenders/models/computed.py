"""Models that database triggers compute (``tenders.triggers``); Python never writes them."""

from typing import NamedTuple

from django.db import connection, connections, models, router
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tenders.models.tenders import Tender


class TenderFigures(models.Model):
    """
    Denormalised figures of a tender, computed from its awards, suppliers and citations.

    ``award_amount`` is the sum of the awards in yuan, NULL unless there are some and all amounts are known.
    ``is_disputed``: sources state different values of one typed fact. ``is_same_region``: true if any supplier has its
    seat in the region of the purchase, false if none has and all seats are known, else NULL. Lists are texts such as
    ``,C-9TR6WB,C-4QX2VD,``: the suppliers with their sizes and regions as far as known, the kinds of all sources, and
    the articles that count the tender (its existence is cited from a source of the article, or there is an
    ``Inclusion``).
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


class Versions(NamedTuple):
    """Random texts that change with every write: of any record, of what is evaluated, and of what lists show."""

    dataset: str = ""
    evaluated: str = ""
    listed: str = ""


# On PostgreSQL the uncommitted writes of this transaction are a part of its versions (see ``tenders.triggers``).
VERSIONS_SQL = {
    "sqlite": "SELECT value, evaluated, listed, recorded FROM tenders_datasetversion",
    "postgresql": """
        SELECT value || COALESCE(current_setting('tenders.uncommitted', true), ''),
            evaluated || COALESCE(current_setting('tenders.uncommitted_evaluated', true), ''),
            listed || COALESCE(current_setting('tenders.uncommitted_listed', true), ''), recorded
        FROM tenders_datasetversion
    """,
}


class DatasetVersion(models.Model):
    """
    The dataset version: one row, whose random values change with every committed write.

    ``value`` changes with any record, ``evaluated`` with what evaluations of claims are computed from, ``listed`` with
    what lists without a search and their charts are computed from; ``recorded`` is the version of what is evaluated at
    which the verdicts of all published articles were recorded. Caches are keyed by them.
    A counter would reach numbers again for other records after a backup is restored.
    """

    value = models.CharField(_("version"), max_length=32)
    evaluated = models.CharField(_("version of what is evaluated"), max_length=32, db_default="")
    listed = models.CharField(_("version of what lists show"), max_length=32, db_default="")
    recorded = models.CharField(_("version of the recorded verdicts"), max_length=32, db_default="")

    class Meta:
        verbose_name = _("version of the records")
        verbose_name_plural = _("versions of the records")

    def __str__(self):
        return self.value

    @classmethod
    def lock(cls):
        """Block other writers until this transaction ends; call it before ``select_for_update`` on records."""
        list(cls.objects.select_for_update())

    @classmethod
    def versions(cls):
        """Return the current ``Versions``, empty texts where migrations have not been completed."""
        return Versions(*cls._row()[:3])

    @classmethod
    def current(cls):
        """Return the dataset version, or empty text where migrations have not been completed."""
        return cls.versions().dataset

    @classmethod
    def has_recorded_verdicts(cls):
        """Return whether nothing that evaluations are computed from was written since ``set_recorded_verdicts``."""
        _dataset, evaluated, _listed, recorded = cls._row()
        return evaluated == recorded != ""

    @classmethod
    def set_recorded_verdicts(cls):
        """Note that the verdicts of all published articles are recorded as they are now; the caller holds the lock."""
        cls.objects.update(recorded=F("evaluated"))
        if connection.vendor == "postgresql":  # what this transaction writes from now on is another version
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('tenders.uncommitted_evaluated', '', true)")

    @classmethod
    def _row(cls):
        read = connections[router.db_for_read(cls)]  # the version of the rows that a page shows
        with read.cursor() as cursor:
            cursor.execute(VERSIONS_SQL[read.vendor])
            return cursor.fetchone() or ("", "", "", "")
