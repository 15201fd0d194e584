"""Fixtures for all tests."""

import gc
import os
from copy import copy
from datetime import timedelta
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client, client
from django.test.utils import ContextList
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tenders.caching import VersionedCache
from tenders.claims.verdict_history import evaluations_of, key_of_claims
from tenders.models import Article
from tenders.operations.databases import as_alias
from tests.accounts import PASSWORD

FIRST_TENDERS = ("regions", "categories", "blockchain_2018_2019")
ARTICLE_DATA = (*FIRST_TENDERS, "interchain_pulse_2019")
ALL_DATA = (*ARTICLE_DATA, "later_tenders", "other_studies")
TENDER_DATA = (*FIRST_TENDERS, "later_tenders")
STARTS = (ARTICLE_DATA, FIRST_TENDERS, ())  # what databases with more are copied from, the longest first
serial = count(1)
DATA = {"article_data": ARTICLE_DATA, "all_data": ALL_DATA, "tender_data": TENDER_DATA}

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

    django-axes is off but in tests of accounts. WhiteNoise finds a static file when it is requested: otherwise each
    test client would read all of them before its first page. Passwords are hashed quickly, as many tests create users.
    Downloads are not limited: tests leave many of them unread. No page and no download is kept: a kept page has no
    context to look into.
    Of a response the context of its page is stored alone.
    """
    client.store_rendered_templates = store_page_context
    settings.AXES_ENABLED = False
    settings.DOWNLOADS_AT_ONCE = 10_000
    settings.PAGE_CACHE_MB = settings.DOWNLOADS_KEPT_MB = 0
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def store_page_context(store, signal, sender, template, context, **kwargs):
    """Store the templates of a response and the context of its page, which Django would copy for each template."""
    store.setdefault("templates", []).append(template)
    if "context" not in store and getattr(context, "request", None):
        store["context"] = ContextList([copy(context)])


def pytest_addoption(parser):
    parser.addoption("--with-database", action="store_true", help="run only the tests that use the database")


def pytest_make_parametrize_id(config, val, argname):
    """Name a test by the length of a long value: the name is sent between the processes a dozen times."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > 200 else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """
    Select the tests that use the database, with ``--with-database``: the others need not run again with another one.

    Run the tests of the shipped pages in one process, which renders each page once. It is marked before pytest-xdist
    reads the marks.
    """
    for item in items:
        if "shipped_pages" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("shipped_pages"))
    if config.getoption("--with-database"):
        without = [item for item in items if not uses_database(item)]
        items[:] = [item for item in items if uses_database(item)]
        config.hook.pytest_deselected(items=without)


def uses_database(item):
    """Return whether a test uses the database of the settings."""
    return "django_db_setup" in item.fixturenames or item.get_closest_marker("django_db") is not None


def pytest_collection_finish():
    """Leave what was imported out of garbage collection, which would else take a tenth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def roomy_frame(num_names=70_000):
    """
    Return a function that calls another in a frame of more than half a megabyte.

    Python 3.11 keeps frames in chunks of 16 kB, and asks the system for another chunk each time that a call crosses the
    end of one, however often: a tenth of the time of all tests. Frames above this one share its chunk of a megabyte.
    """
    names = " = ".join(f"name_{number}" for number in range(num_names))
    namespace = {}
    exec(f"def call(function, **arguments):\n    return function(**arguments)\n    {names} = None\n", namespace)  # noqa: S102
    return namespace["call"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Run all tests above a roomy frame, in which this hook is called once more."""
    if not hasattr(session, "has_room"):
        session.has_room = True
        return roomy_frame()(session.config.hook.pytest_runtestloop, session=session)
    return None


@pytest.fixture(scope="session")
def connection_with(django_db_setup, django_db_blocker):
    """
    Return a function that returns a connection to a database which holds some fixtures.

    Loading them takes longer than most tests do, and on PostgreSQL the rows that each test rolls back would stay in the
    tables. So each process loads each of them once, into a copy of the test database that holds those before it.
    """
    opened = {(): connections[DEFAULT_DB_ALIAS]}

    def connect(fixtures):
        if fixtures not in opened:
            start = next(start for start in STARTS if fixtures[: len(start)] == start != fixtures)
            original = connections[DEFAULT_DB_ALIAS] = connect(start)
            with django_db_blocker.unblock():
                copy = connections[DEFAULT_DB_ALIAS] = copy_of(original, suffix=f"copy_{len(opened)}")
                call_command("loaddata", *fixtures[len(start) :], verbosity=0)
            opened[fixtures] = copy
        return opened[fixtures]

    yield connect
    connections[DEFAULT_DB_ALIAS] = opened.pop(())
    with django_db_blocker.unblock():
        for copy in opened.values():
            copy.creation.destroy_test_db(verbosity=0)


def copy_of(original, *, suffix):
    """Return a connection to a new copy of a test database."""
    copy = original.copy()
    if original.vendor == "sqlite":  # in memory, where Django copies none
        copy.settings_dict["NAME"] = f"file:memorydb_{suffix}?mode=memory&cache=shared"
        original.connection.backup(copy.cursor().connection)
    else:
        original.creation.clone_test_db(suffix, verbosity=0)
        copy.settings_dict.update(original.creation.get_test_db_clone_settings(suffix))
    return copy


@pytest.fixture(scope="session")
def evaluations_with(connection_with, django_db_blocker):
    """
    Return a function that returns what the cache holds with all evaluations of the data that some fixtures hold.

    Evaluating takes longer than most tests do, so each process does it once. What a test writes makes some anew.
    """

    @lru_cache
    def evaluate(fixtures):
        connections[DEFAULT_DB_ALIAS] = connection_with(fixtures)
        with django_db_blocker.unblock():
            entries, articles = VersionedCache(), list(Article.objects.published())
            for article in articles:
                evaluations_of(article, entries)
            claims = cache.get_many([key_of_claims(article) for article in articles])
        cache.clear()
        cache.set_many(entries.computed["evaluated"] | claims)
        return dict(cache._cache), dict(cache._expire_info)

    return evaluate


@pytest.fixture
def database(request, fresh_process, connection_with, evaluations_with):
    """Make the database with the fixtures that a test asks for the default one, and cache its evaluations."""
    fixtures = next((fixtures for name, fixtures in DATA.items() if name in request.fixturenames), ())
    values, expiry = evaluations_with(fixtures)
    cache._cache.update(values)  # as bytes, in a tenth of the time that it takes to pickle them again
    cache._expire_info.update(expiry)
    connections[DEFAULT_DB_ALIAS] = connection_with(fixtures)


@pytest.fixture
def _django_db_helper(database, _django_db_helper):
    """Choose the database before pytest-django (4.14), whose fixture this extends, begins the transaction of a test."""


@pytest.fixture(autouse=True)
def fresh_process():
    """Reset the active language and the cache, which another test may have changed."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()


@pytest.fixture
def committed(connection_with, django_db_blocker):
    """
    Make a copy of the empty database the default one, for a test that commits or migrates.

    The copy is thrown away, which takes less time than to undo what was committed.
    """
    with (
        django_db_blocker.unblock(),
        as_alias(copy_of(connection_with(()), suffix=f"committed_{next(serial)}")) as copy,
    ):
        yield
        copy.creation.destroy_test_db(verbosity=0)


class ShippedPages:
    """A client of the site with all fixtures, for tests that write nothing: it requests each page once."""

    def __init__(self):
        self.client, self.responses = Client(headers={"accept": "text/html"}), {}

    def get(self, address):
        if address not in self.responses:
            self.responses[address] = response = self.client.get(address, follow=True)
            response.context = None  # holds the records of the page
            if response.streaming:
                response.getvalue = partial(bytes, response.getvalue())  # which can be read once
        return self.responses[address]


@pytest.fixture(scope="session")
def _shipped_pages():
    return ShippedPages()


@pytest.fixture
def shipped_pages(all_data, _shipped_pages):
    """The pages of the site with all fixtures, each of which is rendered once for all tests."""
    return _shipped_pages


@pytest.fixture
def article_data(db):
    """Hold the article with its claims and its 34 identified tenders."""


@pytest.fixture
def all_data(db):
    """Hold all fixtures: the article, its tenders, the later tenders and the other studies."""


@pytest.fixture
def tender_data(db):
    """Hold all tenders without the articles that count them, whose claims are evaluated at each write."""


@pytest.fixture
def evidence_folder(settings, tmp_path):
    """Keep the files of sources in a folder of the test, and return it."""
    options = {**settings.STORAGES["evidence"]["OPTIONS"], "location": tmp_path / "evidence"}
    evidence = {**settings.STORAGES["evidence"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}
    return tmp_path / "evidence"


@pytest.fixture
def clock(monkeypatch):
    """Return an object whose ``time`` is added to the current time; an authenticator app does not see it."""
    now, passed = timezone.now, SimpleNamespace(time=timedelta())
    for module in ("axes.handlers.proxy.now", "django.utils.timezone.now"):
        monkeypatch.setattr(module, lambda: now() + passed.time)
    return passed


@pytest.fixture
def editors_with_axes(db, settings):
    """Two administrators, *mei* and *anna*, whose failures to log in are counted."""
    settings.AXES_ENABLED = True
    get_user_model().objects.create_superuser("mei", password=PASSWORD)
    get_user_model().objects.create_superuser("anna", password=PASSWORD)
