"""Readers report errors: what they can be about, how they are received, what is refused, and who sees them."""

import logging
import re
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tenders import anonymising
from tenders.audit import public_history_of
from tenders.choices import ChangeKind, EditorialState, ReportState
from tenders.models import Change, DatasetVersion, RedirectedReference, Report, ReportSender
from tenders.models.changes import change_set
from tenders.reports import receiving
from tenders.reports.receiving import REPORTS_OF_SITE, REPORTS_PER_NETWORK, FormKey
from tenders.reports.subjects import find_subject
from tenders.views.limits import MAX_READER_BODY
from tests.factories import create_article, create_claim, create_company, create_institution, create_tender

pytestmark = pytest.mark.django_db
KEY = re.compile(r'name="key" value="([^"]*)"')


def key_on(response):
    return KEY.search(response.text)[1]


def send(client, about, text="The amount is 8.5 million.", *, key=None, address="192.0.2.1", headers=None, **fields):
    """Open the form of a page and send it."""
    key = key_on(client.get("/report/", {"about": about})) if key is None else key
    data = {"about": about, "key": key, "text": text, "source": "", "email": "", "website": "", **fields}
    return client.post("/report/", data, REMOTE_ADDR=address, headers=headers)


@pytest.fixture
def tender(db):
    return create_tender(title_en="A platform")


@pytest.fixture
def editor(client):
    user = User.objects.create_user("editor")
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return user


def create_report(about, **fields):
    return Report.objects.create(**{"about": about, "text": "It is wrong.", "language": "en", **fields})


# What a report can be about


def test_every_public_page_can_be_reported(client):
    article = create_article(slug="study")
    records = [create_tender(), create_institution(), create_company(), article, create_claim(article, "none")]
    pages = [record.get_absolute_url() for record in records]
    pages += ["/", "/tenders/?view=charts&year=2019", "/institutions/", "/companies/", "/changes/", "/data/"]
    pages += ["/about/method/", "/tenders/?view=charts#chart-institution", f"{pages[1]}#chart-category"]

    for page in pages:
        for address in (page, f"/zh-hans{page}", f"http://testserver{page}"):
            assert find_subject(address, host="testserver").address == page
        assert client.get("/report/", {"about": page}).status_code == 200


def test_a_record_is_found_by_its_reference_however_it_is_typed(tender):
    assert find_subject(f" {tender.reference.lower()} ").address == tender.get_absolute_url()


def test_the_page_of_a_record_links_to_the_form(client, tender):
    href = re.search(r'class="report-link"\s+href="([^"]+)"', client.get(tender.get_absolute_url()).text)[1]

    assert "A platform" in client.get(href).text


@pytest.mark.parametrize("state", sorted(set(EditorialState) - {EditorialState.PUBLISHED}))
def test_what_is_not_published_is_answered_like_what_never_existed(client, state):
    article = create_article(slug="secret", state=state)
    hidden = [create_tender(state=state, title_en="A secret"), create_institution(state=state), article]
    hidden.append(create_claim(article, "none", code="A1"))
    addresses = [record.get_absolute_url() for record in hidden] + [hidden[0].reference]
    never = ["/tenders/TW-000000/", "/institutions/I-000000/", "/articles/nothing/", "/articles/nothing/claims/A1/"]

    for address, other in zip(addresses, [*never, "TW-000000"], strict=True):
        found, nothing = (client.get("/report/", {"about": about}) for about in (address, other))
        texts = [
            response.text.replace(about, "").replace(response["X-Request-ID"], "")
            for response, about in ((found, address), (nothing, other))
        ]
        assert found.status_code == nothing.status_code == 404
        assert texts[0].replace(address.replace("/", "%2F"), "") == texts[1].replace(other.replace("/", "%2F"), "")


def test_a_merged_record_leads_to_the_other(tender):
    RedirectedReference.objects.create(reference="TW-AAAAAA", redirects_to=tender.reference, is_public=True)

    assert find_subject("/tenders/TW-AAAAAA/").record == tender


@pytest.mark.parametrize(
    "about",
    [
        "https://elsewhere.example/tenders/",
        "javascript:alert(1)",
        "//elsewhere.example/",
        "/admin/",
        "/report/",
        "http://[",
        "/tenders.csv",
        "/static/admin.css",
        "/about/nothing/",
        "/tenders/\0",
        "\u202e/tenders/",
        "x" * 501,
    ],
)
def test_anything_else_is_not_found(client, about):
    assert client.get("/report/", {"about": about}).status_code == 404
    assert send(client, about, key="x").status_code == 404
    assert not Report.objects.exists()


# Receiving


