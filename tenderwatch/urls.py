"""Root URLconf: English without a prefix, Chinese under /zh-hans/, URLs for programs without a language."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from tenders.urls import (
    citation_urlpatterns,
    feed_urlpatterns,
    machine_urlpatterns,
    preview_urlpatterns,
    text_urlpatterns,
)
from tenderwatch import health, monitoring

handler400 = "tenders.views.errors.bad_request"
handler404 = "tenders.views.errors.not_found"
handler500 = "tenders.views.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", monitoring.metrics, name="metrics"),
    *machine_urlpatterns,
    *i18n_patterns(
        path("admin/preview/", include(preview_urlpatterns)),
        path("admin/", include("accounts.urls")),
        path("admin/", admin.site.urls),
        path("", include("tenders.urls")),
        path("", include(citation_urlpatterns)),
        path("", include(feed_urlpatterns)),
        path("", include(text_urlpatterns)),
        prefix_default_language=False,
    ),
]
