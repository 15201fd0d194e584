"""The living articles: each printed figure beside what is recorded today, and the studies beside each other."""

import re
from collections import Counter

from django import forms
from django.db.models import Count, Q
from django.http import Http404, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from tenders.audit import public_history_of
from tenders.caching import VersionedMixin
from tenders.choices import EVER_PUBLIC, EditorialState, Measure, Printed, Verdict
from tenders.claims.queries import claims_of
from tenders.claims.residuals import asked_year, residuals
from tenders.claims.verdict_history import evaluations_of
from tenders.facets import LimitedValuesMixin, PossibleValuesField, parameter_errors_of
from tenders.filters import TenderFilter
from tenders.markdown import render
from tenders.models import Article, Category, Claim, Company, Institution, Tender
from tenders.models.articles import CODE
from tenders.references import REFERENCE_PATTERN
from tenders.views.errors import gone, unreadable
from tenders.views.figures import (
    VERDICTS,
    Counted,
    counted,
    counted_part,
    counted_references,
    drawing,
    figure,
    figure_over_all_tenders,
)

# A mark, or what stands in a link or in code, where marks are left alone.
MARK_OR_LINK = re.compile(rf"(<(a|code|pre)\b.*?</\2>)|\[\[(?P<code>{CODE})\]\]", re.DOTALL)
REFERENCE = rf"\b[A-Z]{{1,2}}-{REFERENCE_PATTERN}\b"
ROWS = 25  # of the tenders named on a claim's page; the list has the rest


class ArticleList(VersionedMixin, TemplateView):
    """All public articles, the latest first, each with how many of its claims have which verdict."""

    template_name = "tenders/article_list.html"

    def get_context_data(self, **kwargs):
        articles = self.cache.get_or_compute(["articles", get_language()], self._articles)
        return super().get_context_data(articles=articles, **kwargs)

    def _articles(self):
        articles = Article.objects.published().order_by("-published_date", "slug")
        return [article_summary(article, self.cache) for article in articles]


def article_summary(article, cache):
    """Return what other pages than its own show of an article."""
    return {
        "title": article.title,
        "url": article.get_absolute_url(),
        "shown_publisher": article.shown_publisher,
        "published_date": article.published_date,
        "scope": article.scope,
        "verdicts": verdict_counts(article, evaluations_of(article, cache).values()),
    }


class VerdictForm(LimitedValuesMixin, forms.Form):
    """Of which verdict the claims of an article are wanted."""

    verdict = PossibleValuesField(required=False, choices=Verdict)


class ArticleDetail(VersionedMixin, DetailView):
    """
    One article: our text with its figures, all its claims by verdict, what is missing of it, how much is known.

    With ``verdict`` the claims of that verdict alone; 410 for an article that has been withdrawn.
    """

    model = Article
    template_name = "tenders/article_detail.html"

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.state == EditorialState.WITHDRAWN:
            return gone(request, self.object)
        form = VerdictForm(request.GET)
        if wrong := parameter_errors_of(form):
            return unreadable(request, wrong)
        return self.render_to_response(self.get_context_data(asked=form.cleaned_data["verdict"]))

    def get_queryset(self):
        return Article.objects.filter(state__in=EVER_PUBLIC)

    def get_context_data(self, asked, **kwargs):
        shown = self.cache.get_or_compute(["article", self.object.slug, get_language()], self._shown)
        groups = [group for group in shown["groups"] if asked in ("", group["code"])]
        return super().get_context_data(
            **{**shown, "groups": groups},
            asked=asked,
            num_asked=sum(len(group["figures"]) for group in groups),
            page_query=f"verdict={asked}" if asked else "",
            **kwargs,
        )

    def _shown(self):
        article = self.object
        claims = claims_of(article)
        evaluations = evaluations_of(article, self.cache)
        inclusions = article.inclusions.filter(tender__state=EditorialState.PUBLISHED).select_related("tender")
        figures = {claim.code: figure(claim, evaluations[claim.code]) for claim in claims}
        return {
            "text": text_with_figures(article.text, figures),
            "text_language": "zh-Hans" if article.text == article.text_zh != article.text_en else "en",
            "groups": [
                {
                    "code": verdict.value,
                    "label": str(verdict.label),
                    "figures": [shown for shown in figures.values() if shown["verdict"] == verdict],
                }
                for verdict in VERDICTS
            ],
            "verdicts": verdict_counts(article, evaluations.values()),
            "num_claims": len(claims),
            "residuals": shown_residuals(claims, evaluations, figures),
            "coverage": coverage(article, claims, evaluations),
            "history": public_history_of(article),
            "sources": list(article.sources.select_related("address_check").prefetch_related("files").order_by("slug")),
            "inferred": list(inclusions),
        }


