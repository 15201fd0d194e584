"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.db.models.sql import InsertQuery
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ARTICLE_DATA = ("regions", "categories", "blockchain_2018_2019", "interchain_pulse_2019")
ALL_DATA = (*ARTICLE_DATA, "later_tenders", "other_studies")

_statements = {}

# No deadline, for slow machines. Tests with a function-scoped fixture do not change its records, so that examples may
# share it. In CI the examples are the same in every run; elsewhere every run tries new ones.
hypothesis_settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("project")


def pytest_configure(config):
    """
    Collect static files once, so that pages are tested with hashed file names, as in production.

    django-axes is off but in ``test_login``. WhiteNoise finds a static file when it is requested: otherwise every test
    client would read all of them before its first page. Passwords are hashed quickly, as many tests create users.
    """
    settings.AXES_ENABLED = False
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def load(*fixtures):
    """Load fixtures into the empty database of a test; later calls repeat the SQL statements of the first one."""
    models = apps.get_app_config("tenders").get_models(include_auto_created=True)
    models = [model for model in models if model.__name__ not in {"Page", "DatasetVersion", "TenderFigures"}]
    if fixtures not in _statements:
        call_command("loaddata", *fixtures, verbosity=0)
        _statements[fixtures] = [statement for model in models for statement in insert_statements(model)]
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for statement in _statements[fixtures]:
            cursor.execute(*statement)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def insert_statements(model):
    """Yield (SQL, parameters) that insert all current rows of a model."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    rows = list(model._base_manager.order_by("pk"))
    size = max(1, connection.ops.bulk_batch_size(fields, rows))
    for start in range(0, len(rows), size):
        query = InsertQuery(model)
        query.insert_values(fields, rows[start : start + size], raw=True)
        yield from query.get_compiler(connection=connection).as_sql()


@pytest.fixture(autouse=True)
def in_english():
    """Reset the active language, which the last request of another test may have changed."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def article_data(db):
    """Load the article with its claims and its 34 identified tenders."""
    load(*ARTICLE_DATA)


@pytest.fixture
def all_data(db):
    """Load all fixtures: the article, its tenders, the later tenders and the other studies."""
    load(*ALL_DATA)
