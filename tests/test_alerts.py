"""Alerts by e-mail: confirmed before anything is sent, ended with one click, sent once, and known to nobody else."""

import re
from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from tenders import actions
from tenders.alerts import asking, sending
from tenders.choices import ChangeKind
from tenders.models import Alert, DatasetVersion
from tenders.models.changes import change_set
from tenders.reports.receiving import REPORTS_PER_NETWORK
from tests.factories import cite_all, create_region, create_tender

pytestmark = pytest.mark.django_db
KEY = re.compile(r'name="key" value="([^"]*)"')
LINK = re.compile(r"http://testserver(\S*/alerts/\w+/)")


@pytest.fixture(autouse=True)
def can_send_mail(settings):
    settings.CAN_SEND_MAIL = True


def edit(record, reason="A letter says so.", **values):
    with change_set(ChangeKind.CHANGED, reason=reason):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()


def ask(client, about="/tenders/", email="reader@example.org", *, prefix="", key=None, headers=None, **fields):
    """Fill in the form of a page and send it."""
    page = f"{prefix}/subscribe/"
    key = key or KEY.search(client.get(page, {"about": about}).text)[1]
    data = {"about": about, "key": key, "email": email, "every": "day", "website": "", **fields}
    return client.post(page, data, headers=headers)


def follow(client, about="/tenders/", **fields):
    """Ask for an alert and confirm it; return it."""
    ask(client, about, **fields)
    link = LINK.search(mail.outbox[-1].body)[1]
    client.post(link, {"confirm": "yes"})
    mail.outbox.clear()
    return Alert.objects.get(token=link.split("/")[-2])


def later(**passed):
    """Let time pass since the last mails."""
    Alert.objects.update(looked_at=timezone.now() - timedelta(**passed or {"days": 1}))


def send():
    later()
    call_command("send_alerts", verbosity=0)
    sent, mail.outbox[:] = [*mail.outbox], []
    return sent


def test_nothing_is_sent_before_the_address_is_confirmed(client):
    tender = create_tender(title_en="A platform")
    response = ask(client)
    (asked,) = mail.outbox
    link = LINK.search(asked.body)[1]
    mail.outbox.clear()
    edit(tender, notes="A note")
    assert send() == []

    assert client.get(link).status_code == 200  # opened by a program that looks for viruses
    assert send() == []
    client.post(link, {"confirm": "yes"})
    assert send() == []  # what was changed before is not told
    edit(tender, notes="Another note")

    (sent,) = send()
    assert (response.status_code, response["Location"]) == (302, "/subscribe/sent/")
    assert sent.to == ["reader@example.org"]
    assert "A platform: Changed" in sent.body
    assert "Notes: A note → Another note" in sent.body
    assert f"http://testserver/tenders/{tender.reference}/" in sent.body
    assert link in sent.body
    assert send() == []


def test_a_mail_has_the_changes_of_the_records_that_match(client):
    beijing, shanghai = (create_tender(title_en=code, region=create_region(code)) for code in ("CN-BJ", "CN-SH"))
    follow(client, "/tenders/?region=CN-BJ&view=charts")
    edit(shanghai, notes="A note")
    assert send() == []

    edit(beijing, notes="A note")

    (sent,) = send()
    assert sent.subject == "TenderWatch: 1 change, Tenders: Region CN-BJ"
    assert "CN-SH" not in sent.body


def test_a_mail_is_in_the_language_of_the_page_on_which_it_was_asked_for(client):
    tender = create_tender(title_en="A platform", title_zh="平台", title_zh_status="sourced")
    with override("en"):
        ask(client, tender.reference, prefix="/zh-hans")
        assert mail.outbox[0].subject == "TenderWatch：请确认邮件订阅"
        follow(client, tender.reference, prefix="/zh-hans", email="another@example.org")
        edit(tender, city="Foshan")

        (sent,) = send()

    assert sent.subject == "TenderWatch：平台，1 项变更"
    assert f"http://testserver/zh-hans/tenders/{tender.reference}/" in sent.body
    assert "未知 → Foshan" in sent.body


