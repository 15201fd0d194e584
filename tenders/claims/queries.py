"""What a claim asks: its parsed queries, and what else its measure needs."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenders.claims.measures import measure_of
from tenders.claims.parsing import OF_TIME, periods
from tenders.models import Claim


class ClaimQueries:
    """
    What one claim asks, checked: ``by_name`` are its parsed queries, ``others`` the claims of its article by code.

    Raises ``ValidationError`` where that cannot be read (any longer).
    """

    def __init__(self, claim, parser, claims=()):
        self.claim, self.parser, self.measure = claim, parser, measure_of(claim)
        self.others = {other.code: other for other in claims}
        self.by_name = {name: self._parse(name) for name in self.measure.queries}
        self.measure.check(self)
        self._check_size()

    @property
    def query(self):
        return self.by_name["query"]

    @property
    def base_query(self):
        return self.by_name["base_query"]

    def argument(self, name, kind):
        """Return an argument of the measure; raises ``ValidationError`` unless it is there and of a type."""
        value = self.claim.arguments.get(name) if isinstance(self.claim.arguments, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool) or value in ("", []):
            raise ValidationError({name: _("This measure needs it.")})
        return value

    @property
    def record_key(self):
        """The record that the claim is about, as (kind, key); None when it is about none."""
        for kind in ("tender", "institution", "company"):
            if pk := getattr(self.claim, f"{kind}_id"):
                return kind, pk
        return None

    def _parse(self, name):
        text = getattr(self.claim, name, None)
        text = self.argument(name, str) if text is None else text
        try:
            return self.parser.parse(text)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from error

    def _check_size(self):
        """Raise unless the size of a set is that of some time, and a margin that of a year and a category."""
        asked = self.query.active_filters if self.claim.is_set_size or self.claim.is_margin else {}
        if self.claim.is_set_size and set(asked) - OF_TIME:
            raise ValidationError({"query": _("The size of a set is that of years or of a period, and nothing else.")})
        if self.claim.is_set_size and not periods(self.query):
            raise ValidationError({"query": _("There is no such day: the first is after the last.")})
        if self.claim.is_margin and (set(asked) != {"year", "category"} or len(asked["year"]) != 1):
            raise ValidationError({"query": _("A margin is the number of one year and one category.")})


def claims_of(article):
    """Return the claims of an article with what evaluating and showing them needs."""
    claims = list(
        Claim.objects.filter(article=article)
        .select_related("tender", "institution", "company", "reading_of")
        .prefetch_related("sources")
        .order_by("code")
    )
    for claim in claims:
        claim.article = article
    return claims
