"""What describes the data for programs: DCAT, a data package, Croissant, ``llms.txt``, the editors’ pages as text."""

import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.generic import View

from tenders.caching import VersionedMixin
from tenders.catalogue import dataset_summary
from tenders.citing import citation_of_version
from tenders.descriptions.croissant import croissant
from tenders.descriptions.datapackage import data_package
from tenders.descriptions.dcat import Catalogue
from tenders.descriptions.llms import llms_text
from tenders.models import Page
from tenders.versions import current_editions, versions_in
from tenders.versions.manifests import MANIFEST
from tenders.views.downloads import StrictMixin
from tenders.views.versions import VersionsMixin, file_url, media_type_of


class DescriptionView(StrictMixin, VersionsMixin, View):
    """A description of the data set, in English; it has no parameters."""

    http_method_names = ("get", "head")
    content_type = "application/json"

    def get(self, request):
        with override("en"):
            data = self.cache.get_or_compute(["data"], dataset_summary)
            content = self.describe(data, current_editions(versions_in(settings.DATA_VERSIONS)))
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        return HttpResponse(text, content_type=self.content_type)

    def describe(self, data, versions):
        """Return the description, as text or as JSON serialisable data."""
        raise NotImplementedError


class Dcat(DescriptionView):
    content_type = "application/ld+json"

    def describe(self, data, versions):
        return Catalogue(data, versions, self.request.build_absolute_uri, media_type_of).as_data()


class DataPackage(DescriptionView):
    def describe(self, data, versions):
        return data_package(data, self.request.build_absolute_uri)


class Croissant(DescriptionView):
    content_type = "application/ld+json"

    def describe(self, data, versions):
        if not versions:
            raise Http404(_("No version has been released yet."))
        address = self.request.build_absolute_uri(file_url(versions[-1], MANIFEST))
        citation = citation_of_version(versions[-1], data, address).text
        return croissant(versions[-1], data, self.request.build_absolute_uri, citation)


class LlmsText(DescriptionView):
    content_type = "text/plain; charset=utf-8"

    def describe(self, data, versions):
        return llms_text(data, versions, self.request.build_absolute_uri)


class PageText(StrictMixin, VersionedMixin, View):
    """A page of the editors as they write it: Markdown, in the language of the address."""

    parameters = frozenset()
    http_method_names = ("get", "head")

    def get(self, request, slug):
        page = get_object_or_404(Page, slug=slug)
        address = request.build_absolute_uri(page.get_absolute_url())
        return HttpResponse(
            f"# {page.title}\n\n{page.text}\n",
            content_type="text/markdown; charset=utf-8",
            headers={"Link": f'<{address}>; rel="alternate"; type="text/html"'},
        )
