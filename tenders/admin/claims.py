"""Claims: what articles state that can be checked."""

import re

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenders.admin.base import is_id, shorten
from tenders.admin.claim_fields import fieldsets, measure_of_code, stored_fieldsets
from tenders.admin.claim_form import ClaimForm, find_article
from tenders.admin.editorial import may_write
from tenders.admin.filters import RelatedOnly, WorkQueueFilter
from tenders.admin.verdict_review import ClaimAwareAdmin, DryRun, roll_back
from tenders.choices import Verdict
from tenders.claims.evaluation import evaluate_article
from tenders.claims.measures.base import NO_MEASURE
from tenders.claims.queries import claims_of
from tenders.claims.sentences import label, printed_text, reason
from tenders.claims.verdict_history import cached_evaluations
from tenders.models import Article, Claim
from tenders.work_queues import may_change_all, own_drafts

FROM_ARTICLE = "from_article"  # in addresses: a claim that is saved leads back to its article


@admin.register(Claim)
class ClaimAdmin(ClaimAwareAdmin):
    form = ClaimForm
    change_form_template = "admin/tenders/claim_change_form.html"
    list_display = ["code", "shown_statement", "printed", "last_verdict", "article"]
    list_display_links = ["code", "shown_statement"]
    list_select_related = ["article"]
    list_filter = [WorkQueueFilter, ("article", RelatedOnly), "measure"]
    search_fields = ["code", "statement_en", "statement_zh", "note", "note_zh"]
    ordering = ["article", "code"]
    autocomplete_fields = ["sources", "tender", "institution", "company"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_last_verdict()

    def get_readonly_fields(self, request, obj=None):
        return ["article", "code"] if obj else []

    def get_changeform_initial_data(self, request):
        """Offer the code that comes next in the article."""
        initial = super().get_changeform_initial_data(request)
        article = initial.get("article", "")
        codes = Claim.objects.filter(article=article).values_list("code", flat=True) if is_id(article) else []
        letter, number = max(((code[0], int(re.search("[0-9]+", code)[0])) for code in codes), default=("A", 0))
        return {"code": f"{letter}{number + 1:02}", **initial}

    def get_view_on_site_url(self, obj=None):
        """Link to the public page of a claim of an article that is public."""
        return super().get_view_on_site_url(obj) if obj and obj.article.is_published else None

    @admin.display(description=gettext_lazy("statement"), ordering="statement_en")
    def shown_statement(self, claim):
        return shorten(claim.statement, 62)

    @admin.display(description=gettext_lazy("in the article"))
    def printed(self, claim):
        return printed_text(claim)

    @admin.display(description=gettext_lazy("last verdict"), ordering="last_verdict")
    def last_verdict(self, claim):
        return Verdict(claim.last_verdict).label if claim.last_verdict else None

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_write(request, obj and obj.article)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_write(request, obj and obj.article)

    def _may_write(self, request, article):
        """Return whether somebody may write the claims of an article: editors any, contributors of their own drafts."""
        return article is None or may_change_all(Claim, request.user) or may_write(article, request.user)

    def can_change_verdicts(self, request, obj, kind):
        """Return whether the claim's article is public: only then its claims bear on public verdicts."""
        article = obj.article if obj else find_article(request.POST.get("article"))
        return bool(article and article.is_published) and "_check" not in request.POST

    def save_model(self, request, obj, form, change):
        if not self._may_write(request, obj.article):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Save what belongs to a claim; "Check without saving" rolls it back and shows what the verdict would be."""
        super().save_related(request, form, formsets, change)
        if "_check" in request.POST:
            roll_back(DryRun(evaluation=evaluate_article(form.instance.article)[form.instance.code]))

    def get_deleted_objects(self, objs, request):
        """Protect a claim that its article's text marks, or that other claims of it lean on."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, permissions, [*protected, *(why for claim in objs for why in _needed(claim))]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if dry_run := context.get("dry_run"):  # it has evaluated the claim as it would be once saved
            evaluation = dry_run.evaluation
        else:
            evaluation = cached_evaluations(obj.article)[obj.code] if obj and request.method != "POST" else None
        context["matches"] = list(form.matches())
        if evaluation:
            context["verdict"] = label(evaluation)
            context["reason"] = f"{reason(form.instance, evaluation)} {evaluation.problem}".strip()
        context["verdict_changes"] = obj.verdict_changes.order_by("-changed_at") if obj else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_fieldsets(self, request, obj=None):
        """Show the fields of the chosen measure; who may only view sees the claim as it is stored."""
        code = obj.measure if obj else request.GET.get("measure", "")
        measure = measure_of_code(request.POST.get("measure", "") if request.method == "POST" else code)

        def is_filled(name):
            if request.method == "POST":
                return bool(request.POST.get(name))
            return name != "sources" and bool(getattr(obj, name, None))

        if obj and not self.has_change_permission(request, obj):
            return stored_fieldsets(measure_of_code(obj.measure) or NO_MEASURE)
        return fieldsets(measure, is_filled)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer the articles whose claims somebody may write."""
        if db_field.name == "article" and not may_change_all(Article, request.user):
            kwargs["queryset"] = Article.objects.filter(own_drafts(Article, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_add(self, request, obj, post_url_continue=None):
        return self._in_article(request, obj, super().response_add(request, obj, post_url_continue))

    def response_change(self, request, obj):
        return self._in_article(request, obj, super().response_change(request, obj))

    def _in_article(self, request, obj, response):
        """Add another claim to the same article, or lead back to it."""
        if "_addanother" in request.POST:
            back = {FROM_ARTICLE: request.GET[FROM_ARTICLE]} if FROM_ARTICLE in request.GET else {}
            query = {"article": obj.article_id, **back}
            return HttpResponseRedirect(reverse("admin:tenders_claim_add", query=query))
        if FROM_ARTICLE in request.GET and "_continue" not in request.POST:
            return HttpResponseRedirect(reverse("admin:tenders_article_change", args=[obj.article_id]))
        return response


def _needed(claim):
    """Yield why a claim must stay."""
    article = claim.article
    if f"[[{claim.code}]]" in article.text_en + article.text_zh:
        message = _("%(code)s is marked in the article’s text: remove [[%(code)s]] there first")
        yield message % {"code": claim.code}
    for other in claims_of(article):
        if other.reading_of_id == claim.pk:
            yield _("%(other)s is another reading of %(code)s") % {"other": other.code, "code": claim.code}
        if claim.code in [*other.arguments.get("claims", []), other.arguments.get("total")]:
            yield _("%(other)s adds up %(code)s") % {"other": other.code, "code": claim.code}