def verdict_counts(article, evaluations):
    """Return how many claims of an article have each verdict, what is wrong first; those that none has are left out."""
    numbers = Counter(evaluation.verdict for evaluation in evaluations)
    return [
        {
            "code": verdict.value,
            "label": str(verdict.label),
            "number": numbers[verdict],
            "url": f"{article.get_absolute_url()}?verdict={verdict.value}",
        }
        for verdict in VERDICTS
        if numbers[verdict]
    ]


def text_with_figures(text, figures):
    """Return the HTML of an article's text, in which each mark is the figure of its claim."""

    def shown(found):
        if found["code"] not in figures:  # or a link, or code: a figure has links of its own
            return found[0]
        return render_to_string("components/figure.html", {"figure": figures[found["code"]]}).strip()

    return mark_safe(MARK_OR_LINK.sub(shown, render(text)))  # noqa: S308


def coverage(article, claims, evaluations):
    """Return how much of what an article counts is recorded, and of how much of that the amount is known."""

    def number_of(query):
        filterset = TenderFilter(QueryDict(query))
        number = filterset.qs.filter(figures__articles__contains=f",{article.slug},").count()
        address = "&".join(filter(None, [f"article={article.slug}", filterset.query_string()]))
        return Counted(number, f"{reverse('tender-list')}?{address}")

    sizes = [claim.printed_low for claim in claims if claim.is_set_size and claim.printed_as == Printed.EXACTLY]
    stated = [claim for claim in claims if claim.is_set_size]
    return {
        "counts": int(sum(sizes)) if sizes and len(sizes) == len(stated) else None,
        "recorded": number_of(""),
        "doubtful": number_of("certainty=low"),
        "amounts": number_of("amount=known"),
    }


def shown_residuals(claims, evaluations, figures):
    """Return the residual of each year as its table shows it."""
    names = {category.slug: category.name for category in Category.objects.all()}
    return [
        {
            "residual": residual,
            "figure": figures[residual.claim.code],
            "rows": [
                {
                    "margin": margin,
                    "name": names.get(margin.category, margin.category),
                    "figure": figures[margin.claim.code],
                    "recorded": counted(evaluations[margin.claim.code].query_results[0]),
                }
                for margin in residual.margins
            ],
            "filed": counted_references(sorted(residual.filed)),
            "unfiled": counted_references(residual.unfiled),
        }
        for residual in residuals(claims, evaluations)
    ]


