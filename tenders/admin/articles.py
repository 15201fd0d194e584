"""Articles, the tenders that they count, and the pages under /about/."""

import re

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.article_checks import empty_parts, missing_claims
from tenders.admin.base import AutocompletesMixin, annotation
from tenders.admin.editorial import PUBLISH, EditorialAdmin, EditorialForm
from tenders.admin.filters import WorkQueueFilter
from tenders.admin.slugs import SlugFormMixin
from tenders.admin.verdict_review import CONFIRMED_EMPTY, ClaimAwareAdmin, DryRun, ReasonedForm, roll_back
from tenders.claims.evaluation import evaluate_article
from tenders.claims.queries import claims_of
from tenders.claims.sentences import label, printed_text
from tenders.claims.verdict_history import cached_evaluations
from tenders.models import Article, Inclusion, Page
from tenders.models.articles import MARK

IN_BRACKETS = re.compile(r"\[\[.*?\]\]", re.DOTALL)


class ArticleForm(SlugFormMixin, EditorialForm):
    """An article, in whose text nothing is marked but claims; those of what is public are there."""

    class Meta:
        help_texts = {
            "text_en": gettext_lazy(
                "Markdown in our own words; begin with level-2 headings (##). [[A20]] shows the figure of "
                "claim A20. In a draft the claim may still be missing; the form offers to add it."
            )
        }
        widgets = {
            name: forms.TextInput(attrs={"class": "vLargeTextField"})
            for name in ("title_en", "title_zh", "scope_en", "scope_zh")
        } | {name: forms.Textarea(attrs={"class": "vLargeTextField", "rows": 20}) for name in ("text_en", "text_zh")}

    def clean_text_en(self):
        return self._marked("text_en")

    def clean_text_zh(self):
        return self._marked("text_zh")

    def _marked(self, name):
        text = self.cleaned_data[name]
        wrong = [marked for marked in dict.fromkeys(IN_BRACKETS.findall(text)) if not MARK.fullmatch(marked)]
        if wrong:
            message = _("%(marks)s doesn’t mark a claim: write the claim’s code in double brackets, such as [[A20]].")
            raise forms.ValidationError(message, params={"marks": _(", ").join(wrong)})
        missing = Article(pk=self.instance.pk, text_en=text).codes_without_claim() if self._becomes_public() else []
        if missing:
            message = _(
                "%(marks)s doesn’t match a claim of this article, so the article can’t be published. Add the "
                "claim or remove the mark."
            )
            marks = _(", ").join(f"[[{code}]]" for code in missing)
            raise forms.ValidationError(message, params={"marks": marks})
        return text

    def _becomes_public(self):
        """Return whether the article is public once the pressed button has done its work."""
        return "_publish" in self.data or (self.instance.is_published and "_withdraw" not in self.data)


class InclusionInline(AutocompletesMixin, admin.TabularInline):
    model = Inclusion
    extra = 0
    fields = ["tender", "reason", "reason_zh"]
    autocomplete_fields = ["tender"]
    verbose_name_plural = gettext_lazy("tenders that an editor has identified as counted by the article")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 40})}}


@admin.register(Article)
class ArticleAdmin(EditorialAdmin):
    form = ArticleForm
    change_form_template = "admin/tenders/article_change_form.html"
    num_claims = annotation("num_claims", gettext_lazy("claims"))
    list_display = ["slug", "title", "publisher", "published_date", "num_claims", "state"]
    list_display_links = ["slug", "title"]
    list_filter = [WorkQueueFilter, "state"]
    search_fields = ["slug", "title_en", "title_zh", "publisher", "publisher_zh"]
    ordering = ["published_date", "slug"]
    autocomplete_fields = ["sources"]
    fieldsets = [
        (None, {"fields": ["state", "title_en", "title_zh", "slug", ("publisher", "publisher_zh"), "published_date"]}),
        (gettext_lazy("Scope"), {"fields": [("from_date", "to_date"), "scope_en", "scope_zh", "sources"]}),
        (gettext_lazy("Our text"), {"fields": ["text_en", "text_zh"]}),
    ]
    inlines = [InclusionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(num_claims=Count("claims"))

    def get_readonly_fields(self, request, obj=None):
        return ["state", "slug"] if obj else ["state"]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title_en"]}

    @admin.display(description=gettext_lazy("title"), ordering="title_en")
    def title(self, article):
        return article.title

    def _move_record(self, request, record, move, reason):
        """Let an editor see what is empty in an article before it is public, and confirm it."""
        if move is PUBLISH and not record.is_published and self.has_publish_permission(request):
            dry_run = DryRun(empty_parts=tuple(empty_parts(record, evaluate_article(record))))
            if dry_run.empty_parts and dry_run.digest_of_empty_parts not in request.POST.getlist(CONFIRMED_EMPTY):
                roll_back(dry_run)
        return super()._move_record(request, record, move, reason)

    def warn_of_problems(self, request, records):
        """Name the claims that the text marks and the article has not, with a link to add each."""
        for article in records:
            if (missing := missing_claims(article)) and self.has_change_permission(request, article):
                links = format_html_join(" ", '<a href="{}">[[{}]]</a>', [(url, code) for code, url in missing])
                text = _("Saved. The text marks claims that haven’t been added yet. Add them: {claims}")
                self.message_user(request, format_html(text, claims=links), messages.WARNING)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and request.user.has_perm("tenders.view_claim"):
            evaluations = cached_evaluations(obj)
            context["claims"] = [
                (claim, printed_text(claim), label(evaluations[claim.code])) for claim in claims_of(obj)
            ]
            context["empty_parts"] = [] if obj.is_published else empty_parts(obj, evaluations)
            typed = context["adminform"].form
            texts = {name: typed[name].value() or "" for name in ("text_en", "text_zh") if name in typed.fields}
            context["missing_claims"] = missing_claims(Article(pk=obj.pk, **texts)) if texts else []
            context["is_shown_again"] = request.method == "POST"
        context["confirmed_empty_parts"] = request.POST.getlist(CONFIRMED_EMPTY)
        return super().render_change_form(request, context, add, change, form_url, obj)


class PageForm(SlugFormMixin, ReasonedForm):
    """A page of the site."""


@admin.register(Page)
class PageAdmin(ClaimAwareAdmin):
    """The site's own pages; their slugs stay, as every page links to them."""

    form = PageForm
    list_display = ["title_en", "title_zh", "slug", "position"]
    search_fields = ["slug", "title_en", "title_zh", "text_en", "text_zh"]

    def can_change_verdicts(self, request, obj, kind):
        """Return False: no verdict rests on a page."""
        return False

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title_en"]}

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and obj is not None and not obj.is_linked_everywhere
