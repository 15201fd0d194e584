"""Reports to Sentry: which options they have, and that nothing personal is in them."""

import json
import logging

import pytest
import sentry_sdk
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from sentry_sdk.transport import Transport

from tenders.views import changes
from tenderwatch import sentry, wsgi

from .test_settings import shell

FROM = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1", "HTTP_USER_AGENT": "Browser/7"}
TYPED = "".join(("Zhang", "San"))  # as the lines of this file are sent around the fault, not written as one word
DSN = "https://public@sentry.example/1"


class Recorder(Transport):
    """A transport that stores what would be sent."""

    def __init__(self, options=None):
        super().__init__(options)
        self.events = []

    def capture_envelope(self, envelope):
        self.events += [event for item in envelope.items if (event := item.get_event())]


@pytest.fixture
def kept_connection(db):
    """Let requests by WSGI use the connection of the test, as those of the test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def transport():
    recorder = Recorder()
    with sentry_sdk.isolation_scope(), sentry_sdk.new_scope():
        sentry.start(DSN, environment="production", transport=recorder)
        yield recorder
        sentry_sdk.get_client().close()
        sentry_sdk.init()  # off again


def test_a_fault_is_reported_by_its_place_and_request_without_what_people_typed(
    client, rf, admin_user, kept_connection, monkeypatch, transport
):
    def fail(self, **kwargs):
        raise ValueError(f"cannot read {self.request.META['QUERY_STRING']}")

    monkeypatch.setattr(changes.Changes, "get_context_data", fail)
    client.force_login(admin_user)
    cookie = client.cookies["sessionid"].value
    environ = rf.get(f"/changes/?q={TYPED}", headers={"Cookie": f"sessionid={cookie}"}, **FROM).environ
    answered = {}

    wsgi.application(environ, lambda status, headers: answered.update(headers)).close()

    (event,) = transport.events
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "ValueError"
    assert exception["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"]["request_id"] == answered["X-Request-ID"]
    assert event["request"] == {"method": "GET", "url": "http://testserver/changes/"}
    text = json.dumps(event, default=str)
    for personal in (TYPED, admin_user.email, cookie, *FROM.values()):
        assert personal not in text


def test_a_line_of_the_log_is_reported_without_its_values(transport):
    logging.getLogger("tenders.claims").error("The claim %s cannot be evaluated", "Zhang San")

    (event,) = transport.events
    assert event["logentry"] == {"message": "The claim %s cannot be evaluated"}
    assert "Zhang San" not in json.dumps(event, default=str)


def test_nothing_is_reported_without_an_address():
    program = (
        "import sentry_sdk as s; from django.conf import settings; print(settings.DEBUG, s.get_client().is_active())"
    )

    assert shell(program).stdout == "False False\n"
    assert shell(program, SENTRY_DSN=DSN).stdout == "False True\n"


def test_an_address_without_the_package_is_refused_in_words():
    program = (
        "import sys; sys.modules['sentry_sdk'] = None\n"
        "from django.core.exceptions import ImproperlyConfigured\n"
        "from tenderwatch import sentry\n"
        "try: sentry.start('x', environment='production')\n"
        "except ImproperlyConfigured as error: print(error)"
    )

    assert "sentry-sdk is not installed" in shell(program).stdout