def test_a_report_waits_for_the_editors_and_its_sender_is_thanked(client, tender):
    address = tender.get_absolute_url()

    response = send(client, f"/zh-hans{address}", source="The notice", email="reader@example.org")

    report = Report.objects.get()
    assert (report.about, report.source, report.email) == (address, "The notice", "reader@example.org")
    assert (report.state, report.language) == (ReportState.OPEN, "en")
    assert response["Location"] == f"/report/{report.token}/"
    assert "Thank you" in client.get(response["Location"]).text


def test_no_page_of_reports_sets_a_cookie(client, tender):
    about = tender.get_absolute_url()
    pages = [client.get("/report/", {"about": about}), send(client, about), send(client, about, text="")]
    pages.append(client.get(pages[1]["Location"]))

    assert [page.cookies for page in pages] == [{}] * 4


def test_a_form_is_good_without_a_cookie_of_django(tender):
    from django.test import Client

    assert send(Client(enforce_csrf_checks=True), tender.get_absolute_url()).status_code == 302


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": ""}, "Say what is wrong."),
        ({"text": "字" * 4001}, "Shorten this by 1 character: up to 4000 are read."),
        ({"source": "s" * 600}, "Shorten this by 100 characters: up to 500 are read."),
        ({"email": "reader@example.org\r\nBcc: all@example.org"}, "Enter one mail address"),
        ({"email": "a@example.org, b@example.org"}, "Enter one mail address"),
        ({"website": "https://pills.example/"}, "a field that people don’t see was filled in"),
    ],
)
def test_what_is_refused_is_refused_in_words_and_nothing_typed_is_lost(client, tender, fields, message):
    typed = {"text": "Typed text", "source": "Typed source", "email": "typed@example.org"} | fields

    response = send(client, tender.get_absolute_url(), **typed)

    assert response.status_code == 400
    assert message in response.text
    assert not Report.objects.exists()
    for name in ("text", "source"):
        assert typed[name] in response.text
    assert "pills.example" not in response.text  # so that who sends it once more is heard
    again = send(client, tender.get_absolute_url(), key=key_on(response))
    assert again.status_code == 302


def test_what_is_read_is_4000_characters_with_ends_of_line_of_a_browser(client, tender):
    assert send(client, tender.get_absolute_url(), text="字\r\n" * 2000).status_code == 302


def test_control_characters_are_dropped(client, tender):
    send(client, tender.get_absolute_url(), text="a\0b\x1b[31mc\r\nd\te", source="\0\x07x")

    report = Report.objects.get()
    assert (report.text, report.source) == ("ab[31mc\nd\te", "x")


def test_a_body_of_a_megabyte_is_refused_in_words_before_it_is_read(client, tender):
    response = send(client, tender.get_absolute_url(), text="x" * 1_000_000)

    assert response.status_code == 413
    assert "200 kB. Go back" in response.text
    assert 4_500 * len("%E5%AD%97") < MAX_READER_BODY  # all of it Chinese, as a browser sends it


def test_a_form_is_good_for_one_page_one_report_and_one_day(client, tender, monkeypatch):
    about, other = tender.get_absolute_url(), create_tender().get_absolute_url()
    key = key_on(client.get("/report/", {"about": about}))

    assert send(client, other, key=key).status_code == 400
    assert send(client, about, key=f"{key}x").status_code == 400
    assert send(client, about, key="").status_code == 400
    assert not Report.objects.exists()
    first, twice = send(client, about, key=key), send(client, about, key=key)
    assert first["Location"] == twice["Location"]
    assert "was sent before" in send(client, about, "Another error", key=key).text
    assert Report.objects.count() == 1
    late = FormKey.new(about)
    now = time.time()
    monkeypatch.setattr(receiving.time, "time", lambda: now + receiving.MAX_AGE + 1)
    response = send(client, about, "Typed slowly", key=str(late))
    assert "open for too long" in response.text
    assert "Typed slowly" in response.text
    assert send(client, about, "Typed slowly", key=key_on(response)).status_code == 302


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 302),
        ({"Origin": "null"}, 302),
    ],
)
def test_a_form_that_another_site_sends_is_shown_first(client, tender, headers, status):
    response = send(client, tender.get_absolute_url(), headers=headers)

    assert response.status_code == status
    assert ("The amount is 8.5 million." in response.text) == (status == 403)


