"""Forgotten passwords: mails, limits, and what a reset leaves as it is."""

import re
from datetime import timedelta
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from accounts import passwords
from accounts.models import PasswordResetRequest, Session
from tests.accounts import CODE, ELSEWHERE, HOME, LOGIN, PASSWORD, is_logged_in, log_in, set_up

RESET = "/admin/password-reset/"
NEW = "eight tall poplars"


@pytest.fixture(autouse=True)
def _with_mail(db, settings, monkeypatch):
    settings.CAN_SEND_MAIL = True
    settings.DEFAULT_FROM_EMAIL = "desk@example.org"
    monkeypatch.setattr(passwords, "in_background", lambda function, *args, **kwargs: function(*args, **kwargs))


@pytest.fixture
def mei():
    return User.objects.create_superuser("mei", "mei@example.org", PASSWORD)


def request_mail(client, email="mei@example.org", *, address=HOME, prefix=""):
    return client.post(f"{prefix}{RESET}", {"email": email}, REMOTE_ADDR=address)


def follow_link(client, mail):
    path = re.search(r"https?://[^/]+(/\S+)", mail.body)[1]
    return client.get(path, follow=True)


def test_a_mail_leads_to_a_page_where_a_new_password_is_set(client, mei, mailoutbox):
    assert request_mail(client).url == f"{RESET}sent/"
    (mail,) = mailoutbox
    assert (mail.to, mail.from_email) == (["mei@example.org"], "desk@example.org")
    page = follow_link(client, mail)

    client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})

    assert not is_logged_in(client)
    assert log_in(client, password=NEW).status_code == 302
    assert "link was invalid" in follow_link(client, mail).text


def test_the_answer_is_the_same_for_an_unknown_address(client, mei, mailoutbox):
    pages = [client.get(request_mail(client, email).url).text for email in ("mei@example.org", "no@example.org")]

    assert re.sub("csrf.*", "", pages[0]) == re.sub("csrf.*", "", pages[1])
    assert len(mailoutbox) == 1


def test_a_mail_is_sent_beside_the_answer(client, mei, monkeypatch):
    calls = []
    monkeypatch.setattr(passwords, "in_background", lambda function, *args, **kwargs: calls.append(function))

    request_mail(client)

    assert len(calls) == 1


def test_a_thread_of_its_own_sends_in_the_language_of_the_page(monkeypatch):
    monkeypatch.undo()
    seen, done = [], Event()

    def send():
        seen.append(translation.get_language())
        done.set()

    with translation.override("zh-hans"):
        passwords.in_background(send)
    done.wait(5)

    assert seen == ["zh-hans"]


def test_a_reset_leaves_the_second_factor(client, mei, mailoutbox):
    set_up(mei)
    request_mail(client)
    page = follow_link(client, mailoutbox[0])
    client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})

    assert log_in(client, password=NEW).url.startswith(CODE)
    assert not is_logged_in(client)


def test_a_reset_ends_all_sessions(client, mei, mailoutbox):
    log_in(client)
    other = type(client)()
    request_mail(other)
    page = follow_link(other, mailoutbox[0])

    other.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})

    assert not is_logged_in(client)
    assert not Session.objects.filter(user=mei).exists()


def test_an_account_gets_three_mails_an_hour_wherever_they_are_asked_for(client, mei, mailoutbox):
    answers = [request_mail(client, address=f"203.0.113.{n}").url for n in range(6)]

    assert len(mailoutbox) == 3
    assert set(answers) == {f"{RESET}sent/"}


def test_an_address_asks_five_times_an_hour(client, mei, mailoutbox):
    statuses = [request_mail(client, f"{n}@example.org").status_code for n in range(6)]
    refused = request_mail(client)

    assert statuses == [302] * 5 + [429]
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "Too many requests from your address. Try again in 60 minutes, after " in refused.text
    assert 'value="mei@example.org"' in refused.text
    assert not mailoutbox
    assert request_mail(client, address=ELSEWHERE).status_code == 302
    assert len(mailoutbox) == 1


def test_after_an_hour_requests_are_forgotten(client, mei, mailoutbox):
    for n in range(5):
        request_mail(client, f"{n}@example.org")
    PasswordResetRequest.objects.update(requested_at=timezone.now() - timedelta(hours=1, seconds=1))

    assert request_mail(client).status_code == 302
    assert PasswordResetRequest.objects.count() == 1


@pytest.mark.parametrize("fields", [{"is_active": False}, {"password": "!"}, {"email": ""}])
def test_who_cannot_log_in_with_a_password_gets_no_mail(client, mei, mailoutbox, fields):
    User.objects.filter(pk=mei.pk).update(**fields)

    request_mail(client)

    assert not mailoutbox


def test_the_log_in_page_links_to_it(client):
    assert f'href="{RESET}"' in client.get(LOGIN).text


def test_without_mail_there_is_no_such_page_and_the_log_in_page_says_whom_to_ask(client, settings, mei):
    settings.CAN_SEND_MAIL = False

    for path in ("", "sent/", "MQ/set-password/", "complete/"):
        assert client.get(f"{RESET}{path}").status_code == 404
    assert request_mail(client).status_code == 404
    assert RESET not in client.get(LOGIN).text
    assert "Ask an administrator for a new one." in client.get(LOGIN).text


def test_the_pages_and_the_mail_are_in_chinese_below_the_chinese_prefix(client, mei, mailoutbox):
    response = client.get(request_mail(client, prefix="/zh-hans").url)

    assert response.request["PATH_INFO"] == f"/zh-hans{RESET}sent/"
    assert "密码" in response.text
    assert "/zh-hans/admin/password-reset/" in mailoutbox[0].body
    assert "no-store" in response["Cache-Control"]
