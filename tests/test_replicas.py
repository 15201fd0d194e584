"""Read replicas: which database answers whom, one snapshot for a request, and what happens when one fails or lags."""

from contextlib import closing

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from tenders.choices import EditorialState, NameStatus
from tenders.models import DatasetVersion, Tender
from tenderwatch import replicas
from tenderwatch.replicas import WROTE_COOKIE, Databases, ReplicaMiddleware, may_read_from_replica
from tests.conftest import copy_of
from tests.factories import create_tender

REPLICA, OTHER = "replica1", "replica2"
PUBLIC = (
    "/",
    "/tenders/",
    "/tenders/?q=replica",
    "/tenders/?view=charts",
    "/tenders/TW-222222/",
    "/tenders/TW-999999/",
    "/institutions/",
    "/articles/",
    "/changes/",
    "/data/",
    "/zh-hans/about/method/",
    "/sitemap.xml",
    "/tenders.csv",
    "/tenders.xlsx",
    "/tenders.json",
)


class Site:
    """Databases without a server: the positions of their logs, and a clock."""

    def __init__(self, *, max_lag=5):
        self.now, self.positions = 1000.0, {DEFAULT_DB_ALIAS: 100, REPLICA: 100, OTHER: 100}
        self.databases = Databases([REPLICA, OTHER], max_lag=max_lag, clock=lambda: self.now, position=self.position)

    def position(self, alias):
        if self.positions[alias] is None:
            raise OperationalError("connection refused")
        return self.positions[alias]

    def order_after(self, seconds, **positions):
        self.positions |= positions
        self.now += seconds
        return self.databases.in_order()


def test_replicas_that_follow_are_read_before_the_primary():
    site = Site()

    order = site.order_after(0)

    assert order[-1] == DEFAULT_DB_ALIAS
    assert set(order) == {REPLICA, OTHER, DEFAULT_DB_ALIAS}


def test_a_replica_that_is_behind_is_as_old_as_the_last_position_that_it_has_reached():
    site = Site()
    site.order_after(0)

    site.order_after(3, default=200, replica2=200)

    assert site.databases.lag(REPLICA) == 3
    assert site.databases.lag(OTHER) == 0


def test_a_replica_that_lags_too_much_is_read_after_the_primary():
    site = Site()
    site.order_after(0)

    site.order_after(3, default=200, replica2=200)
    order = site.order_after(3, default=300, replica2=300)

    assert order == [OTHER, DEFAULT_DB_ALIAS, REPLICA]
    assert site.order_after(2, replica1=300)[-1] == DEFAULT_DB_ALIAS


def test_a_replica_that_was_never_compared_is_read_last():
    site = Site()

    assert site.order_after(0, replica1=50)[-1] == REPLICA


def test_while_the_primary_is_down_replicas_are_read_however_old():
    site = Site()
    site.order_after(0)

    for _second in range(60):
        order = site.order_after(1, default=None)

    assert order[-1] == DEFAULT_DB_ALIAS


def test_a_database_that_failed_is_avoided_for_a_while():
    site = Site()
    site.order_after(0)

    site.databases.has_failed(REPLICA, "gone")

    assert site.databases.in_order()[-1] == REPLICA
    assert site.order_after(replicas.AVOID_FOR)[-1] == DEFAULT_DB_ALIAS


def test_positions_are_compared_at_most_once_a_second():
    site, asked = Site(), []
    site.databases.position = lambda alias: asked.append(alias) or 100

    site.order_after(0)
    site.order_after(0.5)

    assert len(asked) == 3


@pytest.mark.parametrize(
    ("method", "path", "cookies", "may"),
    [
        ("GET", "/tenders/", {}, True),
        ("HEAD", "/tenders.csv", {}, True),
        ("GET", "/tenders/", {"other": "1"}, True),
        ("POST", "/tenders/", {}, False),
        ("GET", "/tenders/", {"sessionid": "x"}, False),
        ("GET", "/tenders/", {WROTE_COOKIE: "1"}, False),
        ("GET", "/admin/login/", {}, False),
    ],
)
def test_only_anonymous_readers_of_public_pages_read_from_replicas(rf, settings, method, path, cookies, may):
    if "sessionid" in cookies:
        cookies = {settings.SESSION_COOKIE_NAME: "x"}
    request = rf.generic(method, path)
    request.COOKIES.update(cookies)

    assert may_read_from_replica(request) is may


@pytest.fixture(scope="module")
def copy(connection_with, django_db_blocker):
    """Return a connection to a database of its own with one tender, so that what is read from it can be told."""
    with django_db_blocker.unblock():
        copy = copy_of(connection_with(()), suffix="replica")
        copy.alias = REPLICA
        connections[REPLICA] = copy
        known = {"year": 2019, "certainty": "high", "title_en": "Of the replica", "title_en_status": NameStatus.SOURCED}
        tender = Tender(reference="TW-222222", state=EditorialState.PUBLISHED, **known)
        Tender._base_manager.using(REPLICA).bulk_create([tender])
        yield copy
        del connections[REPLICA]
        copy.creation.destroy_test_db(verbosity=0)


@pytest.fixture
def replica(copy, db, settings, monkeypatch):
    """Make the copy a replica of the site, whose primary has another tender."""
    settings.DATABASE_REPLICAS = [REPLICA]
    settings.DATABASE_ROUTERS = ["tenderwatch.replicas.ReplicaRouter"]
    monkeypatch.setattr(replicas, "log_position", lambda alias: 100)
    create_tender(title_en="Of the primary", reference="TW-333333")
    return copy


