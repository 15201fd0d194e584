"""The living articles: each printed figure beside what is recorded today, and the studies beside each other."""

from collections import Counter

from django import forms
from django.db.models import Count, Q, TextChoices
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from tenders.audit import public_history_of
from tenders.caching import VersionedMixin
from tenders.choices import EVER_PUBLIC, Certainty, EditorialState, Measure, Printed, Verdict
from tenders.claims.queries import claims_of
from tenders.claims.residuals import asked_year, residuals
from tenders.claims.verdict_history import evaluations_of
from tenders.claims.wording import Names
from tenders.facets import LimitedValuesMixin, PossibleValuesField, parameter_errors_of
from tenders.models import Article, Tender
from tenders.views.article_texts import text_as_printed, text_of_today
from tenders.views.claims import last_verdict_changes
from tenders.views.errors import gone, unreadable
from tenders.views.figures import VERDICTS, Counted, counted, counted_references, figure


class ArticleList(VersionedMixin, TemplateView):
    """All public articles, the latest first, each with how many of its claims have which verdict."""

    parameters = frozenset()
    template_name = "tenders/article_list.html"

    def get_context_data(self, **kwargs):
        articles = self.cache.get_or_compute(["articles", get_language()], self._articles)
        return super().get_context_data(articles=articles, **kwargs)

    def _articles(self):
        return [article_summary(article, self.cache) for article in latest_articles()]


def latest_articles():
    """Return all public articles, the latest first."""
    return Article.objects.published().order_by("-published_date", "slug")


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


class Reading(TextChoices):
    """Which figures the text of an article has: those that it printed, or ours."""

    PRINTED = "printed", gettext_lazy("As published")
    TODAY = "today", gettext_lazy("As it would read today")


class ArticleForm(LimitedValuesMixin, forms.Form):
    """Which figures are wanted in the text of an article, or the claims of which verdict alone."""

    verdict = PossibleValuesField(required=False, choices=Verdict)
    view = PossibleValuesField(required=False, choices=Reading)

    def clean(self):
        super().clean()
        if self.data.get("verdict") and self.data.get("view"):
            self.add_error("view", _("Give either “verdict” or “view”."))


class ArticleDetail(VersionedMixin, DetailView):
    """
    One article: our text with its figures, all its claims by verdict, what is missing of it, how much is known.

    With ``view=today`` the text with our figures; with ``verdict`` the claims of that verdict alone. 410 for an article
    that has been withdrawn.
    """

    parameters = frozenset({"verdict", "view"})
    model = Article

    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        if self.object.state == EditorialState.WITHDRAWN:
            return gone(request, self.object)
        form = ArticleForm(request.GET)
        if wrong := parameter_errors_of(form):
            return unreadable(request, wrong)
        return self.render_to_response(self.get_context_data(**form.cleaned_data))

    def get_queryset(self):
        return Article.objects.filter(state__in=EVER_PUBLIC)

    def get_object(self, queryset=None):
        try:
            return super().get_object(queryset)
        except Http404:
            raise Http404(_("There is no public article at this address.")) from None

    def get_template_names(self):
        name = "article_today" if self.request.GET.get("view") == Reading.TODAY else "article_detail"
        return [f"tenders/{name}.html"]

    def get_context_data(self, verdict, view, **kwargs):
        if view == Reading.TODAY:
            shown = self.cache.get_or_compute(["article today", self.object.slug, get_language()], self._shown_today)
            query = f"view={view}"
        else:
            shown = self.cache.get_or_compute(["article", self.object.slug, get_language()], self._shown)
            groups = [group for group in shown["groups"] if verdict in ("", group["code"])]
            shown = {**shown, "groups": groups, "num_asked": sum(len(group["figures"]) for group in groups)}
            query = f"verdict={verdict}" if verdict else ""
        address = self.object.get_absolute_url()
        readings = [
            (Reading.PRINTED.label, address, view != Reading.TODAY),
            (Reading.TODAY.label, f"{address}?view={Reading.TODAY}", view == Reading.TODAY),
        ]
        return super().get_context_data(**shown, asked=verdict, displays=readings, page_query=query, **kwargs)

    def _figures(self):
        """Return the claims of the article, their evaluations, the names in them, and the figures that pages show."""
        claims = claims_of(self.object)
        evaluations = evaluations_of(self.object, self.cache, claims)
        names = Names(evaluations.values())
        figures = {claim.code: figure(claim, evaluations[claim.code], names) for claim in claims}
        return claims, evaluations, names, figures

    def _shown_today(self):
        *_rest, figures = self._figures()
        text, differences = text_of_today(self.object.text, figures)
        changes = last_verdict_changes(self.object)
        for difference in differences:
            difference["change"] = changes.get(difference["figure"]["code"])
        return {"text": text, "text_language": text_language(self.object), "differences": differences}

    def _shown(self):
        article = self.object
        claims, evaluations, names, figures = self._figures()
        inclusions = public_inclusions(article).select_related("tender__buyer", "tender__region", "tender__category")
        text, contents = text_as_printed(article.text, figures)
        return {
            "text": text,
            "text_language": text_language(article),
            "contents": contents,
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
            "residuals": shown_residuals(claims, evaluations, figures, names),
            "coverage": coverage(article, claims, evaluations),
            "history": public_history_of(article),
            "sources": list(article.sources.select_related("address_check").prefetch_related("files").order_by("slug")),
            "inferred": list(inclusions),
        }