class ClaimDetail(VersionedMixin, DetailView):
    """One claim: printed, recorded, between which limits it must lie, the verdict and why, and since when."""

    model = Claim
    template_name = "tenders/claim_detail.html"

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.article.state == EditorialState.WITHDRAWN:
            return gone(request, self.object.article)
        return self.render_to_response(self.get_context_data())

    def get_object(self, queryset=None):
        claims = Claim.objects.filter(
            article__slug=self.kwargs["slug"],
            article__state__in=EVER_PUBLIC,
            code=self.kwargs["code"],
        )
        claim = claims.select_related("article", "tender", "institution", "company").first()
        if claim is None:
            raise Http404(_("No public article has a claim with the code %(code)s here.") % self.kwargs)
        return claim

    def get_context_data(self, **kwargs):
        claim = self.object
        shown = self.cache.get_or_compute(["claim", claim.article.slug, claim.code, get_language()], self._shown)
        return super().get_context_data(**shown, article=claim.article, **kwargs)

    def _shown(self):
        claim, article = self.object, self.object.article
        evaluations = evaluations_of(article, self.cache)
        evaluation = evaluations[claim.code]
        passage = {claim.pk, claim.reading_of_id} - {None}
        readings = claims_of(article, ~Q(pk=claim.pk), Q(pk__in=passage) | Q(reading_of__in=passage))
        return {
            "figure": figure(claim, evaluation),
            "evaluation": evaluation,
            "drawing": drawing(claim, evaluation),
            "parts": [counted_part(query_result) for query_result in evaluation.query_results],
            "rows": self._rows(evaluation),
            "over_all_tenders": figure_over_all_tenders(claim),
            "readings": [figure(other, evaluations[other.code]) for other in readings],
            "verdict_changes": public_verdict_changes(claim),
            "read_in": list(claim.sources.order_by("slug")),
        }

    def _rows(self, evaluation):
        """Return the first tenders that are certainly and possibly counted, in the order of the queries."""
        if not evaluation.query_results:
            return {}
        query_result = evaluation.query_results[0]
        named = [*query_result.certain[:ROWS], *query_result.possible[:ROWS]]
        tenders = {
            tender.reference: tender for tender in Tender.objects.published().filter(reference__in=named).for_list()
        }
        return {
            "certain": [tenders[reference] for reference in query_result.certain[:ROWS] if reference in tenders],
            "possible": [tenders[reference] for reference in query_result.possible[:ROWS] if reference in tenders],
            "more_certain": max(0, len(query_result.certain) - ROWS),
            "more_possible": max(0, len(query_result.possible) - ROWS),
        }


def public_verdict_changes(claim):
    """Return the changes of a claim's verdict, the latest first; what is not public any more is not named."""
    verdict_changes = list(claim.verdict_changes.order_by("-changed_at"))
    named = [set(re.findall(REFERENCE, f"{change.subject} {change.details}")) for change in verdict_changes]
    records = set().union(*named)
    public = {
        reference
        for model in (Tender, Institution, Company)
        for reference in model.objects.published().filter(reference__in=records).values_list("reference", flat=True)
    }
    for verdict_change, references in zip(verdict_changes, named, strict=True):
        if references - public:
            verdict_change.subject, verdict_change.details = _("A record"), ""
    return verdict_changes


class Compare(VersionedMixin, TemplateView):
    """What several studies count of the same years, side by side, each with its stated scope and what is recorded."""

    template_name = "tenders/article_compare.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.cache.get_or_compute(["compare", get_language()], self._shown), **kwargs)

    def _shown(self):
        articles, cells = [], {}
        for article in Article.objects.published().order_by("published_date", "slug"):
            evaluations = evaluations_of(article, self.cache)
            claims = sorted(claims_of(article), key=lambda claim: (claim.is_set_size, claim.reading_of is None))
            years = {  # the size of the set rather than any other count, and no reading of another claim
                year: figure(claim, evaluations[claim.code])
                for claim in claims
                if claim.measure == Measure.COUNT and claim.printed_as and (year := asked_year(evaluations[claim.code]))
            }
            if years:
                articles.append(article)
                for year, found in years.items():
                    cells[article.pk, year] = found
        recorded = dict(Tender.objects.published().order_by("year").values_list("year").annotate(Count("pk")))
        return {
            "articles": articles,
            "rows": [
                {
                    "year": year,
                    "cells": [(article.shown_publisher, cells.get((article.pk, year))) for article in articles],
                    "recorded": Counted(recorded.get(year, 0), f"{reverse('tender-list')}?year={year}"),
                }
                for year in sorted({year for _pk, year in cells})
            ],
        }
