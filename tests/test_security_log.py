"""The security log: one line an event, readable by people and by fail2ban, without secrets."""

import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import security_log
from tests.accounts import ELSEWHERE, HOME, PASSWORD, code_of, give_code, log_in, set_up

FAIL2BAN = Path(project.BASE_DIR) / "deploy/fail2ban"


@pytest.fixture(autouse=True)
def _with_axes(db, settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def mei():
    return User.objects.create_superuser("mei", "mei@example.org", PASSWORD)


@pytest.fixture
def li(mei):
    return User.objects.create_user("li", password=PASSWORD)


@pytest.fixture
def lines(caplog, monkeypatch, mei, li):
    """Return a function that returns the lines logged so far, without those of the fixtures."""
    caplog.set_level("INFO", "tenderwatch.security")
    monkeypatch.setattr(security_log.logger, "propagate", True)
    caplog.clear()
    return lambda: [record.getMessage() for record in caplog.records if record.name == "tenderwatch.security"]


def test_logging_in_and_out_and_failing_are_logged(client, lines):
    log_in(client, "mei", "wrong")
    log_in(client, "mei")
    client.post("/admin/logout/", REMOTE_ADDR=HOME)

    assert lines() == [
        f'event=login-failed address={HOME} user="mei"',
        f'event=login address={HOME} user="mei"',
        f'event=logout address={HOME} user="mei"',
    ]


def test_each_try_has_a_line_and_the_lockout_another(client, lines):
    for _ in range(7):
        log_in(client, "mei", "wrong")

    events = ["login-failed"] * 5 + ["lockout"] + ["login-refused"] * 2
    assert [line.split()[0] for line in lines()] == [f"event={event}" for event in events]


def test_a_code_during_the_wait_has_a_line(client, lines, mei):
    set_up(mei)
    log_in(client, "mei")
    for _ in range(5):
        log_in(type(client)(), "mei", "wrong")

    give_code(client, code_of(mei))

    assert lines()[-1] == f'event=login-refused address={HOME} user="mei"'


def test_a_name_that_is_no_account_is_not_logged_as_it_may_be_a_password(client, lines):
    log_in(client, "correct horse battery", "staple")

    assert lines() == [f"event=login-failed address={HOME} user=-"]


def test_the_address_is_logged_whole(client, lines):
    log_in(client, "mei", "wrong", address="2001:db8:1:2:3:4:5:6")

    assert lines() == ['event=login-failed address=2001:db8:1:2:3:4:5:6 user="mei"']


def test_the_second_factor_is_logged(client, lines, mei):
    codes = set_up(mei)
    log_in(client, "mei", address=ELSEWHERE)
    give_code(client, "2345-6abc", address=ELSEWHERE)
    give_code(client, code_of(mei), address=ELSEWHERE)
    client.post("/admin/account/", {"_identity": "", "_renew": "", "password": PASSWORD, "code": code_of(mei)})
    call_command("reset_second_factor", "mei", verbosity=0)

    assert lines() == [
        'event=second-factor-set-up address=- user="mei"',
        f'event=code-failed address={ELSEWHERE} user="mei"',
        f'event=login address={ELSEWHERE} user="mei"',
        'event=recovery-codes-renewed address=127.0.0.1 user="mei"',
        'event=second-factor-reset address=- user="mei"',
    ]
    assert not [code for code in codes if code in str(lines())]


def test_an_administrator_who_acts_on_another_is_named(client, lines, mei, li):
    client.force_login(mei)

    client.post(reverse("admin:auth_user_reset_second_factor", args=[li.pk]))
    client.post(reverse("admin:auth_user_end_sessions", args=[li.pk]))

    assert lines()[1:] == [
        'event=second-factor-reset address=127.0.0.1 user="li" by="mei"',
        'event=sessions-ended address=127.0.0.1 user="li" by="mei" number=0',
    ]


def test_changes_of_rights_are_logged_wherever_they_are_made(lines, li):
    li.groups.add(group := Group.objects.get(name="Editors"))
    group.user_set.remove(li)
    li.is_superuser = True
    li.save()
    User.objects.filter(pk=li.pk).first().groups.clear()

    assert lines() == [
        'event=rights-changed address=- user="li" groups-added="Editors"',
        'event=rights-changed address=- user="li" groups-removed="Editors"',
        'event=rights-changed address=- user="li" superuser=yes',
        'event=rights-changed address=- user="li" groups-cleared=all',
    ]


def test_permissions_of_a_group_are_logged(lines):
    group = Group.objects.get(name="Contributors")
    permission = group.permissions.first()

    group.permissions.remove(permission)

    (line,) = lines()
    assert line.startswith('event=rights-changed address=- user=- group="Contributors" permissions-removed="')


def test_a_new_password_is_logged_and_hashing_it_anew_is_not(lines, li, settings):
    li.set_password("eight tall poplars")
    li.save()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert li.check_password("eight tall poplars")
    assert li.password.startswith("pbkdf2")

    assert lines() == ['event=password-changed address=- user="li"']


def test_an_account_in_use_has_no_lines_but_its_log_in(client, lines, mei):
    client.force_login(mei)
    client.get("/admin/")
    form = {"username": "mei", "is_superuser": "on", "is_active": "on", "email": "new@example.org"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert client.post(reverse("admin:auth_user_change", args=[mei.pk]), {**form, **dates}).status_code == 302

    assert [line.split()[0] for line in lines()] == ["event=login"]


@given(st.text(min_size=1, max_size=150))
def test_no_name_looks_like_another_line_or_field(name):
    quoted = security_log._quoted(name)

    assert len(quoted.splitlines()) == 1
    assert quoted.isprintable()
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', quoted)


# fail2ban


def failregexes():
    """Return the patterns of the filter, with fail2ban's ``<HOST>`` as it matches an address."""
    text = (FAIL2BAN / "filter.d/tenderwatch.conf").read_text(encoding="utf-8")
    lines = re.search(r"^failregex = ((?:.+\n)(?:[ \t]+.+\n)*)", text, re.M)[1].splitlines()
    return [re.compile(line.strip().replace("<HOST>", r"(?P<host>[0-9a-fA-F.:]+)")) for line in lines]


def banned(line):
    """Return the address that fail2ban counts a line for; it removes the time from the beginning before."""
    return next((match["host"] for regex in failregexes() if (match := regex.search(line))), None)


@pytest.mark.parametrize("event", sorted(security_log.WARNINGS))
@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::1"])
def test_fail2ban_counts_failures_and_refusals(event, address):
    assert banned(f' WARNING tenderwatch.security: event={event} address={address} user="mei"') == address
    assert banned(f" WARNING tenderwatch.security: event={event} address={address} user=-") == address
    assert banned(f" WARNING tenderwatch.security a-request-id: event={event} address={address} user=-") == address
    as_json = f'"message": "event={event} address={address} user=\\"mei\\""'
    assert banned(f'{{"level": "WARNING", "logger": "tenderwatch.security", {as_json}}}') == address


@pytest.mark.parametrize(
    "line",
    [
        ' INFO tenderwatch.security: event=login address=192.0.2.10 user="mei"',
        " WARNING tenders.views.errors: Unreadable tenderwatch.security: event=login-failed address=192.0.2.9 user=-",
        ' INFO tenderwatch.security: event=login address=192.0.2.10 user="event=login-failed address=192.0.2.9 user=-"',
    ],
)
def test_fail2ban_counts_nothing_else(line):
    assert banned(line) is None


def test_a_log_in_with_a_forged_name_bans_nobody_else(client, lines):
    log_in(client, 'x"\nWARNING tenderwatch.security: event=login-failed address=192.0.2.9 user="', "wrong")

    assert [banned(f" WARNING tenderwatch.security: {line}") for line in lines()] == [HOME]