def public_inclusions(article):
    """Return the public tenders that an article counts by an editor's inference, with the reasons."""
    return article.inclusions.filter(tender__state=EditorialState.PUBLISHED).select_related("tender")


def text_language(article):
    """Return the language of the text of an article that its reader sees."""
    return "zh-Hans" if article.text == article.text_zh != article.text_en else "en"


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


def coverage(article, claims, evaluations):
    """Return how much of what an article counts is recorded, and of how much of that the amount is known."""
    tenders = Tender.objects.published().with_figures().filter(figures__articles__contains=f",{article.slug},")
    numbers = tenders.aggregate(
        recorded=Count("pk"), doubtful=Count("pk", filter=Q(certainty=Certainty.LOW)), amounts=Count("award_amount")
    )

    def counted(name, query=""):
        return Counted(numbers[name], f"{reverse('tender-list')}?article={article.slug}{query}")

    sizes = [claim.printed_low for claim in claims if claim.is_set_size and claim.printed_as == Printed.EXACTLY]
    stated = [claim for claim in claims if claim.is_set_size]
    return {
        "counts": int(sum(sizes)) if sizes and len(sizes) == len(stated) else None,
        "recorded": counted("recorded"),
        "doubtful": counted("doubtful", f"&certainty={Certainty.LOW}"),
        "amounts": counted("amounts", "&amount=known"),
    }


def shown_residuals(claims, evaluations, figures, names):
    """Return the residual of each year as its table shows it."""
    return [
        {
            "residual": residual,
            "figure": figures[residual.claim.code],
            "rows": [
                {
                    "margin": margin,
                    "name": names.label("category", margin.category),
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


class Compare(VersionedMixin, TemplateView):
    """What several studies count of the same years, side by side, each with its stated scope and what is recorded."""

    parameters = frozenset()
    template_name = "tenders/article_compare.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.cache.get_or_compute(["compare", get_language()], self._shown), **kwargs)

    def _shown(self):
        articles, counts, recorded = self.find()
        cells = {key: figure(*found) for key, found in counts.items()}
        return {
            "articles": articles,
            "rows": [
                {
                    "year": year,
                    "cells": [(article.shown_publisher, cells.get((article.pk, year))) for article in articles],
                    "recorded": number,
                }
                for year, number in recorded.items()
            ],
        }

    def find(self):
        """
        Return the articles, what each counts of a year, and what is recorded of the years that one of them counts.

        The counts are (claim, evaluation) by (primary key of the article, year).
        """
        articles, counts = [], {}
        for article in Article.objects.published().order_by("published_date", "slug"):
            evaluations = evaluations_of(article, self.cache)
            claims = sorted(claims_of(article), key=lambda claim: (claim.is_set_size, claim.reading_of is None))
            years = {  # the size of the set rather than any other count, and no reading of another claim
                year: (claim, evaluations[claim.code])
                for claim in claims
                if claim.measure == Measure.COUNT and claim.printed_as and (year := asked_year(evaluations[claim.code]))
            }
            if years:
                articles.append(article)
                counts |= {(article.pk, year): found for year, found in years.items()}
        numbers = dict(Tender.objects.published().order_by("year").values_list("year").annotate(Count("pk")))
        return (
            articles,
            counts,
            {
                year: Counted(numbers.get(year, 0), f"{reverse('tender-list')}?year={year}")
                for year in sorted({year for _pk, year in counts})
            },
        )
