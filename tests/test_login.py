"""Logging in and out: who waits and who does not, how long one is logged in, what is kept of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from tenders.models import Change
from tenders.views.login import client_address, folded_name
from tests.factories import create_tender

LOGIN = "/admin/login/"
PASSWORD = "seven tall poplars"
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.7"


@pytest.fixture(autouse=True)
def _editors_with_axes(db, settings):
    settings.AXES_ENABLED = True
    User.objects.create_superuser("mei", password=PASSWORD)
    User.objects.create_superuser("anna", password=PASSWORD)


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that tests may put forward."""
    now, passed = timezone.now, SimpleNamespace(time=timedelta())
    for module in ("axes.handlers.proxy.now", "django.utils.timezone.now"):
        monkeypatch.setattr(module, lambda: now() + passed.time)
    return passed


def log_in(client, name="mei", password=PASSWORD, *, address=HOME, **more):
    return client.post(LOGIN, {"username": name, "password": password, **more}, REMOTE_ADDR=address)


def fail(client, times, name="mei", **more):
    return [log_in(client, name, f"wrong {n}", **more).status_code for n in range(times)]


def is_in(client):
    return client.get("/admin/").status_code == 200


# Waiting


def test_the_fifth_wrong_password_is_answered_with_a_wait(client):
    assert fail(client, 6) == [200, 200, 200, 200, 429, 429]


def test_who_waits_does_not_get_in_with_the_right_password_either(client):
    fail(client, 5)

    assert log_in(client).status_code == 429
    assert not is_in(client)


def test_a_stranger_elsewhere_does_not_lock_out_who_has_the_name(client):
    fail(client, 20, address=ELSEWHERE)

    assert log_in(client, address=HOME).status_code == 302
    assert is_in(client)


def test_who_waits_at_one_address_gets_in_from_another(client):
    fail(client, 20, address=HOME)

    assert log_in(client, address=ELSEWHERE).status_code == 302


def test_a_colleague_at_the_same_address_gets_in(client):
    fail(client, 20, "mei")

    assert log_in(client, "anna").status_code == 302


def test_another_browser_is_no_way_round_the_wait(client):
    for n in range(5):
        fail(client, 1, HTTP_USER_AGENT=f"Browser {n}")

    response = client.post(LOGIN, {"username": "mei", "password": PASSWORD}, REMOTE_ADDR=HOME, HTTP_USER_AGENT="Other")

    assert response.status_code == 429


@pytest.mark.parametrize("other", ["MEI", "Mei", " mei ", "ｍｅｉ", "ＭＥＩ"])
def test_however_a_name_is_written_its_tries_are_counted_together(client, other):
    fail(client, 4, other)
    fail(client, 1, "mei")

    assert log_in(client).status_code == 429


def test_a_name_that_nobody_has_waits_alike(client):
    assert fail(client, 6, "nobody") == fail(client, 6, "mei")


def test_after_a_right_password_the_count_begins_anew(client):
    fail(client, 4)
    log_in(client)

    assert fail(client, 4) == [200] * 4


def test_the_wait_ends_when_the_page_says_so(client, clock):
    fail(client, 5)
    clock.time = timedelta(minutes=5)
    response = log_in(client)
    wait = int(response["Retry-After"])
    assert wait == 10 * 60

    clock.time += timedelta(seconds=wait - 60)
    assert log_in(client).status_code == 429
    clock.time += timedelta(seconds=60)
    assert log_in(client).status_code == 302


def test_the_wait_is_that_of_the_tries_that_still_count(client, clock):
    """Of tries with two browsers those with the first one are forgotten first, and then few enough are left."""
    for n in range(3):
        client.post(LOGIN, {"username": "mei", "password": str(n)}, REMOTE_ADDR=HOME, HTTP_USER_AGENT="First")
    clock.time = timedelta(minutes=10)
    fail(client, 2)

    response = log_in(client)

    assert (response.status_code, response["Retry-After"]) == (429, "300")
    clock.time = timedelta(minutes=15, seconds=1)
    assert log_in(client).status_code == 302


def test_the_page_keeps_what_was_typed_but_the_password_and_says_when_to_try_again(client, settings):
    fail(client, 4)

    response = log_in(client, password="wrong again", next="/admin/tenders/tender/")

    assert response.status_code == 429
    assert 'value="mei"' in response.text
    assert 'value="/admin/tenders/tender/"' in response.text
    assert "wrong again" not in response.text
    assert "Too many tries with this name from your address. Try again in 15 minutes, after " in response.text
    assert "(Asia/Shanghai)" in response.text
    assert "Please enter the correct" not in response.text
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_the_page_speaks_chinese_where_the_desk_does(client):
    for n in range(5):
        response = client.post(f"/zh-hans{LOGIN}", {"username": "mei", "password": str(n)})

    assert response.status_code == 429
    assert '<html lang="zh-hans"' in response.text


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [
        ("mei", "x" * 1_000_000, 200),
        ("mei", "x" * 3_000_000, 400),
        ("mei", "a\0b", 200),
        ("mei", "\ud800".encode("utf-8", "surrogatepass"), 200),
        ("x" * 1_000_000, PASSWORD, 200),
        ("ﷺ" * 150, PASSWORD, 200),
        ("ß" * 150, PASSWORD, 200),
        ("a\0b", PASSWORD, 200),
        ("", "", 200),
    ],
)
def test_no_name_and_no_password_makes_a_500(client, name, password, status):
    assert {log_in(client, name, password).status_code for _ in range(3)} == {status}