def test_a_network_that_sends_too_many_waits_and_keeps_nobody_else_out(client, tender, clock):
    about = tender.get_absolute_url()
    for number in range(REPORTS_PER_NETWORK):
        assert send(client, about, f"Error {number}").status_code == 302

    refused = send(client, about, "One more")

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "Try again in 60 minutes" in refused.text
    assert "One more" in refused.text
    assert send(client, about, address="198.51.100.7").status_code == 302
    clock.time = timedelta(hours=1, seconds=1)
    assert send(client, about, "One more", key=key_on(refused)).status_code == 302
    assert ReportSender.objects.count() == 1  # the others are forgotten by then


def test_networks_of_ipv6_are_counted_as_a_whole(client, tender):
    for number in range(REPORTS_PER_NETWORK):
        send(client, tender.get_absolute_url(), address=f"2001:db8::{number + 1:x}")

    assert send(client, tender.get_absolute_url(), address="2001:db8::ffff").status_code == 429


def test_in_a_flood_every_network_still_has_one_report(client, tender):
    flood = [ReportSender(address=f"203.0.113.{number}") for number in range(REPORTS_OF_SITE)]
    ReportSender.objects.bulk_create(flood)
    about = tender.get_absolute_url()

    assert [send(client, about).status_code for _ in range(2)] == [302, 429]
    assert send(client, about, address="203.0.113.5").status_code == 429


def test_the_queue_has_an_end(client, tender, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_WAITING", 1)
    create_report("/")

    response = send(client, tender.get_absolute_url())

    assert response.status_code == 429
    assert "more reports than they can read" in response.text


def test_a_report_that_arrives_renews_no_page(client, tender):
    before = DatasetVersion.versions()

    send(client, tender.get_absolute_url())

    assert DatasetVersion.versions() == before
    assert not Change.objects.filter(kind=ChangeKind.ADDED, pk__gt=Change.objects.latest("pk").pk).exists()


# Who sees it


def test_nothing_of_a_report_is_on_a_public_page_or_in_a_dump_or_a_log(client, tender, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    secret = {"text": "walrus-text", "source": "walrus-source", "email": "walrus@example.org"}
    outcome = send(client, tender.get_absolute_url(), **secret)["Location"]
    send(client, tender.get_absolute_url(), **secret, key="bad")
    call_command("dumpdata", output=str(tmp_path / "dump.json"), verbosity=0)
    pages = ["/", "/changes/", "/sitemap.xml", "/sitemap-pages.xml", "/tenders.json", "/tenders.csv", outcome]

    shown = [client.get(page) for page in [*pages, tender.get_absolute_url()]]

    texts = ["".join(map(bytes.decode, page.streaming_content)) if page.streaming else page.text for page in shown]
    texts += [(tmp_path / "dump.json").read_text(encoding="utf-8"), caplog.text]
    assert not [text for text in texts if "walrus" in text]
    assert not [text for text in texts[:6] if outcome in text]
    assert 'content="noindex"' in texts[6]


def test_another_token_shows_nothing(client):
    create_report("/")

    assert client.get("/report/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_editors_find_reports_in_their_queue_and_contributors_do_not(client, editor, tender):
    create_report(tender.get_absolute_url())
    create_report("/", state=ReportState.DECLINED, answer="No.", answered_at=timezone.now())

    href, number = re.search(r'href="([^"]+todo=reports)" data-count="(\d+)"', client.get("/admin/").text).groups()
    assert number == "1"
    assert "1 reader’s report" in client.get(href).text
    contributor = User.objects.create_user("contributor")
    contributor.groups.add(Group.objects.get(name="Contributors"))
    client.force_login(contributor)
    assert "todo=reports" not in client.get("/admin/").text
    assert client.get(href).status_code == 403


def test_what_a_reader_sent_is_no_link_and_no_markup_in_the_admin(client, editor, tender):
    report = create_report(
        tender.get_absolute_url(), text="<script>alert(1)</script>", source="javascript:alert(1)", email="a@b.example"
    )

    text = client.get(reverse("admin:tenders_report_change", args=[report.pk])).text

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "javascript:alert(1)" in text
    assert tender.get_absolute_url() in text
    assert reverse("admin:tenders_tender_change", args=[tender.pk]) in text


# Answering


def answer(client, report, **fields):
    data = {"state": report.state, "answer": "", "change": "", **fields}
    return client.post(reverse("admin:tenders_report_change", args=[report.pk]), data, follow=True)


def corrected(tender, editor):
    with change_set(ChangeKind.CHANGED, by=editor, reason="The notice says so.") as change:
        tender.city = "Foshan"
        tender.save()
        return Change.objects.get(pk=change.pk)


def test_a_correction_is_marked_in_the_public_history_and_told_to_the_reader(client, editor, tender):
    report = create_report(tender.get_absolute_url())
    page = client.get(tender.get_absolute_url())
    change = corrected(tender, editor)
    before = client.get(tender.get_absolute_url())
    assert "after a reader" not in before.text

    answer(client, report, state="corrected", change=change.pk, answer="You were right.")

    report.refresh_from_db()
    assert (report.change, report.answered_by) == (change, editor)
    client.logout()
    for page in (tender.get_absolute_url(), "/changes/"):
        shown = client.get(page, headers={"if-none-match": before["ETag"]})
        assert shown.text.count("Corrected after a reader’s report") == 1, page
    assert [change.follows_report for change in public_history_of(tender)] == [True, False]
    outcome = client.get(f"/report/{report.token}/").text
    assert "You were right." in outcome
    assert f"{tender.get_absolute_url()}#history" in outcome


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"state": "corrected", "answer": "Done."}, "Correct the record first, then choose the change here."),
        ({"state": "declined"}, "Write an answer"),
    ],
)
def test_an_answer_that_lacks_something_is_not_saved(client, editor, tender, fields, message):
    report = create_report(tender.get_absolute_url())

    response = answer(client, report, **fields)

    assert message in response.text
    report.refresh_from_db()
    assert report.state == ReportState.OPEN


