"""``manage.py check_claims``: evaluate the claims of the articles; exit 1 if a verdict has changed."""

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
    help = "Evaluate the claims of the published articles, and record each verdict that has changed since."

    def add_arguments(self, parser):
        parser.add_argument("--article", metavar="SLUG", help="only the claims of this article")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *, article, format, **options):  # noqa: A002 the option's name
        articles = Article.objects.published().order_by("slug")
        if article is not None:
            articles = articles.filter(slug=article)
            if not articles:
                known = ", ".join(Article.objects.published().order_by("slug").values_list("slug", flat=True))
                raise CommandError(f"There is no published article “{article}”. Published: {known or 'none'}.")

        changed_verdicts = [
            change for change in record_verdict_changes(Cause.CHECKED, articles=articles) if change.before is not None
        ]
        cache = VersionedCache()
        evaluated = [
            (published, claim, evaluations_of(published, cache)[claim.code])
            for published in articles
            for claim in published.claims.order_by("code")
        ]
        if format == "json":
            rows = [_row(published, claim, evaluation) for published, claim, evaluation in evaluated]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            for published, claim, evaluation in evaluated:
                self.stdout.write(f"{published.slug} {claim.code} {evaluation.verdict}: {_reason(claim, evaluation)}")
        for change in changed_verdicts:
            self.stderr.write(
                f"{change.claim.article.slug} {change.claim.code}: "
                f"{change.before.value} → {change.evaluation.verdict.value}"
            )
        if changed_verdicts:
            message = ngettext("%(n)s verdict has changed.", "%(n)s verdicts have changed.", len(changed_verdicts))
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
        "printed_low": _json_number(claim.printed_low),
        "printed_high": _json_number(claim.printed_high),
        "unit": claim.unit,
        "recorded": _json_number(evaluation.recorded),
        "low": _json_number(evaluation.low),
        "high": _json_number(evaluation.high),
        "verdict": evaluation.verdict.value,
        "reason": _reason(claim, evaluation),
    }


def _reason(claim, evaluation):
    """Return the reason as on the public page, followed by the error of a claim that cannot be evaluated."""
    return f"{reason(claim, evaluation)} {evaluation.problem}".strip()


def _printed(claim):
    """Return the printed number: [low, high] for "between", the middle for "about"."""
    if claim.printed_as == Printed.BETWEEN:
        return [_json_number(claim.printed_low), _json_number(claim.printed_high)]
    if claim.printed_as == Printed.ABOUT:
        return _json_number((claim.printed_low + claim.printed_high) / 2)
    return _json_number(claim.printed_high if claim.printed_low is None else claim.printed_low)


def _json_number(number):
    """Return a number for JSON, an integer if it is whole, else rounded to six decimals."""
    if number is None:
        return None
    number = round(Fraction(number), 6)
    return int(number) if number.denominator == 1 else float(number)