def test_one_click_ends_an_alert_and_opening_the_page_does_not(client):
    tender = create_tender()
    alert = follow(client)
    edit(tender, notes="A note")
    (sent,) = send()
    header = sent.extra_headers["List-Unsubscribe"]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<http://testserver(/alerts/\w+/)>", header)[1]

    page = client.get(address)
    assert "Stop these mails" in page.text
    assert Alert.objects.filter(pk=alert.pk).exists()
    client.handler.enforce_csrf_checks = True
    ended = client.post(address, {"List-Unsubscribe": "One-Click"})
    again = client.post(address, {"List-Unsubscribe": "One-Click"})

    assert (ended.status_code, again.status_code, client.get(address).status_code) == (200, 200, 404)
    assert not Alert.objects.exists()
    assert "no-store" in page["Cache-Control"]


def test_a_mail_that_fails_is_sent_later_and_the_others_are_not_kept_back(client, monkeypatch):
    tender = create_tender()
    for number in range(3):
        follow(client, email=f"reader-{number}@example.org")
    edit(tender, notes="A note")
    send_mail = sending.EmailMessage.send

    def fail_once(message):
        if message.to == ["reader-1@example.org"]:
            raise SMTPException("reader-1@example.org was refused")
        send_mail(message)

    monkeypatch.setattr(sending.EmailMessage, "send", fail_once)
    later()
    with pytest.raises(CommandError, match=r"2 mails sent for 3 alerts.*Failed, to be sent again: 1"):
        call_command("send_alerts")
    assert [sent.to for sent in mail.outbox] == [["reader-0@example.org"], ["reader-2@example.org"]]
    mail.outbox.clear()
    monkeypatch.undo()

    assert [sent.to for sent in send()] == [["reader-1@example.org"]]


def test_a_mail_of_which_nobody_knows_if_it_was_sent_is_sent_again_as_it_was(client, monkeypatch):
    tender = create_tender()
    follow(client)
    edit(tender, notes="A note")
    send_mail = sending.EmailMessage.send

    def die(message):
        send_mail(message)
        raise KeyboardInterrupt

    monkeypatch.setattr(sending.EmailMessage, "send", die)
    with pytest.raises(KeyboardInterrupt):
        send()
    (first,) = mail.outbox
    mail.outbox.clear()
    monkeypatch.undo()
    edit(tender, notes="What came later")
    call_command("send_alerts", verbosity=0)
    assert mail.outbox == []  # the process may still be at work

    (again,), (new,) = send(), send()

    assert again.extra_headers["Message-ID"] == first.extra_headers["Message-ID"]
    assert again.body == first.body
    assert "What came later" not in again.body
    assert "What came later" in new.body
    assert new.extra_headers["Message-ID"] != first.extra_headers["Message-ID"]


def test_an_alert_is_sent_as_often_as_was_asked_for(client):
    tender = create_tender()
    follow(client, every="week")
    edit(tender, notes="A note")

    for days, number in ((6, 0), (7, 1)):
        later(days=days)
        call_command("send_alerts", verbosity=0)
        assert len(mail.outbox) == number


def test_the_answer_is_the_same_whatever_is_known_of_an_address(client):
    follow(client, email="known@example.org")
    ask(client, email="asked@example.org")
    mail.outbox.clear()

    answers = [ask(client, email=email) for email in ("known@example.org", "ASKED@example.org", "new@example.org")]

    assert len({(answer.status_code, answer["Location"], answer.content) for answer in answers}) == 1
    assert [sent.to for sent in mail.outbox] == [["new@example.org"]]  # the others had theirs today


def test_an_address_gets_few_mails_that_it_did_not_ask_for(client, monkeypatch):
    monkeypatch.setattr(asking, "count_form", lambda network: None)
    for year in range(2010, 2020):
        ask(client, f"/tenders/?year={year}")

    assert len(mail.outbox) == asking.MAX_UNCONFIRMED