def test_headers_that_no_browser_sends_make_no_500(client):
    headers = {"HTTP_USER_AGENT": "é" * 3000, "HTTP_ACCEPT": "é" * 3000, "REMOTE_ADDR": ""}

    assert client.post(LOGIN, {"username": "mei", "password": "x"}, **headers).status_code == 200


# Whose address


@pytest.mark.parametrize(
    ("is_behind_proxy", "remote", "forwarded", "address"),
    [
        (False, HOME, ELSEWHERE, HOME),
        (False, HOME, None, HOME),
        (True, "127.0.0.1", ELSEWHERE, ELSEWHERE),
        (True, "127.0.0.1", f"{HOME}, {ELSEWHERE}", ELSEWHERE),
        (True, "", f"forged, {ELSEWHERE}:5123", ELSEWHERE),
        (True, "127.0.0.1", None, "127.0.0.1"),
        (True, "127.0.0.1", f"{HOME}, nonsense", "127.0.0.1"),
        (True, "127.0.0.1", "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::"),
        (False, "2001:db8:1:2:ffff::1", None, "2001:db8:1:2::"),
        (False, "fe80::1%eth0", None, "fe80::"),
        (False, f"::ffff:{HOME}", None, HOME),
        (False, "", None, "::"),
    ],
)
def test_the_address_is_the_one_that_the_machine_in_front_has_seen(
    settings, is_behind_proxy, remote, forwarded, address
):
    settings.BEHIND_PROXY = is_behind_proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    forged = {"X-Real-IP": "203.0.113.1", "Forwarded": "for=203.0.113.1", "Client-IP": "203.0.113.1"}

    request = RequestFactory(headers={**headers, **forged}).get("/", REMOTE_ADDR=remote)

    assert client_address(request) == address


def test_a_forged_header_is_no_way_round_the_wait(client):
    for n in range(6):
        response = client.post(
            LOGIN, {"username": "mei", "password": "x"}, REMOTE_ADDR=HOME, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}"
        )

    assert response.status_code == 429


def test_a_name_is_counted_in_no_more_letters_than_there_is_room_for():
    assert len(folded_name(None, {"username": "ΐ" * 150})) == 255


# Logged in, and out


def test_one_is_logged_in_for_a_working_day_however_busy(client, clock):
    log_in(client)
    clock.time = timedelta(hours=9, minutes=59)
    session = client.session
    session["busy"] = True
    session.save()
    assert is_in(client)

    clock.time = timedelta(hours=10, minutes=1)

    assert client.get("/admin/").url == f"{LOGIN}?next=/admin/"


def test_failing_to_log_in_again_does_not_lengthen_the_day(client, clock):
    log_in(client)
    clock.time = timedelta(hours=9)
    fail(client, 1)
    clock.time = timedelta(hours=10, minutes=1)

    assert not is_in(client)


def test_who_logs_out_leaves_no_session_behind(client):
    log_in(client)
    old = client.cookies["sessionid"].value

    client.post("/admin/logout/")

    assert not Session.objects.exists()
    client.cookies["sessionid"] = old
    assert client.get("/admin/").url == f"{LOGIN}?next=/admin/"


def test_logging_out_asks_for_a_post(client):
    log_in(client)

    assert client.get("/admin/logout/").status_code == 405
    assert is_in(client)


def test_a_session_is_another_one_after_logging_in(client):
    client.get(LOGIN)
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    log_in(client)

    assert client.session.session_key != before


def test_cookies_are_no_scripts_and_no_other_sites(client):
    client.get(LOGIN)
    log_in(client)

    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name
    assert int(client.cookies["sessionid"]["max-age"]) <= 10 * 60 * 60


@pytest.mark.parametrize(
    "path",
    [
        "",
        "login/",
        "logout/",
        "jsi18n/",
        "password_change/",
        "password_change/done/",
        "autocomplete/?app_label=tenders&model_name=tender&field_name=buyer",
        "tenders/",
        "tenders/tender/",
        "tenders/tender/add/",
        "tenders/tender/999/change/",
        "tenders/tender/abc/delete/",
        "auth/user/",
        "r/1/1/",
        "nothing/",
        "tenders/tender/?id__exact=99999999999999999999999",
    ],
)
@pytest.mark.parametrize("is_logged_in", [True, False])
@pytest.mark.parametrize("language", ["", "/zh-hans"])
def test_no_answer_of_the_admin_is_kept(client, path, is_logged_in, language):
    if is_logged_in:
        client.force_login(User.objects.get(username="mei"))

    assert "no-store" in client.get(f"{language}/admin/{path}")["Cache-Control"]


def test_a_form_of_the_admin_is_not_kept(client):
    log_in(client)
    tender = create_tender(title_en="A platform")

    for view in ("change", "delete", "history"):
        response = client.get(reverse(f"admin:tenders_tender_{view}", args=[tender.pk]))
        assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, True), view


def test_public_pages_may_still_be_kept(client):
    assert "no-store" not in client.get("/tenders/")["Cache-Control"]


# Passwords, times


@pytest.mark.parametrize("password", ["short1!", "12345678901", "password123", "anna-meier-1"])
def test_a_password_that_is_easily_guessed_is_refused(client, password):
    log_in(client)
    form = {"username": "anna-meier", "usable_password": "true", "password1": password, "password2": password}

    response = client.post("/admin/auth/user/add/", form)

    assert response.context["errors"]
    assert not User.objects.filter(username="anna-meier").exists()


def test_times_are_those_of_the_editors(client):
    log_in(client)
    tender = create_tender(title_en="A platform")
    Change.objects.update(made_at=datetime(2026, 1, 1, 20, 30, tzinfo=UTC))

    assert "2026-01-02 04:30" in client.get(reverse("admin:tenders_tender_history", args=[tender.pk])).text
