"""Log-in and log-out: limits on failures, length of sessions, caching of the admin, passwords."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import RequestFactory
from django.urls import reverse

from accounts.addresses import client_network
from accounts.limits import folded_name
from accounts.models import Session
from tenders.models import Change
from tests.accounts import ELSEWHERE, HOME, LOGIN, PASSWORD, is_logged_in, log_in
from tests.factories import create_tender

pytestmark = pytest.mark.usefixtures("editors_with_axes")


def fail(client, times, name="mei", **more):
    return [log_in(client, name, f"wrong {n}", **more).status_code for n in range(times)]


# Limits on failures


def test_the_fifth_wrong_password_is_answered_with_a_wait(client):
    assert fail(client, 6) == [200, 200, 200, 200, 429, 429]


def test_during_the_wait_the_right_password_is_refused_too(client):
    fail(client, 5)

    assert log_in(client).status_code == 429
    assert not is_logged_in(client)


def test_failures_from_another_address_do_not_lock_out_the_user(client):
    fail(client, 20, address=ELSEWHERE)

    assert log_in(client, address=HOME).status_code == 302
    assert is_logged_in(client)


def test_a_user_who_is_locked_out_may_log_in_from_another_address(client):
    fail(client, 20, address=HOME)

    assert log_in(client, address=ELSEWHERE).status_code == 302


def test_another_user_may_log_in_from_the_same_address(client):
    fail(client, 20, "mei")

    assert log_in(client, "anna").status_code == 302


def test_another_browser_does_not_evade_the_wait(client):
    for n in range(5):
        fail(client, 1, HTTP_USER_AGENT=f"Browser {n}")

    response = client.post(LOGIN, {"username": "mei", "password": PASSWORD}, REMOTE_ADDR=HOME, HTTP_USER_AGENT="Other")

    assert response.status_code == 429


@pytest.mark.parametrize("other", ["MEI", "Mei", " mei ", "ｍｅｉ", "ＭＥＩ"])
def test_failures_with_variants_of_a_name_are_counted_together(client, other):
    fail(client, 4, other)
    fail(client, 1, "mei")

    assert log_in(client).status_code == 429


def test_an_unknown_name_has_the_same_wait(client):
    assert fail(client, 6, "nobody") == fail(client, 6, "mei")


def test_the_right_password_resets_the_count(client):
    fail(client, 4)
    log_in(client)

    assert fail(client, 4) == [200] * 4


def test_the_wait_ends_after_the_seconds_of_retry_after(client, clock):
    fail(client, 5)
    clock.time = timedelta(minutes=5)
    response = log_in(client)
    wait = int(response["Retry-After"])
    assert wait == 10 * 60

    clock.time += timedelta(seconds=wait - 60)
    assert log_in(client).status_code == 429
    clock.time += timedelta(seconds=60)
    assert log_in(client).status_code == 302


def test_the_wait_depends_on_the_failures_that_have_not_expired(client, clock):
    """Failures of two browsers expire separately: after those of the first one few enough are left."""
    for n in range(3):
        client.post(LOGIN, {"username": "mei", "password": str(n)}, REMOTE_ADDR=HOME, HTTP_USER_AGENT="First")
    clock.time = timedelta(minutes=10)
    fail(client, 2)

    response = log_in(client)

    assert (response.status_code, response["Retry-After"]) == (429, "300")
    clock.time = timedelta(minutes=15, seconds=1)
    assert log_in(client).status_code == 302


def test_the_429_page_has_all_typed_values_but_the_password_and_the_time_to_try_again(client, settings):
    fail(client, 4)

    response = log_in(client, password="wrong again", next="/admin/tenders/tender/")

    assert response.status_code == 429
    assert 'value="mei"' in response.text
    assert 'value="/admin/tenders/tender/"' in response.text
    assert "wrong again" not in response.text
    assert "Too many attempts with this name from your address. Try again in 15 minutes, after " in response.text
    assert "(Asia/Shanghai)" in response.text
    assert "Please enter a correct" not in response.text
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_the_429_page_is_in_chinese_below_the_chinese_prefix(client):
    for n in range(5):
        response = client.post(f"/zh-hans{LOGIN}", {"username": "mei", "password": str(n)})

    assert response.status_code == 429
    assert '<html lang="zh-hans"' in response.text


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [
        ("mei", "x" * 1_000_000, 200),
        ("mei", "x" * 3_000_000, 413),
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


# The client's address


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
def test_the_client_address_is_the_one_seen_by_the_nearest_proxy(settings, is_behind_proxy, remote, forwarded, address):
    settings.BEHIND_PROXY = is_behind_proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    forged = {"X-Real-IP": "203.0.113.1", "Forwarded": "for=203.0.113.1", "Client-IP": "203.0.113.1"}

    request = RequestFactory(headers={**headers, **forged}).get("/", REMOTE_ADDR=remote)

    assert client_network(request) == address


def test_a_forged_header_does_not_evade_the_wait(client):
    for n in range(6):
        response = client.post(
            LOGIN, {"username": "mei", "password": "x"}, REMOTE_ADDR=HOME, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}"
        )

    assert response.status_code == 429


def test_a_folded_name_fits_its_column():
    assert len(folded_name(None, {"username": "ΐ" * 150})) == 255


# Sessions


def test_a_session_ends_after_ten_hours_even_if_it_is_used(client, clock):
    log_in(client)
    clock.time = timedelta(hours=9, minutes=59)
    session = client.session
    session["busy"] = True
    session.save()
    assert is_logged_in(client)

    clock.time = timedelta(hours=10, minutes=1)

    assert client.get("/admin/").url == f"{LOGIN}?next=/admin/"


def test_a_failed_log_in_does_not_extend_the_session(client, clock):
    log_in(client)
    clock.time = timedelta(hours=9)
    fail(client, 1)
    clock.time = timedelta(hours=10, minutes=1)

    assert not is_logged_in(client)


def test_logging_out_deletes_the_session(client):
    log_in(client)
    old = client.cookies["sessionid"].value

    client.post("/admin/logout/")

    assert not Session.objects.exists()
    client.cookies["sessionid"] = old
    assert client.get("/admin/").url == f"{LOGIN}?next=/admin/"


def test_logging_out_requires_a_post(client):
    log_in(client)

    assert client.get("/admin/logout/").status_code == 405
    assert is_logged_in(client)


def test_logging_in_changes_the_session_key(client):
    client.get(LOGIN)
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    log_in(client)

    assert client.session.session_key != before


def test_cookies_are_httponly_and_samesite(client):
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
def test_no_response_of_the_admin_is_cached(client, path, is_logged_in, language):
    if is_logged_in:
        client.force_login(User.objects.get(username="mei"))

    assert "no-store" in client.get(f"{language}/admin/{path}")["Cache-Control"]


def test_a_form_of_the_admin_is_not_cached(client):
    log_in(client)
    tender = create_tender(title_en="A platform")

    for view in ("change", "delete", "history"):
        response = client.get(reverse(f"admin:tenders_tender_{view}", args=[tender.pk]))
        assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, True), view


def test_public_pages_may_be_cached(client):
    assert "no-store" not in client.get("/tenders/")["Cache-Control"]


# Who may log in: whose group, or permissions, let them do something


@pytest.fixture
def member():
    """A user who is in no group yet."""
    return User.objects.create_user("li", password=PASSWORD)


@pytest.mark.parametrize("group", ["Editors", "Contributors"])
def test_a_member_of_a_group_logs_in_without_a_further_tick(client, member, group):
    member.groups.add(Group.objects.get(name=group))

    assert log_in(client, "li").status_code == 302
    assert not member.is_staff
    assert is_logged_in(client)
    assert client.get("/admin/tenders/tender/add/").status_code == 200


@pytest.mark.parametrize("group", ["Editors", "Contributors"])
def test_an_account_that_is_made_in_the_admin_logs_in(client, group):
    log_in(client)
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/admin/auth/user/add/", {"username": "li", **passwords}, follow=True)
    assert "is_staff" not in response.text
    form = {name: value for name, value in response.context["adminform"].form.initial.items() if value}
    form |= {"is_active": "on", "groups": [Group.objects.get(name=group).pk]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    client.post(response.request["PATH_INFO"], {name: form[name] for name in form if name != "last_login"})
    client.post("/admin/logout/")

    assert log_in(client, "li").status_code == 302
    assert is_logged_in(client)


def test_who_leaves_the_group_is_logged_out_at_once_and_cannot_log_in(client, member):
    member.groups.add(group := Group.objects.get(name="Editors"))
    log_in(client, "li")

    member.groups.remove(group)

    assert client.get("/admin/").status_code == 302
    response = log_in(client, "li")
    assert response.status_code == 200
    assert "add this account to a group" in response.text


@pytest.mark.parametrize("fields", [{}, {"is_staff": True}, {"is_active": False}])
def test_who_may_do_nothing_cannot_log_in(client, member, fields):
    User.objects.filter(pk=member.pk).update(**fields)
    if fields.get("is_active") is False:
        member.groups.add(Group.objects.get(name="Editors"))

    response = log_in(client, "li")

    assert response.status_code == 200
    assert 'value="li"' in response.text
    assert not is_logged_in(client)


def test_a_wrong_password_does_not_say_whether_there_is_such_an_account(client, member):
    texts = [re.sub("li|nobody|csrf.*", "", log_in(client, name, "wrong").text) for name in ("li", "nobody")]

    assert texts[0] == texts[1]
    assert "to a group" not in texts[0]


# Passwords, times


@pytest.mark.parametrize("password", ["short1!", "12345678901", "password123", "anna-meier-1"])
def test_a_password_that_is_easily_guessed_is_refused(client, password):
    log_in(client)
    form = {"username": "anna-meier", "usable_password": "true", "password1": password, "password2": password}

    response = client.post("/admin/auth/user/add/", form)

    assert response.context["errors"]
    assert not User.objects.filter(username="anna-meier").exists()


def test_times_in_the_admin_are_in_the_time_zone_of_the_editors(client):
    log_in(client)
    tender = create_tender(title_en="A platform")
    Change.objects.update(made_at=datetime(2026, 1, 1, 20, 30, tzinfo=UTC))

    assert "2026-01-02 04:30" in client.get(reverse("admin:tenders_tender_history", args=[tender.pk])).text
