"""Request ids, the lines of the log, and what is left out of them."""

import errno
import io
import json
import logging
import logging.config
import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from tenders.views import changes
from tenderwatch import logs, request_ids

from .test_settings import PRODUCTION, manage, shell


@pytest.fixture
def log(settings):
    """Return a function that lets the loggers of the settings write in a format, into the returned stream."""
    configured = []

    def begin(log_format):
        stream = io.StringIO()
        config = {**settings.LOGGING}
        config["handlers"] = {"console": {**config["handlers"]["console"], "formatter": log_format, "stream": stream}}
        logging.config.dictConfig(config)
        configured.append(stream)
        return stream

    yield begin
    if configured:
        logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def broken(monkeypatch):
    """Let the page of the changes fail."""

    def fail(self, **kwargs):
        raise ValueError("first line\nsecond line")

    monkeypatch.setattr(changes.Changes, "get_context_data", fail)


@pytest.fixture
def visitor(db):
    return Client(raise_request_exception=False)


def test_an_answer_has_the_id_of_its_request(client):
    first, second = (client.get("/robots.txt")["X-Request-ID"] for _number in range(2))

    assert re.fullmatch("[0-9a-f]{16}", first)
    assert first != second


def test_an_id_is_believed_only_of_a_proxy(client, settings):
    given = {"X-Request-ID": "4bf92f3577b34da6"}

    assert client.get("/robots.txt", headers=given)["X-Request-ID"] != "4bf92f3577b34da6"

    settings.BEHIND_PROXY = True

    assert client.get("/robots.txt", headers=given)["X-Request-ID"] == "4bf92f3577b34da6"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with a blank", "line\nbreak", "<script>alert", "区块链区块链区块链"]
)
def test_an_id_that_is_not_well_formed_is_replaced(rf, settings, given):
    settings.BEHIND_PROXY = True
    request = rf.get("/", HTTP_X_REQUEST_ID=given)

    assert re.fullmatch("[0-9a-f]{16}", request_ids.request_id_for(request))


@pytest.mark.parametrize("address", ["/nothing/", "/tenders.csv?year=x", "/zh-hans/nothing/"])
def test_an_error_page_shows_the_id(visitor, address):
    response = visitor.get(address, headers={"Accept": "text/html"})

    assert response.status_code in (400, 404)
    assert f"<code>{response['X-Request-ID']}</code>" in response.text


def test_the_page_for_forms_from_elsewhere_shows_the_id(db):
    response = Client(enforce_csrf_checks=True).post("/admin/login/")

    assert response.status_code == 403
    assert f"<code>{response['X-Request-ID']}</code>" in response.text


def test_the_page_of_a_fault_shows_the_id(visitor, broken, log):
    log("json")

    response = visitor.get("/changes/")

    assert response.status_code == 500
    assert f"<code>{response['X-Request-ID']}</code>" in response.text


def test_problem_details_have_the_id(visitor):
    response = visitor.get("/tenders.csv?year=x", headers={"Accept": "application/json"})

    assert response.json()["request_id"] == response["X-Request-ID"]


def test_a_fault_is_one_line_of_json_with_its_traceback(visitor, broken, log):
    stream = log("json")

    response = visitor.get("/changes/?q=Zhang")

    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["level"] == "ERROR"
    assert entry["request_id"] == response["X-Request-ID"]
    assert entry["message"] == "Internal Server Error: /changes/"
    assert 'raise ValueError("first line' in entry["exception"]
    assert entry["exception"].endswith("ValueError: first line\nsecond line")


def test_a_fault_in_the_text_has_its_traceback_below(visitor, broken, log):
    stream = log("text")

    response = visitor.get("/changes/")

    first, second, *_rest = stream.getvalue().splitlines()
    assert first.endswith(f"ERROR django.request {response['X-Request-ID']}: Internal Server Error: /changes/")
    assert second == "Traceback (most recent call last):"


@pytest.mark.parametrize("log_format", logs.FORMATS)
@pytest.mark.parametrize(
    "outage",
    [
        OperationalError("connection refused\nIs the server running?"),
        OSError(errno.ENOSPC, "No space left on device: connection refused"),
    ],
)
def test_an_outage_is_one_line_a_request(visitor, monkeypatch, log, outage, log_format):
    def fail(self, **kwargs):
        raise outage

    monkeypatch.setattr(changes.Changes, "get_context_data", fail)
    stream = log(log_format)

    response = visitor.get("/changes/")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    (line,) = stream.getvalue().splitlines()
    assert "connection refused" in line
    assert response["X-Request-ID"] in line


@pytest.mark.parametrize("text", ["line\nbreak", "\u2028", "区块链", '"', "\udc80", "\x00"])
def test_any_message_is_one_line_of_json(text):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")  # as standard error is
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    handler.addFilter(logs.RequestIdFilter())

    handler.handle(logging.makeLogRecord({"msg": "%s", "args": (text,), "levelname": "ERROR"}))

    (line, after) = stream.buffer.getvalue().split(b"\n")
    assert json.loads(line)["message"] == text
    assert not after


@pytest.mark.parametrize(
    ("query", "logged"),
    [
        ("", "/tenders/"),
        ("q=Zhang+San&year=2019", "/tenders/?q&year"),
        ("zhang@example.org&q", "/tenders/?q"),
        ("Q=1&%E5%BC%A0=1&sort=", "/tenders/?sort"),
    ],
)
def test_the_access_log_names_parameters_without_their_values(log, query, logged):
    stream = log("json")

    logs.log_access(
        method="GET", path="/tenders/", query=query, status=200, num_bytes=7, seconds=0.0123, request_id="0123456789"
    )

    entry = json.loads(stream.getvalue())
    assert entry["path"] == logged
    assert entry["message"] == f"GET {logged} 200 7 B 12 ms"
    assert (entry["status"], entry["bytes"], entry["ms"], entry["request_id"]) == (200, 7, 12, "0123456789")
    assert "address" not in entry


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""), ("unix:", "unix:")],
)
def test_addresses_are_shortened_to_networks(address, network):
    assert logs.shortened(address) == network


@pytest.mark.parametrize("name", ["LOG_FORMAT", "ACCESS_LOG"])
def test_an_unknown_kind_of_log_is_refused(name):
    result = manage("check", **{name: "xml"})

    assert result.returncode != 0
    assert f"{name} is 'xml'; it must be one of" in result.stderr


def test_production_logs_json_by_default():
    program = "from django.conf import settings as s; print(s.LOG_FORMAT, s.ACCESS_LOG)"

    assert shell(program, **PRODUCTION).stdout == "json 0\n"
    assert settings.LOG_FORMAT == "text"
