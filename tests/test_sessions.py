"""Sessions: where an account is logged in, and ending that."""

import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.browsers import describe_browser
from accounts.models import Session
from accounts.sessions import SessionStore, sessions_of
from tests.accounts import ELSEWHERE, HOME, PASSWORD, is_logged_in, log_in

ACCOUNT = "/admin/account/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


@pytest.fixture
def mei(db):
    return User.objects.create_superuser("mei", password=PASSWORD)


@pytest.fixture
def anna(db):
    return User.objects.create_superuser("anna", password=PASSWORD)


@pytest.fixture
def desk(mei):
    """A browser in which Mei is logged in, from home."""
    client = Client(headers={"User-Agent": FIREFOX})
    log_in(client, address=HOME)
    return client


@pytest.fixture
def phone(mei):
    """Another one, from elsewhere."""
    client = Client(headers={"User-Agent": SAFARI})
    log_in(client, address=ELSEWHERE)
    return client


def handles_on(response):
    return re.findall(r'name="_end" value="(\w+)"', response.text)


def test_the_account_page_lists_where_one_is_logged_in(desk, phone, anna):
    log_in(Client(headers={"User-Agent": "curl/8.1"}), "anna", address="203.0.113.5")

    text = desk.get(ACCOUNT).text

    for shown in ("Firefox, Windows", HOME, "Safari, iPhone", ELSEWHERE):
        assert shown in text
    assert "curl" not in text
    assert "203.0.113.5" not in text
    assert text.count("this one") == 1
    assert f"logged in {timezone.localtime():%Y-%m-%d}" in text


def test_no_page_shows_the_key_of_a_session(desk, phone):
    text = desk.get(ACCOUNT).text

    assert not [key for key in Session.objects.values_list("pk", flat=True) if key in text]


def test_another_session_is_ended_by_its_button(desk, phone):
    (handle,) = handles_on(desk.get(ACCOUNT))

    response = desk.post(ACCOUNT, {"_end": handle}, follow=True)

    assert "1 session was ended." in response.text
    assert is_logged_in(desk)
    assert not is_logged_in(phone)


def test_all_other_sessions_are_ended_at_once(desk, phone):
    tablet = Client()
    log_in(tablet)

    response = desk.post(ACCOUNT, {"_end_others": ""}, follow=True)

    assert "2 sessions were ended." in response.text
    assert [is_logged_in(client) for client in (desk, phone, tablet)] == [True, False, False]
    assert "End all other sessions" not in response.text


def test_nobody_ends_the_session_of_somebody_else(desk, anna):
    other = Client()
    log_in(other, "anna")

    desk.post(ACCOUNT, {"_end": sessions_of(anna)[0].handle})
    desk.post(ACCOUNT, {"_end": "\0"})
    desk.post(ACCOUNT, {"_end_others": ""})

    assert is_logged_in(other)


def test_an_administrator_ends_all_sessions_of_another(desk, phone, anna):
    client = Client()
    log_in(client, "anna")
    user = User.objects.get(username="mei")
    path = reverse("admin:auth_user_end_sessions", args=[user.pk])
    assert path in client.get(reverse("admin:auth_user_change", args=[user.pk])).text
    client.get(path)
    assert is_logged_in(desk)

    client.post(path)

    assert not is_logged_in(desk)
    assert not is_logged_in(phone)
    assert is_logged_in(client)


def test_a_new_password_ends_the_other_sessions(desk, phone):
    new = "eight tall poplars"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert desk.post("/admin/password_change/", form).status_code == 302

    assert is_logged_in(desk)
    assert "End all other sessions" not in desk.get(ACCOUNT).text
    assert Session.objects.filter(user__username="mei").count() == 1
    assert not is_logged_in(phone)


def test_a_password_that_an_administrator_sets_ends_all_sessions(desk, anna):
    client = Client()
    log_in(client, "anna")
    mei = User.objects.get(username="mei")
    form = {"password1": "eight tall poplars", "password2": "eight tall poplars", "usable_password": "true"}

    client.post(reverse("admin:auth_user_password_change", args=[mei.pk]), form)

    assert not is_logged_in(desk)
    assert not sessions_of(mei)
    assert is_logged_in(client)


def test_a_password_that_was_changed_past_django_leaves_no_session_in_the_list(desk, mei):
    User.objects.filter(pk=mei.pk).update(password="unusable")
    mei.refresh_from_db()

    assert not sessions_of(mei)


def test_logging_out_and_clearing_sessions_keep_the_list_in_step(desk, phone, mei):
    desk.post("/admin/logout/")
    assert len(sessions_of(mei)) == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not sessions_of(mei)

    call_command("clearsessions")

    assert not Session.objects.exists()


def test_the_last_use_is_known_to_ten_minutes(desk, mei, monkeypatch, django_assert_num_queries):
    (session,) = sessions_of(mei)
    now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + timedelta(minutes=9))
    desk.get("/admin/password_change/")
    assert sessions_of(mei)[0].seen_at == session.seen_at

    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + timedelta(minutes=11))
    desk.get("/admin/password_change/")

    (later,) = sessions_of(mei)
    assert later.seen_at - session.seen_at >= timedelta(minutes=10)
    assert later.expire_date == session.expire_date
    assert later.started_at == session.started_at


def test_a_busy_database_keeps_nobody_from_reading(desk, mei, monkeypatch):
    (session,) = sessions_of(mei)
    now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + timedelta(minutes=11))
    monkeypatch.setattr(SessionStore, "save", Mock(side_effect=OperationalError("database is locked")))

    assert is_logged_in(desk)
    assert sessions_of(mei)[0].seen_at == session.seen_at


def test_an_ended_session_does_not_come_back_when_it_was_in_use(desk, mei):
    before = desk.cookies["sessionid"].value
    Session.objects.all().delete()
    desk.cookies["sessionid"] = before

    desk.get("/admin/")

    assert not Session.objects.filter(user=mei).exists()


def test_pages_of_readers_do_not_depend_on_the_session(desk, client, db):
    for browser in (desk, client):
        assert "Cookie" not in browser.get("/tenders/").get("Vary", "")


def test_deleting_an_account_ends_its_sessions(desk, mei):
    mei.delete()

    assert not is_logged_in(desk)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "description"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome, ChromeOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            "Mozilla/5.0 (Linux; Android 13) SamsungBrowser/25.0 Chrome/121 Mobile Safari/537",
            "Samsung Internet, Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/17 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/126.0 Safari/537.36 OPR/112.0", "Opera, macOS"),
        ("", ""),
        ("é" * 3000, ""),
    ],
)
def test_browsers_are_described_in_plain_words(user_agent, description):
    assert describe_browser(user_agent) == description