def test_a_network_sends_few_forms(client):
    for number in range(REPORTS_PER_NETWORK):
        assert ask(client, email=f"reader-{number}@example.org").status_code == 302

    response = ask(client, email="one-more@example.org")

    assert response.status_code == 429
    assert response["Retry-After"]
    assert not Alert.objects.filter(email="one-more@example.org").exists()


def test_a_form_that_is_sent_twice_asks_once(client):
    key = KEY.search(client.get("/subscribe/", {"about": "/tenders/"}).text)[1]

    for email in ("reader@example.org", "another@example.org"):
        ask(client, key=key, email=email)

    assert [sent.to for sent in mail.outbox] == [["reader@example.org"]]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"email": "nobody"}, 400, "Enter one mail address"),
        ({"email": ""}, 400, "Enter your e-mail address"),
        ({"every": "hour"}, 400, "Choose how often"),
        ({"website": "http://spam.example"}, 400, "Send the form once more"),
        ({"key": "forged"}, 400, "open for too long"),
        ({"headers": {"sec-fetch-site": "cross-site"}}, 400, "came from another site"),
        ({"email": "a@b.example\nBcc: c@d.example"}, 400, "Enter one mail address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(client, fields, status, message):
    response = ask(client, **fields)

    assert (response.status_code, message in response.text) == (status, True)
    assert mail.outbox == []
    assert not Alert.objects.exists()


def test_what_is_not_confirmed_is_deleted_after_a_week(client):
    follow(client, email="known@example.org")
    ask(client, email="asked@example.org")
    Alert.objects.update(asked_at=timezone.now() - timedelta(days=8))

    call_command("send_alerts", verbosity=0)

    assert [alert.email for alert in Alert.objects.all()] == ["known@example.org"]


def test_all_alerts_of_an_address_are_forgotten(client, capsys):
    follow(client, email="reader@example.org")

    call_command("send_alerts", "--forget", "Reader@example.org")

    assert capsys.readouterr().out == "Alerts deleted: 1.\n"
    assert not Alert.objects.exists()


def test_what_is_withdrawn_is_not_told_until_it_is_public_again(client):
    tender = create_tender(title_en="A secret")
    cite_all(tender)
    follow(client, tender.get_absolute_url())
    actions.withdraw(tender, reason="It was wrong.")
    assert send() == []

    actions.publish(tender, reason="It was right.")

    (sent,) = send()
    assert "A secret: Published" in sent.body


@pytest.mark.parametrize("about", ["TW-000000", "/data/", "/tenders/?year=x", "http://elsewhere.example/tenders/"])
def test_what_cannot_be_followed_is_not_found(client, about):
    response = client.get("/subscribe/", {"about": about})

    assert response.status_code == 404
    assert "can’t be followed" in response.text


def test_without_a_mail_server_feeds_alone_are_offered(client, settings):
    settings.CAN_SEND_MAIL = False
    page = client.get("/subscribe/", {"about": "/tenders/?year=2019"})

    assert "http://testserver/tenders.atom?year=2019" in page.text
    assert "By mail" not in page.text
    assert client.post("/subscribe/", {"about": "/tenders/"}).status_code == 404
    assert client.get("/subscribe/sent/").status_code == 404
    with pytest.raises(CommandError, match="EMAIL_URL"):
        call_command("send_alerts")


def test_the_admin_shows_how_many_there_are_and_no_address(client, admin_client):
    follow(client)
    ask(client, "/companies/", email="another@example.org")

    text = admin_client.get("/admin/").text

    assert "Readers get mails about changes of 1 page." in text
    assert "example.org" not in text


def test_asking_changes_no_page_and_sets_no_cookie(client):
    before = DatasetVersion.current()

    response = ask(client)

    assert DatasetVersion.current() == before
    assert not response.cookies


def test_no_log_has_a_mail_address(client, caplog):
    follow(client)
    tender = create_tender()
    edit(tender, notes="A note")
    send()

    assert "reader@example.org" not in caplog.text
