"""What a monitoring system asks: the metrics at ``/metrics``, for who has ``METRICS_TOKEN``."""

import hashlib
import os

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tenders.models import DatasetVersion
from tenderwatch import health


def hashed(text):
    """Return a number for a text that a float holds exactly: as a label, every version would begin a new series."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


class SiteCollector(Collector):
    """The state of the site at the moment of the question, which is the same for all processes."""

    def collect(self):
        is_up, version = True, ""
        try:
            health.database()
            version = DatasetVersion.current()
        except health.NotReadyError:
            is_up = False
        except DatabaseError:
            pass  # there is no table of it before the migrations
        yield GaugeMetricFamily("tenderwatch_database_up", "Whether the database answers", value=is_up)
        if version:
            yield GaugeMetricFamily(
                "tenderwatch_dataset_version",
                "A hash of the dataset version, which every write changes",
                value=hashed(version),
            )
        free = GaugeMetricFamily("tenderwatch_disk_free_bytes", "Free bytes of the disk of a folder", labels=["folder"])
        for folder, num_bytes in health.free_disk().items():
            free.add_metric([folder], num_bytes)
        yield free
        age = health.backup_age()
        if age is not None:
            seconds = age.total_seconds()
            yield GaugeMetricFamily("tenderwatch_backup_age_seconds", "Age of the last backup", value=seconds)


@never_cache
@require_safe
def metrics(request):
    """Return the metrics to who has the token; 404 where there is none."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token, settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    state = CollectorRegistry()
    state.register(SiteCollector())
    return HttpResponse(generate_latest(requests()) + generate_latest(state), content_type=CONTENT_TYPE_LATEST)


def requests():
    """Return the metrics of requests: of this process, or of a server with several added up."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    added_up = CollectorRegistry()
    MultiProcessCollector(added_up)
    return added_up
