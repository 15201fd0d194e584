"""URLs of the site, and of the two pages to compare it with."""

from django.urls import path

from bench import pages
from tenderwatch.urls import *  # noqa: F403
from tenderwatch.urls import urlpatterns

urlpatterns = [
    path("bench/floor/", pages.floor),
    path("bench/plain/", pages.plain),
    *urlpatterns,
]
