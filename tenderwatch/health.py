"""Probes: whether the site is alive (``/healthz``), and whether it can do its work (``/readyz``)."""

import shutil
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tenders.operations import last_backup_at

MEGABYTE = 1_000_000


class NotReadyError(Exception):
    """What keeps the site from doing its work, in words."""


@never_cache
@require_safe
def healthz(request):
    """Return 200: a process of the site answers. The database is not asked."""
    return JsonResponse({"site": "alive"})


@never_cache
@require_safe
def readyz(request):
    """Return 200 if all checks hold, else 503, with what each of them found; ``?exclude=NAME`` leaves one out."""
    excluded = request.GET.getlist("exclude")
    if unknown := set(excluded) - set(CHECKS):
        detail = f"There is no check called {', '.join(sorted(unknown))}, but: {', '.join(CHECKS)}."
        return JsonResponse({"detail": detail}, status=400)
    found, is_ready = {}, True
    for name, check in CHECKS.items():
        if name not in excluded:
            try:
                found[name] = check()
            except NotReadyError as problem:
                found[name], is_ready = str(problem), False
    return JsonResponse(found, status=200 if is_ready else 503)


def database():
    """Check that the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise NotReadyError("does not answer") from error
    return "answers"


def migrations():
    """Check that every migration of this version is applied."""
    try:
        missing = shipped_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError as error:
        raise NotReadyError("unknown") from error
    if missing:
        raise NotReadyError(f"{len(missing)} missing: run migrate")
    return "applied"


@cache
def shipped_migrations():
    """Return the migrations of this version, as pairs of app and name."""
    return frozenset(MigrationLoader(None).disk_migrations)


def disk():
    """Check that every disk that the site writes to has ``MIN_FREE_DISK_MB`` free."""
    free = min(free_disk().values())
    text = f"{free // MEGABYTE:,} MB free"
    if free < settings.MIN_FREE_DISK_MB * MEGABYTE:
        raise NotReadyError(f"{text}, less than {settings.MIN_FREE_DISK_MB:,} MB")
    return text


def free_disk():
    """Return the free bytes of the disks of what the site writes, by name; folders that are not there yet count too."""
    folders = {"evidence": Path(settings.EVIDENCE_ROOT)}
    if connection.vendor == "sqlite":
        folders["database"] = Path(connection.settings_dict["NAME"]).absolute().parent
    return {name: shutil.disk_usage(_existing(folder)).free for name, folder in folders.items()}


def _existing(folder):
    return next(path for path in (folder, *folder.parents) if path.exists())


def backup():
    """Check that there is a backup younger than ``BACKUP_MAX_AGE_HOURS``, if one is expected."""
    if not settings.BACKUP_MAX_AGE_HOURS:
        return "not expected"
    age = backup_age()
    if age is None:
        raise NotReadyError("there is none")
    text = f"{age // timedelta(hours=1)} hours old"
    if age > timedelta(hours=settings.BACKUP_MAX_AGE_HOURS):
        raise NotReadyError(f"{text}, more than {settings.BACKUP_MAX_AGE_HOURS}")
    return text


def backup_age():
    """Return the age of the last whole backup in ``BACKUP_ROOT``; None if there is none."""
    made_at = last_backup_at(Path(settings.BACKUP_ROOT))
    return timezone.now() - made_at if made_at else None


CHECKS = {check.__name__: check for check in (database, migrations, disk, backup)}