def test_what_is_accepted_waits_on(client, editor, tender):
    report = create_report(tender.get_absolute_url(), email="reader@example.org")

    answer(client, report, state="accepted")

    report.refresh_from_db()
    assert (report.answered_at, report.email) == (None, "reader@example.org")
    assert list(Report.objects.waiting()) == [report]


def test_the_answer_is_mailed_and_then_the_address_is_erased(client, editor, tender, settings):
    settings.CAN_SEND_MAIL, settings.CONTACT_EMAIL = True, "editors@example.org"
    report = create_report(tender.get_absolute_url(), email="reader@example.org", language="zh-hans", text="请买药")

    response = answer(client, report, state="declined", answer="The contract says 8.995 million.")

    (sent,) = mail.outbox
    assert (sent.to, sent.reply_to) == (["reader@example.org"], ["editors@example.org"])
    assert "The contract says 8.995 million." in sent.body
    assert f"http://testserver/zh-hans/report/{report.token}/" in sent.body
    assert "请买药" not in sent.body  # an address may be somebody else's
    assert "address is erased" in response.text
    assert Report.objects.get().email == ""


def test_where_no_mail_is_sent_the_editor_answers_otherwise(client, editor, tender):
    report = create_report(tender.get_absolute_url(), email="reader@example.org")

    response = answer(client, report, state="declined", answer="No.")

    assert "Write to reader@example.org yourself" in response.text
    answer(client, report, state="declined", answer="No.", without_mail="on")
    report.refresh_from_db()
    assert (report.state, report.email, mail.outbox) == (ReportState.DECLINED, "", [])


def test_an_answer_that_cannot_be_mailed_stays_in_the_queue(client, editor, tender, settings, monkeypatch):
    def fail(*args):
        raise ConnectionRefusedError("no server")

    settings.CAN_SEND_MAIL = True
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)
    report = create_report(tender.get_absolute_url(), email="reader@example.org")

    response = answer(client, report, state="declined", answer="No.")

    assert "could not be mailed (no server)" in response.text
    assert Report.objects.get().email == "reader@example.org"
    assert 'todo=reports" data-count="1"' in client.get("/admin/").text


def test_only_a_report_that_corrected_nothing_is_deleted(client, editor, tender):
    spam, report = create_report("/"), create_report(tender.get_absolute_url())
    change = corrected(tender, editor)
    answer(client, report, state="corrected", change=change.pk, answer="Done.")

    for row in (spam, report):
        client.post(reverse("admin:tenders_report_delete", args=[row.pk]), {"post": "yes"})

    assert list(Report.objects.all()) == [report]


def test_personal_data_is_removed_from_reports_too(tender):
    create_report(tender.get_absolute_url(), text="Zhang San signed it.", email="zhang@example.org")

    assert anonymising.remove_words("Zhang San", reason="A person asked for it.") == 1

    assert Report.objects.get().text == "[removed] signed it."


def test_no_column_of_a_report_is_in_a_download_or_a_history():
    assert not hasattr(Report, "history")
    assert Report not in {field.related_model for field in apps.get_model("tenders", "Tender")._meta.get_fields()}


# The address of the editors


def test_the_contact_page_has_the_address_or_says_how_to_report(client, settings):
    assert 'href="/report/"' in client.get("/about/contact/").text
    assert "mailto:" not in client.get("/about/contact/").text

    settings.CONTACT_EMAIL = "editors@example.org"

    assert 'href="mailto:editors@example.org"' in client.get("/about/contact/").text
