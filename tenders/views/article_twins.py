"""Articles and claims as data: each figure that was printed beside what is recorded, with what proves it."""

from django.db.models import Q

from tenders.audit import public_history_of
from tenders.claims.queries import claims_of
from tenders.claims.residuals import residuals
from tenders.claims.verdict_history import evaluations_of
from tenders.exports.records import change_data, row_of
from tenders.exports.statements import SOURCE
from tenders.views.articles import (
    ArticleDetail,
    ArticleList,
    Compare,
    coverage,
    latest_articles,
    public_inclusions,
    verdict_counts,
)
from tenders.views.claim_data import claim_data, counted_data, over_all_tenders_data, verdict_change_data
from tenders.views.claims import ClaimDetail, public_verdict_changes
from tenders.views.figures import VERDICTS, Counted
from tenders.views.twins import TwinMixin

TEXTS = (
    *("title_en", "title_zh", "publisher", "publisher_zh", "published_date", "from_date", "to_date"),
    *("scope_en", "scope_zh"),
)  # of an article, as its fields are called


class ArticleTwinMixin(TwinMixin):
    """Mixin for the view of a page about articles that answers with data."""

    def article_data(self, article, evaluations):
        """Return what all pages show of an article."""
        return {
            "slug": article.slug,
            "address": self.absolute(article.get_absolute_url()),
            **{name: getattr(article, name) for name in TEXTS},
            "verdicts": {
                count["code"]: counted_data(Counted(count["number"], count["url"]), self.absolute)
                for count in verdict_counts(article, evaluations.values())
            },
        }


class ArticleListTwin(ArticleTwinMixin, ArticleList):
    page = "article-list"

    def get_data(self, **asked):
        results = [self.article_data(article, evaluations_of(article, self.cache)) for article in latest_articles()]
        return {"meta": {"total": len(results)}, "results": results}


class ArticleTwin(ArticleTwinMixin, ArticleDetail):
    """An article with its claims in the order of the page: what is wrong first; with ``verdict`` those of one."""

    page = "article-detail"
    parameters = frozenset({"verdict"})

    def get_data(self, verdict, **asked):
        article, claims = self.object, claims_of(self.object)
        evaluations = evaluations_of(article, self.cache, claims)
        shown = [
            claim
            for code in VERDICTS
            for claim in claims
            if evaluations[claim.code].verdict == code and verdict in ("", code)
        ]
        data = {
            **self.article_data(article, evaluations),
            "text_en": article.text_en,
            "text_zh": article.text_zh,
            "coverage": self._coverage(claims, evaluations),
            "residuals": [_residual_data(residual) for residual in residuals(claims, evaluations)],
            "inferred": [
                {"reference": inclusion.tender.reference, "reason": inclusion.reason, "reason_zh": inclusion.reason_zh}
                for inclusion in public_inclusions(article)
            ],
            "sources": [
                row_of(SOURCE, source)
                for source in article.sources.select_related("version_of").prefetch_related("files").order_by("slug")
            ],
            "claims": [claim_data(claim, evaluations[claim.code], self.absolute) for claim in shown],
            "history": [change_data(change) for change in public_history_of(article)],
        }
        return {"meta": {"total": len(shown)}, "article": data}

    def _coverage(self, claims, evaluations):
        found = coverage(self.object, claims, evaluations)
        counts = found.pop("counts")
        return {
            "counts": counts,
            **{name: counted_data(counted, self.absolute) for name, counted in found.items()},
        }


class ClaimTwin(ArticleTwinMixin, ClaimDetail):
    page = "claim-detail"

    def get_data(self, **asked):
        claim, article = self.object, self.object.article
        evaluations = evaluations_of(article, self.cache)
        passage = {claim.pk, claim.reading_of_id} - {None}
        readings = claims_of(article, ~Q(pk=claim.pk), Q(pk__in=passage) | Q(reading_of__in=passage))
        return {
            "claim": {
                "article": article.slug,
                **claim_data(claim, evaluations[claim.code], self.absolute),
                "over_all_tenders": over_all_tenders_data(claim, self.absolute),
                "readings": [reading.code for reading in readings],
                "verdict_changes": [verdict_change_data(change) for change in public_verdict_changes(claim)],
            }
        }


class CompareTwin(ArticleTwinMixin, Compare):
    """What the studies count of each year; a study that counts none has no claim there."""

    page = "article-compare"

    def get_data(self, **asked):
        articles, counts, recorded = self.find()
        results = [
            {
                "year": year,
                "recorded": counted_data(counted, self.absolute),
                "claims": [
                    {"article": article.slug, **claim_data(*counts[article.pk, year], self.absolute)}
                    for article in articles
                    if (article.pk, year) in counts
                ],
            }
            for year, counted in recorded.items()
        ]
        return {"meta": {"total": len(results)}, "results": results}


def _residual_data(residual):
    """Return what is missing of a year of an article, by its own figures."""
    return {
        "year": residual.year,
        "claim": residual.claim.code,
        "printed": residual.printed,
        "recorded": list(residual.recorded),
        "unidentified": residual.num_unidentified,
        "unfiled": list(residual.unfiled),
        "categories": [
            {
                "category": margin.category,
                "claim": margin.claim.code,
                "printed": margin.printed,
                "recorded": list(margin.recorded),
                "rest": margin.rest,
            }
            for margin in residual.margins
        ],
    }
