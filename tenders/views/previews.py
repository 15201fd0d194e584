"""Previews: what is not public, shown to those who work on it as the public would see it. Nothing is written."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from tenders.caching import VersionedCache, VersionedMixin
from tenders.choices import EditorialState
from tenders.models import Article, Claim
from tenders.views.articles import ArticleDetail, ClaimDetail
from tenders.views.details import CompanyDetail, InstitutionDetail, TenderDetail


def as_if_public(record):
    """Let a record be public in memory, with its preview as its address; what is public stays as it is."""
    if not record.is_published:
        address = reverse(f"preview-{record._meta.model_name}", args=[record.natural_key()[0]])
        record.state = EditorialState.PUBLISHED
        record.get_absolute_url = lambda: address
    return record


class PreviewMixin:
    """A page of a record that is not public, for active staff who may view such records; others are asked to log in."""

    extra_context = {"is_preview": True}

    def dispatch(self, request, *args, **kwargs):
        may_view = f"tenders.view_{self.model._meta.model_name}"
        if not (request.user.is_active and request.user.is_staff and request.user.has_perm(may_view)):
            response = redirect_to_login(request.get_full_path(), reverse("admin:login"))
        else:
            self.cache = VersionedCache(enabled=False)
            response = super(VersionedMixin, self).dispatch(request, *args, **kwargs)  # nobody keeps a preview
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
    """A tender with its parties, which are published with it."""

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
    """A claim of an article that is not public."""

    def get_object(self, queryset=None):
        claims = Claim.objects.select_related("article", "tender", "institution", "company", "reading_of")
        claim = claims.filter(article__slug=self.kwargs["slug"], code=self.kwargs["code"]).first()
        if claim is None:
            raise Http404
        as_if_public(claim.article)
        return claim