def refuse(execute, sql, *arguments):
    raise AssertionError(f"asks another database: {sql}")


def fail(*arguments, **options):
    raise OperationalError("server closed the connection unexpectedly")


def test_readers_read_from_the_replica_and_editors_from_the_primary(replica, client, admin_client):
    of_reader, of_editor = client.get("/tenders/").text, admin_client.get("/tenders/").text

    assert "Of the replica" in of_reader
    assert "Of the primary" not in of_reader
    assert "Of the primary" in of_editor
    assert "Of the replica" not in of_editor


@pytest.mark.parametrize("is_replica_down", [False, True])
def test_what_a_public_page_writes_goes_to_the_primary(replica, rf, monkeypatch, is_replica_down):
    if is_replica_down:
        monkeypatch.setattr(replica, "set_autocommit", fail)

    def view(request):
        assert Tender.objects.count() == 1
        create_tender(title_en="Written")
        return HttpResponse()

    ReplicaMiddleware(view)(rf.get("/"))

    assert Tender.objects.filter(title_en="Written").exists()
    monkeypatch.undo()
    assert not Tender.objects.using(REPLICA).filter(title_en="Written").exists()


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_asks_one_database_only(replica, client, path):
    with connections[DEFAULT_DB_ALIAS].execute_wrapper(refuse):
        response = client.get(path)
        content = b"".join(response)

    assert response.status_code == (404 if "999999" in path else 200)
    assert b"Of the primary" not in content


def test_an_editor_asks_the_primary_only(replica, admin_client):
    with replica.execute_wrapper(refuse):
        assert admin_client.get("/tenders/").status_code == 200
        assert admin_client.get(reverse("admin:index")).status_code == 200


def test_who_has_just_written_reads_from_the_primary(replica, client):
    client.post(reverse("admin:login"), {"username": "nobody", "password": "wrong"})

    assert WROTE_COOKIE in client.cookies
    assert "Of the primary" in client.get("/tenders/").text


def test_an_etag_belongs_to_the_database_that_answers(replica, client):
    first = client.get("/tenders/")["ETag"]
    create_tender()
    same = client.get("/tenders/", headers={"If-None-Match": first})
    DatasetVersion.objects.using(REPLICA).update(value="another")
    changed = client.get("/tenders/", headers={"If-None-Match": first})

    assert same.status_code == 304
    assert changed.status_code == 200
    assert changed["ETag"] != first


def test_a_download_is_read_from_one_snapshot_to_its_end(replica, client):
    response = client.get("/tenders.csv")

    assert replica.in_atomic_block
    assert "Of the replica" in response.getvalue().decode()
    assert not replica.in_atomic_block


def test_a_download_that_nobody_reads_frees_its_snapshot(replica, rf):
    middleware = ReplicaMiddleware(lambda request: StreamingHttpResponse(iter([str(Tender.objects.count())])))

    response = middleware(rf.get("/tenders.csv"))
    response.close()

    assert not replica.in_atomic_block
    assert replicas._request_reads.get() is None


def test_a_page_without_a_query_opens_no_transaction(replica, rf):
    def view(request):
        assert not replica.in_atomic_block
        return HttpResponse()

    ReplicaMiddleware(view)(rf.get("/"))


def test_the_primary_answers_while_the_replica_does_not(replica, client, monkeypatch):
    monkeypatch.setattr(replica, "set_autocommit", fail)

    assert "Of the primary" in client.get("/tenders/").text


def test_a_page_whose_replica_fails_meanwhile_is_read_from_the_primary(replica, client):
    client.raise_request_exception = False

    def lose(execute, *arguments):
        replica.errors_occurred = True
        fail()

    with replica.execute_wrapper(lose):
        response = client.get("/tenders/")
    replica.errors_occurred = False

    assert response.status_code == 200
    assert "Of the primary" in response.text


def test_an_error_of_the_site_is_no_failure_of_the_replica(replica, rf):
    asked = []

    def view(request):
        asked.append(Tender.objects.count())
        return HttpResponse(status=500)

    assert ReplicaMiddleware(view)(rf.get("/")).status_code == 500
    assert len(asked) == 1


def test_a_page_that_is_read_is_shown_although_its_replica_fails_at_the_end(replica, rf, monkeypatch):
    def view(request):
        return HttpResponse(str(Tender.objects.count()))

    monkeypatch.setattr(replica, "_commit", fail)

    assert ReplicaMiddleware(view)(rf.get("/")).status_code == 200


def test_when_no_database_answers_a_page_says_when_to_try_again(replica, client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(replicas, "snapshot", fail)

    response = client.get("/tenders/")

    assert response.status_code == 503
    assert response["Retry-After"]


def test_a_snapshot_does_not_change(replica):
    if replica.vendor == "sqlite":
        pytest.skip("SQLite has no replicas")
    with replicas.snapshot(REPLICA):
        before = DatasetVersion.objects.using(REPLICA).get().value
        with closing(replica.copy()) as other, other.cursor() as cursor:
            cursor.execute("UPDATE tenders_datasetversion SET value = 'newer'")
        assert DatasetVersion.objects.using(REPLICA).get().value == before
    assert DatasetVersion.objects.using(REPLICA).get().value == "newer"
