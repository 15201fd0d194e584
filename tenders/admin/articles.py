"""Articles, the tenders that they count, and the pages under /about/."""

import re

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.base import AutocompletesMixin, annotation
from tenders.admin.editorial import EditorialAdmin, EditorialForm
from tenders.admin.filters import WorkQueueFilter
from tenders.admin.verdict_review import ClaimAwareAdmin
from tenders.claims.queries import claims_of
from tenders.claims.sentences import label, printed_text
from tenders.claims.verdict_history import cached_evaluations
from tenders.models import Article, Inclusion, Page
from tenders.models.articles import MARK

IN_BRACKETS = re.compile(r"\[\[.*?\]\]", re.DOTALL)


class ArticleForm(EditorialForm):
    """An article, in whose text nothing is marked but its own claims."""

    class Meta:
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
        codes = sorted(self.instance.claims.values_list("code", flat=True)) if self.instance.pk else []
        found = dict.fromkeys(IN_BRACKETS.findall(text))
        wrong = [marked for marked in found if not (mark := MARK.fullmatch(marked)) or mark[1] not in codes]
        if wrong and not codes:
            message = _(
                "%(marks)s marks no claim: the article has none yet. Save it without marks, add its claims first."
            )
        elif wrong:
            message = _("%(marks)s marks no claim of this article. There are: %(codes)s.")
        else:
            return text
        raise forms.ValidationError(message, params={"marks": _(", ").join(wrong), "codes": _(", ").join(codes)})


class InclusionInline(AutocompletesMixin, admin.TabularInline):
    model = Inclusion
    extra = 0
    fields = ["tender", "reason", "reason_zh"]
    autocomplete_fields = ["tender"]
    verbose_name_plural = gettext_lazy("tenders that an editor has found to be among those that the article counts")
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
        (gettext_lazy("What it covers"), {"fields": [("from_date", "to_date"), "scope_en", "scope_zh", "sources"]}),
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

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and request.user.has_perm("tenders.view_claim"):
            evaluations = cached_evaluations(obj)
            context["claims"] = [
                (claim, printed_text(claim), label(claim, evaluations[claim.code])) for claim in claims_of(obj)
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(Page)
class PageAdmin(ClaimAwareAdmin):
    """The site's own pages; their slugs stay, as every page links to them."""

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
