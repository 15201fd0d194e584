"""Limits of log-in by address and of the whole site, and that nobody is locked out by others."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt

from accounts import limits
from tests.accounts import ELSEWHERE, HOME, LOGIN, is_logged_in, log_in

pytestmark = pytest.mark.usefixtures("editors_with_axes")


def spray(client, times, *, address=ELSEWHERE):
    """Try one password with many names."""
    return [log_in(client, f"name{n}", "one password", address=address).status_code for n in range(times)]


def attack(*, failures=limits.FAILURES_OF_SITE):
    """Record failures of many addresses."""
    for n in range(failures):
        AccessAttempt.objects.create(username=f"name{n}", ip_address=f"203.0.113.{n}", failures_since_start=1)


def test_one_password_with_forty_names_gets_thirty_answers(client):
    assert spray(client, 40) == [200] * 29 + [429] * 11


def test_the_answer_says_when_to_try_again(client, clock):
    spray(client, 30)
    clock.time = timedelta(minutes=5)

    response = log_in(client, address=ELSEWHERE)

    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert "Too many attempts from your address. Try again in 10 minutes, after " in response.text
    assert 'value="mei"' in response.text
    clock.time = timedelta(minutes=15, seconds=1)
    assert log_in(client, address=ELSEWHERE).status_code == 302


def test_the_names_of_one_address_lock_nobody_out_elsewhere(client):
    spray(client, 40, address=ELSEWHERE)

    assert log_in(client, address=HOME).status_code == 302


def test_who_has_logged_in_from_an_address_is_not_locked_out_by_a_neighbour(client):
    log_in(client, "mei", address=ELSEWHERE)
    client.post("/admin/logout/")
    spray(client, 40, address=ELSEWHERE)

    assert log_in(client, "anna", address=ELSEWHERE).status_code == 429
    assert log_in(client, "mei", address=ELSEWHERE).status_code == 302


def test_a_known_name_has_five_tries_as_always(client):
    log_in(client, "mei", address=ELSEWHERE)
    client.post("/admin/logout/")
    spray(client, 40, address=ELSEWHERE)

    statuses = [log_in(client, "mei", "wrong", address=ELSEWHERE).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 200, 429]


def test_another_network_of_ipv6_is_another_address(client):
    spray(client, 40, address="2001:db8:1:2::1")

    assert log_in(client, "mei", address="2001:db8:1:2:ffff::7").status_code == 429
    assert log_in(client, "mei", address="2001:db8:1:3::1").status_code == 302


def test_during_an_attack_on_the_site_an_address_has_three_failures(client):
    attack()

    assert spray(client, 5) == [200, 200, 429, 429, 429]


def test_one_failure_less_is_no_attack(client):
    attack(failures=limits.FAILURES_OF_SITE - 4)

    assert spray(client, 3) == [200] * 3


@pytest.mark.parametrize("is_new_address", [True, False])
def test_during_an_attack_whoever_knows_the_password_logs_in(client, is_new_address):
    if not is_new_address:
        log_in(client, address=HOME)
        client.post("/admin/logout/")
    attack(failures=200)

    assert log_in(client, address=HOME).status_code == 302
    assert is_logged_in(client)


def test_an_attack_is_over_after_a_quarter_of_an_hour(client, clock):
    attack()
    clock.time = timedelta(minutes=16)

    assert spray(client, 5) == [200] * 5


def test_the_page_of_the_wait_is_in_chinese_below_the_chinese_prefix(client):
    for n in range(30):
        response = client.post(f"/zh-hans{LOGIN}", {"username": f"name{n}", "password": "x"}, REMOTE_ADDR=HOME)

    assert response.status_code == 429
    assert '<html lang="zh-hans"' in response.text
    assert "Too many" not in response.text
