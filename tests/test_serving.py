"""The site under gunicorn: probes while all threads are taken, the access log, metrics of several processes."""

import json
import os
import re
import socket
import tempfile
import time
from contextlib import ExitStack, closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tenders.models import Tender
from tenderwatch import health
from tenderwatch.serving import probe_path

from .serving import ask, serving

TOKEN = "a-token-of-twenty-characters"


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "/healthz"),
        (b"HEAD /readyz?exclude=backup HTTP/1.1\r\n\r\n", "/readyz"),
        (b"GET /metrics HTTP/1.0\r\n\r\n", "/metrics"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", None),  # not the whole of it: its client may be slow
        (b"GET /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\n", None),
        (b"GET /healthz HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", None),
        (b"GET /healthz HTTP/1.1\r\n\r\nGET /tenders.csv HTTP/1.1\r\n\r\n", None),
        (b"POST /healthz HTTP/1.1\r\n\r\n", None),
        (b"GET /healthzz HTTP/1.1\r\n\r\n", None),
        (b"GET /tenders/ HTTP/1.1\r\n\r\n", None),
        (b"", None),
    ],
)
def test_a_probe_is_a_whole_request_without_a_body(head, path):
    assert probe_path(head) == path


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_at(head):
    assert probe_path(head) is None or head.startswith((b"GET ", b"HEAD "))


def test_probes_are_answered_while_slow_clients_take_all_threads(tmp_path):
    """Else a monitor restarts a site that only has slow visitors; and while gunicorn changes what the worker uses."""
    with serving(tmp_path, WEB_CONCURRENCY="1", THREADS="2", METRICS_TOKEN=TOKEN) as (port, _log), ExitStack() as slow:
        for _number in range(6):
            client = slow.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
            client.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: loc")
        time.sleep(0.5)

        with pytest.raises(TimeoutError):
            ask(port, "/robots.txt", timeout=1)
        for _number in range(3):
            for path, status in (("/healthz", 200), ("/readyz", 503), ("/metrics", 401)):
                begin = time.monotonic()
                assert ask(port, path)[0] == status
                assert time.monotonic() - begin < 5  # by bench.slow_readers within 1; the slow clients take 30


@pytest.fixture(scope="module")
def small_site(tmp_path_factory):
    """The port, the log and the folder of a site with one thread, an access log and no metrics."""
    folder = tmp_path_factory.mktemp("small")
    variables = {
        "WEB_CONCURRENCY": "1",
        "THREADS": "1",
        "ACCESS_LOG": "1",
        "LOG_FORMAT": "json",
        "DJANGO_ENV": "laptop",
    }
    with serving(folder, **variables) as (port, log):
        yield port, log, folder


on_small_site = pytest.mark.xdist_group("small site")


@on_small_site
def test_a_client_that_sends_nothing_takes_no_thread(small_site):
    port, _log, _folder = small_site
    with ExitStack() as silent:
        for _number in range(4):
            silent.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
        time.sleep(0.2)

        assert ask(port, "/robots.txt", timeout=4)[0] == 200  # gunicorn's own worker would wait 5 s for each


@on_small_site
def test_no_connection_stays_with_one_process(small_site):
    """Else the readers whose connections one process happened to accept wait longer than those of the other."""
    port, _log, _folder = small_site

    _status, headers, _body = ask(port, "/robots.txt")

    assert headers["Connection"] == "close"


@on_small_site
def test_the_access_log_has_a_line_of_json_for_every_answer(small_site):
    port, log, _folder = small_site
    _status, headers, body = ask(port, "/robots.txt?q=Zhang")
    ask(port, "/a%0Ab")
    lines, deadline = [], time.monotonic() + 30
    while "/a%0Ab" not in [line.get("path") for line in lines] and time.monotonic() < deadline:
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[:1] + line[-1:] == "{}"]

    entry = next(line for line in lines if line.get("path") == "/robots.txt?q")
    assert (entry["status"], entry["bytes"], entry["method"]) == (200, len(body), "GET")
    assert entry["request_id"] == headers["X-Request-ID"]
    assert "Zhang" not in log.read_text()
    assert "127.0.0.1" not in json.dumps(lines)
    assert "/a%0Ab" in [line.get("path") for line in lines]


@on_small_site
def test_no_folder_of_metrics_is_made_without_a_token(small_site):
    _port, _log, folder = small_site

    assert not list(folder.glob("tenderwatch-metrics-*"))
    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") is None
    assert tempfile.gettempdir() != str(folder)


@pytest.mark.parametrize(
    ("access_log", "proxied", "address"),
    [("network", "0", "127.0.0.0/24"), ("address", "1", "203.0.113.7")],
)
def test_the_access_log_has_addresses_where_they_are_asked_for(tmp_path, access_log, proxied, address):
    production = {"DJANGO_ENV": "production", "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "127.0.0.1"}
    with serving(tmp_path, **production, ACCESS_LOG=access_log, BEHIND_PROXY=proxied) as (port, log):
        ask(port, "/healthz", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})

    assert f'"address": "{address}"' in log.read_text()


def test_metrics_are_added_up_over_the_processes(tmp_path):
    with serving(tmp_path, WEB_CONCURRENCY="3", METRICS_TOKEN=TOKEN) as (port, _log):
        for _number in range(30):
            ask(port, "/robots.txt")
        ask(port, "/robots.txt", method="BREW")
        ask(port, "/nothing/")
        time.sleep(0.2)
        answers = [ask(port, "/metrics", Authorization=f"Bearer {TOKEN}")[2].decode() for _number in range(5)]
        folder = next(tmp_path.glob("tenderwatch-metrics-*"))
        pids = {re.search(r"_(\d+)\.db", path.name)[1] for path in folder.iterdir()}

    for text in answers:
        samples = {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert samples["tenderwatch_requests_total", "200", "GET", "robots"] == 30
        assert samples["tenderwatch_request_seconds_count", "robots"] == 30
        assert [key for key in samples if key[0] == "tenderwatch_requests_total" and "other" in key]
        assert not [key for key in samples if "BREW" in key]
        assert ("tenderwatch_requests_total", "404", "GET", "none") in samples
        assert samples["tenderwatch_downloads_in_progress",] == 0
        assert samples["tenderwatch_database_up",] == 1
        assert samples["tenderwatch_disk_free_bytes", "database"] > 0
    assert len(pids) > 1
    assert not folder.exists()  # removed at the end


def test_metrics_are_for_who_has_the_token(client, db, settings):
    assert client.get("/metrics").status_code == 404

    settings.METRICS_TOKEN = TOKEN

    for given_token in ("", TOKEN, "Bearer wrong", "Basic " + TOKEN):
        response = client.get("/metrics", headers={"Authorization": given_token})
        assert (response.status_code, response["WWW-Authenticate"], response.content) == (401, "Bearer", b"")
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_version_of_the_data_is_a_number_that_a_write_changes(client, article_data, settings):
    settings.METRICS_TOKEN = TOKEN

    def version():
        text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        return re.search(r"^tenderwatch_dataset_version (\S+)$", text, re.MULTILINE)[1]

    before = version()
    assert version() == before
    Tender.objects.first().save()
    assert version() != before


def test_metrics_without_a_database_say_so(client, settings, monkeypatch):
    def fail():
        raise health.NotReadyError("does not answer")

    monkeypatch.setattr(health, "database", fail)
    settings.METRICS_TOKEN = TOKEN

    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text

    assert "tenderwatch_database_up 0.0" in text
    assert "tenderwatch_dataset_version " not in text
