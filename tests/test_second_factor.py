"""The second factor: set-up, codes, recovery codes, and that nobody is logged in without it."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import second_factor
from accounts.models import Session
from tests.accounts import (
    CODE,
    ELSEWHERE,
    HOME,
    LOGIN,
    PASSWORD,
    SET_UP,
    code_of,
    code_of_key,
    give_code,
    is_logged_in,
    log_in,
    set_up,
)
from tests.factories import create_tender

ACCOUNT = "/admin/account/"


@pytest.fixture(autouse=True)
def _with_axes(db, settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def mei():
    return User.objects.create_superuser("mei", password=PASSWORD)


@pytest.fixture
def li():
    user = User.objects.create_user("li", password=PASSWORD)
    user.groups.add(Group.objects.get(name="Editors"))
    return user


def wrong_code(user):
    return f"{(int(code_of(user)) + 500_000) % 1_000_000:06}"


def secret_on(response):
    return re.search(r'<code class="secret">([^<]+)</code>', response.text)[1]


def codes_on(response):
    return re.findall(r"<code>(\w{4}-\w{4})</code>", response.text)


# The two steps


def test_the_password_alone_logs_nobody_in(client, li):
    set_up(li)

    response = log_in(client, "li", next="/admin/tenders/tender/")

    assert response.url == f"{CODE}?next=/admin/tenders/tender/"
    assert client.get("/admin/").url == f"{LOGIN}?next=/admin/"
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == CODE
    assert not Session.objects.filter(user=li).exists()


def test_password_and_code_log_in_and_lead_to_the_page_that_was_asked_for(client, li):
    set_up(li)
    log_in(client, "li")

    response = give_code(client, code_of(li), next="/admin/tenders/tender/")

    assert response.url == "/admin/tenders/tender/"
    assert is_logged_in(client)


def test_a_code_leads_to_no_other_site(client, li):
    set_up(li)
    log_in(client, "li", next="https://example.org/")

    assert give_code(client, code_of(li), next="https://example.org/").url == "/admin/"


@pytest.mark.parametrize("form", [str, str.upper, lambda c: c.replace("-", ""), lambda c: f" {c.replace('-', '   ')} "])
def test_a_recovery_code_logs_in_once(client, li, form):
    code = set_up(li)[3]
    log_in(client, "li")
    assert give_code(client, form(code)).status_code == 302
    assert is_logged_in(client)
    client.post("/admin/logout/")
    log_in(client, "li")

    assert give_code(client, form(code)).status_code == 200
    assert not is_logged_in(client)


def test_digits_of_full_width_are_a_code(client, li):
    set_up(li)
    log_in(client, "li")

    give_code(client, code_of(li).translate({ord("0") + n: ord("０") + n for n in range(10)}))

    assert is_logged_in(client)


def test_a_code_of_the_app_works_once(client, li):
    set_up(li)
    code = code_of(li)
    log_in(client, "li")
    give_code(client, code)
    other = Client()
    log_in(other, "li")

    give_code(other, code)

    assert not is_logged_in(other)


def test_a_code_without_a_password_leads_to_the_first_step(client, li):
    set_up(li)

    assert give_code(client, code_of(li)).url.startswith(LOGIN)
    assert client.get(CODE).url.startswith(LOGIN)
    assert client.get(SET_UP).url.startswith(LOGIN)
    assert not is_logged_in(client)


def test_between_the_steps_one_may_choose_another_account(client, li, mei):
    set_up(li)
    log_in(client, "li")

    client.post(LOGIN, {"_restart": ""})

    assert client.get(LOGIN).status_code == 200
    log_in(client, "mei")
    assert is_logged_in(client)


def test_the_second_step_waits_ten_minutes(client, li, clock):
    set_up(li)
    log_in(client, "li")
    clock.time = timedelta(minutes=11)

    assert give_code(client, code_of(li)).url.startswith(LOGIN)
    assert not is_logged_in(client)


@pytest.mark.parametrize("change", ["password", "active", "deleted"])
def test_the_second_step_ends_with_the_account_as_it_was(client, li, change):
    set_up(li)
    log_in(client, "li")
    code = code_of(li)
    if change == "password":
        li.set_password("eight tall poplars")
    li.is_active = change != "active"
    li.save()
    if change == "deleted":
        li.delete()

    assert give_code(client, code).url.startswith(LOGIN)
    assert not is_logged_in(client)


def test_each_step_changes_the_session_key_and_logging_in_again_drops_the_other_user(client, li, mei):
    set_up(li)
    log_in(client, "mei")
    keys = [client.cookies["sessionid"].value]
    log_in(client, "li")
    keys.append(client.cookies["sessionid"].value)
    assert not is_logged_in(client)
    give_code(client, code_of(li))
    keys.append(client.cookies["sessionid"].value)

    assert len(set(keys)) == 3
    assert client.get(ACCOUNT).context["user"] == li


# Wrong codes


def test_wrong_codes_count_like_wrong_passwords(client, li):
    set_up(li)
    log_in(client, "li", "wrong")
    log_in(client, "li", "wrong")
    statuses = []
    for _ in range(3):
        log_in(client, "li")
        TOTPDevice.objects.update(throttling_failure_count=0)
        statuses.append(give_code(client, wrong_code(li)).status_code)

    assert statuses == [200, 200, 429]
    response = give_code(client, code_of(li))
    assert response.status_code == 429
    assert "Too many attempts with this name from your address. Try again in 15 minutes" in response.text
    assert log_in(client, "li").status_code == 429


def test_logging_in_resets_the_count_and_the_right_password_alone_does_not(client, li):
    set_up(li)
    for _ in range(4):
        log_in(client, "li")
        TOTPDevice.objects.update(throttling_failure_count=0)
        give_code(client, wrong_code(li))
    assert AccessAttempt.objects.get().failures_since_start == 4
    TOTPDevice.objects.update(throttling_failure_count=0)

    give_code(client, code_of(li))

    assert not AccessAttempt.objects.exists()


def test_the_wrong_codes_of_many_addresses_slow_each_other_down(client, li):
    set_up(li)
    for n in range(4):
        log_in(client, "li", address=f"203.0.113.{n}")
        response = give_code(client, wrong_code(li), address=f"203.0.113.{n}")

    assert "Too many wrong codes. Try again in 1 minute, after " in response.text
    assert TOTPDevice.objects.get().throttling_failure_count < 4
    assert "Too many wrong codes." in give_code(client, code_of(li), address="203.0.113.9").text


def test_nobody_keeps_an_editor_out_who_has_logged_in_from_an_address_before(client, li):
    set_up(li)
    log_in(client, "li", address=HOME)
    give_code(client, code_of(li), address=HOME)
    client.post("/admin/logout/")
    TOTPDevice.objects.update(throttling_failure_count=30, throttling_failure_timestamp=timezone.now())
    attacker = Client()
    log_in(attacker, "li", address=ELSEWHERE)
    assert "Too many wrong codes." in give_code(attacker, code_of(li), address=ELSEWHERE).text

    log_in(client, "li", address=HOME)
    give_code(client, code_of(li), address=HOME)

    assert is_logged_in(client)


def test_a_wrong_code_of_the_app_leaves_the_recovery_codes_as_they_are(client, li):
    codes = set_up(li)
    log_in(client, "li")
    give_code(client, wrong_code(li))

    assert give_code(client, codes[0]).status_code == 302


def test_no_table_holds_a_code_or_a_password(client, li):
    codes = set_up(li)
    log_in(client, "li", "a secret thing")
    log_in(client, "li")
    give_code(client, wrong := wrong_code(li))

    kept = "".join(f"{attempt.post_data}{attempt.get_data}" for attempt in AccessAttempt.objects.all())
    assert "username=li" in kept
    assert not [secret for secret in (wrong, "a secret thing", codes[0]) if secret in kept]


@given(st.text(max_size=40))
@settings(max_examples=20)
def test_no_text_that_is_no_code_logs_in_or_makes_a_500(db, text):
    user = User.objects.create_user(f"user-{User.objects.count()}", password=PASSWORD, is_superuser=True)
    set_up(user)
    client = Client()
    log_in(client, user.username, address=f"192.0.2.{User.objects.count() % 250}")

    try:
        response = give_code(client, text)
    except UnicodeEncodeError:  # no browser can send it
        return

    assert response.status_code in {200, 400, 429}
    assert not is_logged_in(client)


# Set-up


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def test_who_has_no_second_factor_where_it_is_required_sets_one_up(client, li, required):
    response = log_in(client, "li", next="/admin/tenders/tender/")
    assert response.url == f"{SET_UP}?next=/admin/tenders/tender/"
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == SET_UP
    page = client.get(response.url)
    key = client.session["second_factor_key"]

    done = client.post(SET_UP, {"code": code_of_key(key), "next": "/admin/tenders/tender/"})

    assert second_factor.secret_text(key) == secret_on(page)
    assert len(set(codes_on(done))) == 10
    assert 'href="/admin/tenders/tender/"' in done.text
    assert codes_on(done)[0] in done.context["file"]
    assert "no-store" in done["Cache-Control"]
    assert is_logged_in(client)
    assert TOTPDevice.objects.get(user=li).confirmed
    assert {f"{t.token[:4]}-{t.token[4:]}" for t in StaticToken.objects.all()} == set(codes_on(done))


def test_recovery_codes_are_shown_once(client, li, required):
    log_in(client, "li")
    client.get(SET_UP)
    code = code_of_key(client.session["second_factor_key"])
    codes = codes_on(client.post(SET_UP, {"code": code}))

    again = client.post(SET_UP, {"code": code}, follow=True)

    assert not any(code in again.text for code in codes)
    assert not any(code in client.get(ACCOUNT).text for code in codes)


def test_a_wrong_code_keeps_the_secret_of_the_set_up(client, li, required):
    log_in(client, "li")
    before = secret_on(client.get(SET_UP))

    response = client.post(SET_UP, {"code": "12345"})

    assert secret_on(response) == before
    assert "This code isn’t right." in response.text
    assert not TOTPDevice.objects.exists()


def test_the_qr_code_stands_in_the_page_without_inline_style_or_script(client, li, required):
    log_in(client, "li")

    response = client.get(SET_UP)

    assert re.search(r'<div class="qr" role="img" aria-label="[^"]+"><svg [^>]+><rect [^>]+/><path d="M', response.text)
    assert not re.search(r"\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", response.text)
    assert 'autocomplete="one-time-code"' in response.text
    assert "'unsafe" not in response["Content-Security-Policy"]


def test_the_pages_are_in_chinese_below_the_chinese_prefix(client, li):
    set_up(li)

    response = client.post(f"/zh-hans{LOGIN}", {"username": "li", "password": PASSWORD}, follow=True)

    assert response.request["PATH_INFO"] == f"/zh-hans{CODE}"
    assert '<html lang="zh-hans"' in response.text


def test_a_session_of_before_the_requirement_is_nobodys(client, li, settings):
    client.force_login(li)
    assert is_logged_in(client)

    settings.SECOND_FACTOR_REQUIRED = True

    assert not is_logged_in(client)


def test_setting_up_ends_the_other_sessions(client, li, settings):
    other = Client()
    other.force_login(li)
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(client, "li")
    client.get(SET_UP)

    client.post(SET_UP, {"code": code_of_key(client.session["second_factor_key"])})

    assert is_logged_in(client)
    assert not is_logged_in(other)
    assert Session.objects.filter(user=li).count() == 1


# One's own account


def test_a_logged_in_user_sets_up_a_second_factor_with_the_password(client, li):
    client.force_login(li)
    assert client.get("/admin/account/set-up/").url == ACCOUNT
    identity = {"_identity": "1", "_replace": ""}
    assert "This isn’t your password." in client.post(ACCOUNT, {**identity, "password": "wrong"}).text
    assert client.get("/admin/account/set-up/").url == ACCOUNT

    response = client.post(ACCOUNT, {**identity, "password": PASSWORD}, follow=True)
    code = code_of_key(client.session["second_factor_key"])
    done = client.post(response.request["PATH_INFO"], {"code": code})

    assert len(codes_on(done)) == 10
    assert is_logged_in(client)
    assert client.get("/admin/account/set-up/").url == ACCOUNT


def test_the_confirmation_of_the_owner_holds_for_ten_minutes(client, li, clock):
    client.force_login(li)
    client.post(ACCOUNT, {"_identity": "1", "_replace": "", "password": PASSWORD})
    assert client.get("/admin/account/set-up/").status_code == 200

    clock.time = timedelta(minutes=11)

    assert client.get("/admin/account/set-up/").url == ACCOUNT


@pytest.fixture
def logged_in(client, li):
    """A client that is logged in with both factors, and the recovery codes."""
    codes = set_up(li)
    log_in(client, "li")
    give_code(client, code_of(li))
    return SimpleNamespace(client=client, codes=codes)


def test_new_recovery_codes_replace_the_old_ones(logged_in, li):
    client = logged_in.client

    response = client.post(ACCOUNT, {"_identity": "1", "_renew": "", "password": PASSWORD, "code": code_of(li)})

    assert len(codes_on(response)) == 10
    assert not set(codes_on(response)) & set(logged_in.codes)
    assert second_factor.num_recovery_codes(li) == 10
    assert is_logged_in(client)


@pytest.mark.parametrize("wrong", ["password", "code"])
@pytest.mark.parametrize("button", ["_renew", "_replace"])
def test_password_and_code_are_needed_to_change_the_second_factor(logged_in, li, wrong, button):
    before = set(StaticToken.objects.values_list("token", flat=True))
    fields = {"password": PASSWORD, "code": code_of(li)}
    fields[wrong] = "wrong" if wrong == "password" else wrong_code(li)

    response = logged_in.client.post(ACCOUNT, {"_identity": "1", button: "", **fields})

    assert response.status_code == 200
    assert set(StaticToken.objects.values_list("token", flat=True)) == before
    assert logged_in.client.get("/admin/account/set-up/").url == ACCOUNT
    assert AccessAttempt.objects.get().failures_since_start == 1


def test_another_app_replaces_the_old_one_and_keeps_the_recovery_codes(logged_in, li):
    client, old = logged_in.client, TOTPDevice.objects.get()
    identity = {"_identity": "1", "_replace": "", "password": PASSWORD, "code": code_of(li)}
    response = client.post(ACCOUNT, identity, follow=True)
    new = client.session["second_factor_key"]

    client.post(response.request["PATH_INFO"], {"code": code_of_key(new)})

    assert TOTPDevice.objects.get().key == new != old.key
    assert is_logged_in(client)
    assert second_factor.num_recovery_codes(li) == 10
    other = Client()
    log_in(other, "li")
    assert give_code(other, code_of_key(old.key)).status_code == 200


def test_five_wrong_passwords_for_the_account_page_lead_to_a_wait(logged_in, li):
    statuses = []
    for _ in range(5):
        fields = {"_identity": "1", "_renew": "", "password": "wrong", "code": "123456"}
        statuses.append(logged_in.client.post(ACCOUNT, fields, REMOTE_ADDR=HOME).status_code)

    assert statuses == [200, 200, 200, 200, 429]
    assert is_logged_in(logged_in.client)


# Resetting


def test_an_administrator_resets_the_second_factor_of_another(client, mei, li):
    set_up(li)
    other = Client()
    log_in(other, "li")
    give_code(other, code_of(li))
    client.force_login(mei)
    path = reverse("admin:auth_user_reset_second_factor", args=[li.pk])
    assert path in client.get(reverse("admin:auth_user_change", args=[li.pk])).text
    assert client.get(path).status_code == 200
    assert TOTPDevice.objects.exists()

    response = client.post(path, follow=True)

    assert "The second factor of li was removed." in response.text
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert not is_logged_in(other)


@pytest.mark.parametrize("page", ["reset_second_factor", "end_sessions"])
def test_nobody_else_does_that_and_nobody_for_himself(client, mei, li, page):
    set_up(mei)
    client.force_login(li)
    assert client.post(reverse(f"admin:auth_user_{page}", args=[mei.pk])).status_code == 403
    administrator = User.objects.create_superuser("other")
    client.force_login(administrator)
    assert client.post(reverse(f"admin:auth_user_{page}", args=[administrator.pk])).status_code == 404
    assert client.post(reverse(f"admin:auth_user_{page}", args=[99999])).status_code == 404

    assert second_factor.is_set_up(mei)


def test_a_command_resets_the_second_factor_of_a_lost_administrator(client, mei, capsys):
    set_up(mei)

    call_command("reset_second_factor", "mei")

    assert "The second factor of mei was removed." in capsys.readouterr().out
    log_in(client, "mei")
    assert is_logged_in(client)
    with pytest.raises(CommandError, match="There is no account “nobody”"):
        call_command("reset_second_factor", "nobody")


def test_no_page_of_the_admin_shows_a_secret(client, mei, li):
    set_up(li)
    key = TOTPDevice.objects.get().key
    client.force_login(mei)

    assert "otp_totp" not in client.get("/admin/").text
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404
    assert key not in client.get(reverse("admin:auth_user_change", args=[li.pk])).text


# What an editor alone may see


def test_drafts_and_files_are_hidden_until_the_second_factor_is_given(client, li):
    set_up(li)
    tender = create_tender(state="draft", title_en="A secret draft")
    preview = reverse("preview-tender", args=[tender.reference])
    client.force_login(li)
    assert client.get(preview).status_code == 302

    log_in(client, "li")
    assert client.get(preview).status_code == 302
    give_code(client, code_of(li))

    assert "A secret draft" in client.get(preview).text
