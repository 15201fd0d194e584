"""What every test may ask for."""

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

_loaded = {}

# A slow machine is no fault, and the fixtures may serve many examples: no such test changes what it is given. Where a
# change is judged (CI) the examples are the same every time; elsewhere each run tries new ones.
hypothesis_settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("project")


def pytest_configure(config):
    """
    Collect static files once: pages are tested with the hashed ones that people are served.

    Nobody waits to log in but where that is what is tested (``test_login``). A static file is looked for when it is
    asked for: each client is a site of its own, and would read all of them before its first page. Passwords are hashed
    quickly: an editor of a test is made for each test.
    """
    settings.AXES_ENABLED = False
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def load(*fixtures):
    """Load fixtures into the empty database of a test; how `loaddata` wrote them is kept for the next one."""
    models = apps.get_app_config("tenders").get_models(include_auto_created=True)
    models = [model for model in models if model.__name__ not in {"Page", "DatasetVersion", "TenderFigures"}]
    if fixtures not in _loaded:
        call_command("loaddata", *fixtures, verbosity=0)
        _loaded[fixtures] = [statement for model in models for statement in insertions(model)]
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for statement in _loaded[fixtures]:
            cursor.execute(*statement)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def insertions(model):
    """Yield the statements, with their values, that write all rows of a model as they are now."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    rows = list(model._base_manager.order_by("pk"))
    size = max(1, connection.ops.bulk_batch_size(fields, rows))
    for start in range(0, len(rows), size):
        query = InsertQuery(model)
        query.insert_values(fields, rows[start : start + size], raw=True)
        yield from query.get_compiler(connection=connection).as_sql()


@pytest.fixture(autouse=True)
def in_english():
    """Let no test speak the language of the page that another one asked for last."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def article_data(db):
    """The article with its claims and its 34 identified tenders."""
    load(*ARTICLE_DATA)


@pytest.fixture
def all_data(db):
    """The article's tenders and the later ones, the article and the other studies."""
    load(*ALL_DATA)
