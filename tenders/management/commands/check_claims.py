"""``manage.py check_claims``: judge the claims of the articles anew; exit 1 when a verdict has turned."""

import json
from fractions import Fraction

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from tenders.caching import VersionedCache
from tenders.choices import Cause, Printed
from tenders.claims.sentences import reason
from tenders.claims.verdict_history import evaluations_of, record_verdict_changes
from tenders.models import Article


class Command(BaseCommand):
    help = "Judge the claims of the published articles, and write down each verdict that has turned since it last was."

    def add_arguments(self, parser):
        parser.add_argument("--article", metavar="SLUG", help="only the claims of this article")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, article, format, **options):  # noqa: A002 the option's name
        articles = Article.objects.published().order_by("slug")
        if article is not None:
            articles = articles.filter(slug=article)
            if not articles:
                known = ", ".join(Article.objects.published().order_by("slug").values_list("slug", flat=True))
                raise CommandError(f"No published article is called “{article}”; there are: {known or 'none'}.")

        changed_verdicts = [
            each for each in record_verdict_changes(Cause.CHECKED, articles=articles) if each.before is not None
        ]
        cache = VersionedCache()
        evaluated = [
            (each, claim, evaluations_of(each, cache)[claim.code])
            for each in articles
            for claim in each.claims.order_by("code")
        ]
        if format == "json":
            rows = [_row(each, claim, evaluation) for each, claim, evaluation in evaluated]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            for each, claim, evaluation in evaluated:
                self.stdout.write(f"{each.slug} {claim.code} {evaluation.verdict}: {_reason(claim, evaluation)}")
        for each in changed_verdicts:
            self.stderr.write(
                f"{each.claim.article.slug} {each.claim.code}: {each.before.value} → {each.evaluation.verdict.value}"
            )
        if changed_verdicts:
            message = ngettext("%(n)s verdict has turned.", "%(n)s verdicts have turned.", len(changed_verdicts))
            raise CommandError(message % {"n": len(changed_verdicts)})


def _row(article, claim, evaluation):
    return {
        "article": article.slug,
        "code": claim.code,
        "measure": claim.measure,
        "query": claim.query,
        "base_query": claim.base_query,
        "printed": _printed(claim),
        "printed_as": claim.printed_as,
        "printed_low": _plain(claim.printed_low),
        "printed_high": _plain(claim.printed_high),
        "unit": claim.unit,
        "recorded": _plain(evaluation.recorded),
        "low": _plain(evaluation.low),
        "high": _plain(evaluation.high),
        "verdict": evaluation.verdict.value,
        "reason": _reason(claim, evaluation),
    }


def _reason(claim, evaluation):
    """Return what readers are told, and to those who run the site what cannot be read."""
    return f"{reason(claim, evaluation)} {evaluation.problem}".strip()


def _printed(claim):
    """Return the number that was printed; both ends of one that is a choice of several."""
    if claim.printed_as == Printed.BETWEEN:
        return [_plain(claim.printed_low), _plain(claim.printed_high)]
    if claim.printed_as == Printed.ABOUT:
        return _plain((claim.printed_low + claim.printed_high) / 2)
    return _plain(claim.printed_high if claim.printed_low is None else claim.printed_low)


def _plain(number):
    """Return a number as JSON writes it, rounded to six digits after the point."""
    if number is None:
        return None
    number = round(Fraction(number), 6)
    return int(number) if number.denominator == 1 else float(number)
