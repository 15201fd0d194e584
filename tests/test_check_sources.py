"""Checks of the addresses of sources: which addresses are asked, how, and what is recorded of the answer."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from time import monotonic

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tenders.choices import AddressProblem, AddressStatus, Fact
from tenders.evidence.checking import ask, check_sources, record, sources_to_check
from tenders.evidence.fetching import MAX_LENGTH, Answer, Fetcher, FetchError, is_public
from tenders.evidence.files import check_file, keep_file
from tenders.management.commands import check_sources as command
from tenders.models import AddressCheck, Change, DatasetVersion, Source
from tests.factories import create_citation, create_source, create_tender
from tests.test_evidence import folder, upload  # noqa: F401 a fixture

PUBLIC = "93.184.216.34"
PAGE = b"<html><p>Notice</p></html>"


# Which addresses are public.


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "240e:1::1"])
def test_public_addresses(address):
    assert is_public(address)


PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 that is the case
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fc00::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_and_special_addresses(address):
    assert not is_public(address)


# A site on this machine, which only a fetcher of the tests may ask.


class Site(BaseHTTPRequestHandler):
    """Answers by path, from ``answers``: (status, headers, content), or a function that writes to the connection."""

    answers = {}

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        answer = self.answers.get(self.path, (404, {}, b""))
        if callable(answer):
            answer(self)
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    """Return a function that makes a site of answers by path and returns its address."""
    servers = []

    def serve(answers):
        handler = type("Handler", (Site,), {"answers": answers})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads, server.requests = True, serve.requests
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    serve.requests = []
    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def local_fetcher(**options):
    """Return a fetcher that may ask this machine."""
    return Fetcher(
        **{"user_agent": "TenderWatch (+https://site.example/)", "is_allowed": lambda address: True, **options}
    )


def problem_of(url, fetcher):
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value.problem


def test_a_page_is_fetched_politely(site):
    root = site({"/notice?id=1": (200, {"Content-Type": "text/html; charset=gbk"}, PAGE)})

    answer = local_fetcher().fetch(f"{root}/notice?id=1#part")

    assert answer == Answer(200, PAGE, "text/html")
    ((path, headers),) = site.requests
    assert path == "/notice?id=1"
    assert headers["User-Agent"] == "TenderWatch (+https://site.example/)"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Host"] == root.removeprefix("http://")


def test_other_characters_of_an_address_are_escaped(site):
    root = site({"/%E5%85%AC%E5%91%8A%20a%20b?x=%E4%B8%AD": (200, {}, PAGE)})

    assert local_fetcher().fetch(f"{root}/公告 a%20b?x=中").status == 200


def test_a_permanent_redirect_is_a_move_and_a_temporary_one_is_none(site):
    answers = {"/new": (200, {}, PAGE)}
    for status in (301, 302, 303, 307, 308):
        answers[f"/{status}"] = (status, {"Location": "/new"}, b"")
        answers[f"/then-{status}"] = (301, {"Location": f"/{status}"}, b"")
    root = site(answers)

    moved = {path for path in answers if local_fetcher().fetch(f"{root}{path}").moved_to == f"{root}/new"}

    assert moved == {"/301", "/308", "/then-301", "/then-308"}


@pytest.mark.parametrize(("hops", "problem"), [(5, None), (6, AddressProblem.REDIRECTS)])
def test_at_most_five_redirects_are_followed(site, hops, problem):
    answers = {f"/{n}": (302, {"Location": f"/{n + 1}"}, b"") for n in range(hops)}
    root = site({**answers, f"/{hops}": (200, {}, PAGE)})

    found = ask(f"{root}/0", local_fetcher())

    assert (found == problem) if problem else found.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "https:///path",
        "http://user:password@a.example/",
        "http://[::1",
        "http://a.example:99999/",
        f"http://{'a' * 64}.example/",
        "http://a..example/",
        f"http://a.example/{'a' * MAX_LENGTH}",
        "//a.example/",
        "a.example",
        "",
    ],
)
def test_what_is_no_address_of_a_web_page_is_not_asked(url):
    def refuse(*args, **options):
        raise AssertionError(args)

    assert problem_of(url, Fetcher(user_agent="", resolve=refuse, connect=refuse)) == AddressProblem.UNREADABLE


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]", "169.254.169.254"]
)
def test_no_private_address_is_asked_however_it_is_written(host):
    def refuse(*args, **options):
        raise AssertionError(args)

    found = problem_of(f"http://{host}:8000/", Fetcher(user_agent="", connect=refuse))

    assert found in {AddressProblem.PRIVATE, AddressProblem.UNKNOWN_HOST}
    assert found == AddressProblem.PRIVATE or host == "[::1]"  # where there is no IPv6


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC]])
def test_a_name_that_has_a_private_address_is_not_asked(addresses):
    def refuse(*args, **options):
        raise AssertionError(args)

    fetcher = Fetcher(user_agent="", resolve=lambda host, port: addresses, connect=refuse)

    assert problem_of("https://a.example/", fetcher) == AddressProblem.PRIVATE


@pytest.mark.parametrize(
    "location", ["http://inside.example/", "//inside.example/", "http://127.0.0.1/", "file:///etc"]
)
def test_a_redirect_into_a_private_network_is_not_followed(site, location):
    root = site({"/": (301, {"Location": location}, b"")})
    asked, port = [], int(root.rpartition(":")[2])

    def connect(address, timeout):
        asked.append(address)
        return socket.create_connection(("127.0.0.1", port), timeout=timeout)

    names = {"public.example": [PUBLIC], "inside.example": ["192.168.0.7"], "127.0.0.1": ["127.0.0.1"]}
    fetcher = Fetcher(user_agent="", resolve=lambda host, port: names[host], connect=connect)

    assert problem_of("http://public.example/", fetcher) in {AddressProblem.PRIVATE, AddressProblem.UNREADABLE}
    assert asked == [(PUBLIC, 80)]


def test_the_connection_goes_to_the_address_that_was_checked(site):
    root = site({"/": (200, {}, PAGE)})
    port, resolved, asked = int(root.rpartition(":")[2]), [], []

    def resolve(host, port):
        resolved.append(host)
        return [PUBLIC] if len(resolved) == 1 else ["127.0.0.1"]  # a name that changes once it was checked

    def connect(address, timeout):
        asked.append(address)
        return socket.create_connection(("127.0.0.1", port), timeout=timeout)

    assert Fetcher(user_agent="", resolve=resolve, connect=connect).fetch("http://a.example/").status == 200
    assert (resolved, asked) == (["a.example"], [(PUBLIC, 80)])
    assert site.requests[0][1]["Host"] == "a.example"


def drip(handler):
    """Send a header without an end, byte by byte."""
    try:
        for _byte in range(1000):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            if handler.server.stopped.wait(0.02):
                return
    except OSError:
        return


def test_an_answer_that_never_ends_is_cut_off(site):
    root = site({"/": drip})
    stopped = threading.Event()
    ThreadingHTTPServer.stopped = stopped
    start = monotonic()

    try:
        assert problem_of(root, local_fetcher(max_seconds=0.3)) == AddressProblem.TIMEOUT
    finally:
        stopped.set()
        del ThreadingHTTPServer.stopped
    assert monotonic() - start < 5


def test_content_that_is_too_long_is_not_read_to_its_end(site):
    root = site({"/": (200, {}, b"x" * 5000)})

    assert local_fetcher(max_bytes=4999).fetch(root).content is None
    assert local_fetcher(max_bytes=5000).fetch(root).content == b"x" * 5000


def test_what_speaks_no_http_or_no_tls_is_said(site):
    root = site({"/": lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")})

    assert problem_of(root, local_fetcher()) == AddressProblem.NO_HTTP
    assert problem_of(root.replace("http:", "https:"), local_fetcher()) == AddressProblem.CERTIFICATE


def test_a_host_that_nobody_knows_or_that_refuses_is_said():
    def unknown(host, port):
        raise socket.gaierror

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert problem_of("http://a.example/", local_fetcher(resolve=unknown)) == AddressProblem.UNKNOWN_HOST
    assert problem_of(f"http://127.0.0.1:{port}/", local_fetcher()) == AddressProblem.NO_CONNECTION


# What is recorded.

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def source(db):
    return create_source(slug="a-notice", url="https://a.example/notice")


def page(content=PAGE, status=200, **fields):
    return Answer(status, content, "text/html", **fields)


def recorded(source, *found):
    """Record what was found on one day after the other; return the check."""
    for number, what in enumerate(found):
        record(source, what, at=FIRST + timedelta(days=number))
    return AddressCheck.objects.get(source=source)


GONE, SERVER_ERROR, TIMEOUT = page(status=404), page(status=500), AddressProblem.TIMEOUT


@pytest.mark.parametrize(
    ("found", "status", "problem"),
    [
        (page(), AddressStatus.ANSWERS, ""),
        (page(status=204), AddressStatus.ANSWERS, ""),
        (GONE, AddressStatus.GONE, ""),
        (page(status=410), AddressStatus.GONE, ""),
        (page(status=403), AddressStatus.UNREACHABLE, AddressProblem.ERROR),
        (SERVER_ERROR, AddressStatus.UNREACHABLE, AddressProblem.ERROR),
        (TIMEOUT, AddressStatus.UNREACHABLE, TIMEOUT),
        (page(moved_to="https://b.example/"), AddressStatus.MOVED, ""),
        (page(content=None), AddressStatus.ANSWERS, ""),
    ],
)
def test_the_status_of_an_answer(source, found, status, problem):
    check = recorded(source, found)

    assert (check.status, check.problem) == (status, problem)


def test_gone_since_is_the_first_failing_check_after_a_good_one(source):
    check = recorded(source, GONE, page(), TIMEOUT, GONE, GONE)

    assert (check.status, check.answered_at, check.failing_since_at) == (
        AddressStatus.GONE,
        FIRST + timedelta(days=1),
        FIRST + timedelta(days=2),
    )
    assert recorded(source, page()).failing_since_at is None


def test_other_content_stays_noted_until_it_is_the_first_one_again(source):
    check = recorded(source, page(), page(b"<p>Other</p>"), page(b"<p>A third</p>"))

    assert (check.status, check.changed_since_at) == (AddressStatus.OTHER_CONTENT, FIRST + timedelta(days=1))
    assert recorded(source, page()).status == AddressStatus.ANSWERS


def test_other_code_of_a_page_is_no_other_content(source):
    other = b"<html><script>var now = 7</script><p class=x>\n Notice <br></p></html><!-- served by 7 -->"

    assert recorded(source, page(), page(other)).status == AddressStatus.ANSWERS
    assert recorded(source, page(b"<![endless[ <p>Notice")).status in {"answers", "other-content"}


def test_other_content_that_an_editor_has_seen_since_is_accepted(source):
    recorded(source, page(), page(b"<p>Other</p>"))
    Source.objects.update(seen_date="2026-03-02")

    assert recorded(source, page(b"<p>Other</p>")).status == AddressStatus.ANSWERS


def test_other_content_that_is_a_file_of_the_source_is_accepted(source):
    other = b"<html><p>Other</p></html>"
    keep_file(source, check_file(source, upload(other)))

    assert recorded(source, page(), page(other)).status == AddressStatus.ANSWERS


def test_a_check_of_a_former_address_counts_no_longer(source):
    recorded(source, page(), GONE)
    Source.objects.filter(pk=source.pk).update(url="https://b.example/")
    source.refresh_from_db()
    assert source.last_check is None

    check = recorded(source, GONE)

    assert (check.url, check.answered_at, check.failing_since_at) == ("https://b.example/", None, FIRST)


def test_nothing_is_recorded_of_a_source_that_is_deleted_or_changed_meanwhile(source):
    Source.objects.filter(pk=source.pk).update(url="https://b.example/")
    assert record(source, page(), at=FIRST) is None
    Source.objects.all().delete()
    assert record(source, page(), at=FIRST) is None


def test_a_check_is_no_change_of_the_history_and_makes_no_evaluation_stale(source):
    DatasetVersion.set_recorded_verdicts()
    before = DatasetVersion.current(), Change.objects.count()

    recorded(source, page())

    assert DatasetVersion.has_recorded_verdicts()
    assert Change.objects.count() == before[1]
    assert DatasetVersion.current() != before[0]


SENTENCES = [
    ([], None),
    ([page()], "Its address was reached on 1 March 2026."),
    ([GONE], "There was no page at its address on 1 March 2026."),
    (
        [page(), GONE, GONE],
        "The page at its address has been gone since 2 March 2026. It was last seen on 1 March 2026.",
    ),
    ([TIMEOUT], "Its address could not be reached on 1 March 2026: no answer in time."),
    (
        [page(), TIMEOUT],
        "Its address could not be reached on 2 March 2026: no answer in time. It was last reached on 1 March 2026.",
    ),
    (
        [page(moved_to="https://b.example/")],
        "The page at its address has moved to https://b.example/ (checked on 1 March 2026).",
    ),
    (
        [page(), page(b"<p>B")],
        "The content at its address has been different since 2 March 2026 (checked on 2 March 2026).",
    ),
]


@pytest.mark.parametrize(("found", "sentence"), SENTENCES)
def test_readers_see_what_is_known_of_an_address(client, admin_client, source, found, sentence):
    tender = create_tender()
    create_citation(tender, Fact.EXISTENCE, "yes", source=source, is_chosen=True)
    before = client.get(tender.get_absolute_url())
    if found:
        recorded(source, *found)

    after = client.get(tender.get_absolute_url(), headers={"If-None-Match": before.headers["ETag"]})

    assert "Its address" not in before.text
    if not found:
        assert after.status_code == 304
        return
    assert sentence in after.text
    with translation.override("en"):
        assert sentence in admin_client.get(f"/admin/tenders/source/{source.pk}/change/").text


# Whom is asked, and when.


def test_sources_are_asked_those_never_checked_first_then_the_oldest(db):
    for slug, days in (("b-new", 1), ("c-old", 90), ("d-older", 91)):
        source = create_source(slug=slug, url="https://a.example/")
        record(source, page(), at=datetime.now(UTC) - timedelta(days=days))
    create_source(slug="a-never", url="https://a.example/")
    create_source(slug="no-address")
    moved = create_source(slug="e-changed", url="https://a.example/")
    record(moved, page(), at=datetime.now(UTC))
    Source.objects.filter(pk=moved.pk).update(url="https://b.example/")

    def slugs(**options):
        return [source.slug for source in sources_to_check(**options)]

    assert slugs() == ["a-never", "d-older", "c-old", "b-new", "e-changed"]
    assert slugs(checked_before=datetime.now(UTC) - timedelta(days=30)) == ["a-never", "d-older", "c-old", "e-changed"]
    assert slugs(slug="b-new") == ["b-new"]


def test_a_host_is_asked_at_most_once_in_five_seconds(db):
    for number, host in enumerate(["a.example", "A.example", "b.example"]):
        create_source(slug=f"s{number}", url=f"https://{host}/{number}")
    now, slept = [100.0], []

    class Stub:
        def fetch(self, url):
            now[0] += 2
            return page()

    list(check_sources(sources_to_check(), Stub(), sleep=slept.append, clock=lambda: now[0]))

    assert slept == [5]


# The command.


@pytest.fixture
def check(monkeypatch, db):
    """Return a function that runs the command, with what each address is to answer, and returns its output."""

    def run(answers, *arguments):
        class Stub:
            def fetch(self, url):
                if isinstance(answers[url], AddressProblem):
                    raise FetchError(answers[url])
                return answers[url]

        monkeypatch.setattr(command.Command, "fetcher", lambda self: Stub())
        monkeypatch.setattr("tenders.evidence.checking.SECONDS_BETWEEN", 0)
        call_command("check_sources", *arguments, stdout=(out := StringIO()))
        return out.getvalue()

    return run


def test_the_command_reports_each_source_and_fails_only_for_what_is_new(check, source):
    create_source(slug="b-site", url="https://b.example/")
    url, other = source.url, "https://b.example/"

    assert (
        check({url: page(), other: page()})
        == "a-notice: answers\nb-site: answers\n2 of 2 addresses checked: 2 answer.\n"
    )
    with pytest.raises(CommandError) as error:
        check({url: GONE, other: page(moved_to="https://c.example/")})
    assert str(error.value) == "2 of 2 addresses checked: 1 have moved, 1 are gone. New since the last check: 2."
    assert "b-site: has moved to https://c.example/" in check({url: GONE, other: page(moved_to="https://c.example/")})


def test_the_command_says_why_an_address_could_not_be_reached(check, source):
    with pytest.raises(CommandError, match="1 are not reachable"):
        check({source.url: AddressProblem.PRIVATE})

    assert AddressCheck.objects.get().problem == AddressProblem.PRIVATE


def test_the_command_asks_as_many_as_it_is_told(check, source):
    create_source(slug="b-site", url="https://b.example/")

    assert "1 of 1 addresses" in check({source.url: page()}, "--limit", "1")
    assert "1 of 1 addresses" in check({"https://b.example/": page()}, "--older-than", "1")
    assert check({}, "--older-than", "1") == "0 of 0 addresses checked.\n"
    assert "a-notice: answers" in check({source.url: page()}, "--source", "a-notice")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--limit", "0"], "--limit must be a number from 1 to 100,000."),
        (["--older-than", "-1"], "--older-than must be"),
        (["--source", "nobody"], "There is no source “nobody” with an address."),
    ],
)
def test_wrong_options_of_the_command_are_refused_in_words(db, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("check_sources", *arguments)


def test_the_command_says_who_asks_and_asks_only_public_addresses(settings):
    settings.ALLOWED_HOSTS = ["tenders.example"]

    fetcher = command.Command().fetcher()

    assert fetcher.user_agent == "TenderWatch (+https://tenders.example/)"
    assert fetcher.is_allowed is is_public
    assert fetcher.connect is socket.create_connection
