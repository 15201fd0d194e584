"""Previews: pages of unpublished records for users of the admin, as the public would see them. Nothing is saved."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from tenders.caching import VersionedCache, VersionedMixin
from tenders.choices import EditorialState
from tenders.models import Article, Claim
from tenders.views.articles import ArticleDetail
from tenders.views.claims import ClaimDetail
from tenders.views.details import CompanyDetail, InstitutionDetail, TenderDetail


def as_if_public(record):
    """Mark an unpublished record as published in memory only, with its preview as its address."""
    if not record.is_published:
        address = reverse(f"preview-{record._meta.model_name}", args=[record.natural_key()[0]])
        record.state = EditorialState.PUBLISHED
        record.get_absolute_url = lambda: address
    return record


class PreviewMixin:
    """A page of an unpublished record for users who may view such records; others are redirected to log in."""

    extra_context = {"is_preview": True}
    parameters = None  # never kept

    def dispatch(self, request, *args, **kwargs):
        permission = f"tenders.view_{self.model._meta.model_name}"
        if not request.user.has_perm(permission):  # no inactive user has any
            response = redirect_to_login(request.get_full_path(), reverse("admin:login"))
        else:
            self.cache = VersionedCache(enabled=False)
            response = super(VersionedMixin, self).dispatch(request, *args, **kwargs)  # no ETag
        add_never_cache_headers(response)
        return response

    def get(self, request, *args, **kwargs):
        record = self.get_object()
        if record.get_absolute_url() != request.path:
            return redirect(record)
        return super().get(request, *args, **kwargs)

    def get_object(self, queryset=None):
        return as_if_public(super().get_object(queryset))


class RecordPreview(PreviewMixin):
    def get_queryset(self):
        return self.model.objects.for_page()


class TenderPreview(RecordPreview, TenderDetail):
    """A tender; its parties, which are published with it, are shown too."""

    def get_object(self, queryset=None):
        tender = super().get_object(queryset)
        for party in filter(None, [tender.buyer, *tender.suppliers]):
            as_if_public(party)
        return tender


class InstitutionPreview(RecordPreview, InstitutionDetail):
    pass


class CompanyPreview(RecordPreview, CompanyDetail):
    pass


class ArticlePreview(PreviewMixin, ArticleDetail):
    def get_queryset(self):
        return Article.objects.all()


class ClaimPreview(PreviewMixin, ClaimDetail):
    """A claim of an unpublished article."""

    def get_object(self, queryset=None):
        claims = Claim.objects.select_related("article", "tender", "institution", "company")
        claim = claims.filter(article__slug=self.kwargs["slug"], code=self.kwargs["code"]).first()
        if claim is None:
            raise Http404
        as_if_public(claim.article)
        return claim
