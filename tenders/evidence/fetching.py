"""
Ask a public web address, and no other: whoever names an address must not make this machine ask its own network.

A host is resolved once for each request, every address that it has is checked, and the connection goes to one of just
these: a name that resolves to something else a moment later gains nothing. Each redirect is checked in the same way.
"""

import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from time import monotonic
from urllib.parse import quote, urljoin, urlsplit

from tenders.choices import AddressProblem

MAX_SECONDS = 60  # for all requests of one address together
MAX_BYTES = 20_000_000  # of the content
MAX_REDIRECTS = 5
MAX_LENGTH = 2000  # of an address
CHUNK = 65_536
REDIRECTS = {301: True, 302: False, 303: False, 307: False, 308: True}  # by status: whether it holds for good
UNSAFE = re.compile(r"[^!-~]+")  # what an address contains only escaped


class FetchError(Exception):
    """No answer; ``problem`` says why."""

    def __init__(self, problem):
        super().__init__(problem.label)
        self.problem = problem


@dataclass(frozen=True)
class Answer:
    """The last answer to a request; ``content`` is None where it is too long, ``moved_to`` empty if nothing moved."""

    status: int
    content: bytes | None
    media_type: str = ""
    moved_to: str = ""


def is_public(address):
    """Return whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and (ip.is_site_local or ip.sixtofour or ip.teredo):  # the last two lead to IPv4 addresses
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def resolve(host, port):
    """Return the IP addresses of a host."""
    return list(dict.fromkeys(found[4][0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True)
class Fetcher:
    """Asks addresses; a test gives another network and other addresses that are allowed."""

    user_agent: str
    is_allowed: Callable = is_public
    resolve: Callable = resolve
    connect: Callable = socket.create_connection
    max_seconds: float = MAX_SECONDS
    max_bytes: int = MAX_BYTES

    def fetch(self, url):
        """Return the ``Answer`` at the end of the redirects of an address; raises ``FetchError``."""
        deadline = monotonic() + self.max_seconds
        here, is_for_good = url, True
        for _hop in range(MAX_REDIRECTS + 1):
            status, headers, content = self._request(here, deadline)
            location = headers.get("Location")
            if status not in REDIRECTS or not location:
                has_moved = is_for_good and here != url
                return Answer(status, content, headers.get_content_type(), here if has_moved else "")
            is_for_good = is_for_good and REDIRECTS[status]
            here = _redirected(here, location)
        raise FetchError(AddressProblem.REDIRECTS)

    def _request(self, url, deadline):
        """Return (status, headers, content) of one request, without following its redirect."""
        scheme, host, port, target = _parts(url)
        connection = _Connection(host, port, scheme, self._open(host, port, deadline))
        try:
            with _cut_off(connection, deadline):
                connection.secure()
                headers = {"User-Agent": self.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
                connection.request("GET", target, headers={**headers, "Connection": "close"})
                response = connection.getresponse()
                content = b"" if response.status in REDIRECTS else self._read(response)
                return response.status, response.headers, content
        except ssl.SSLError as error:
            raise FetchError(AddressProblem.CERTIFICATE) from error
        except TimeoutError as error:
            raise FetchError(AddressProblem.TIMEOUT) from error
        except OSError as error:
            raise FetchError(AddressProblem.NO_CONNECTION) from error
        except (http.client.HTTPException, ValueError) as error:
            raise FetchError(AddressProblem.NO_HTTP) from error
        finally:
            connection.close()

    def _open(self, host, port, deadline):
        """Return a socket that is connected to an address of a host, all of whose addresses are allowed."""
        try:
            addresses = self.resolve(host, port)
        except (OSError, ValueError) as error:
            raise FetchError(AddressProblem.UNKNOWN_HOST) from error
        if not addresses or not all(map(self.is_allowed, addresses)):
            raise FetchError(AddressProblem.PRIVATE if addresses else AddressProblem.UNKNOWN_HOST)
        problem = AddressProblem.TIMEOUT
        for address in addresses:
            seconds = deadline - monotonic()
            if seconds <= 0:
                break
            try:
                return self.connect((address, port), timeout=seconds)
            except TimeoutError:
                problem = AddressProblem.TIMEOUT
            except OSError:
                problem = AddressProblem.NO_CONNECTION
        raise FetchError(problem)

    def _read(self, response):
        """Return the content of an answer, None where it is too long."""
        content = bytearray()
        while chunk := response.read(CHUNK):
            content += chunk
            if len(content) > self.max_bytes:
                return None
        return bytes(content)


class _Connection(http.client.HTTPConnection):
    """A connection over a socket that is connected already, so that no name is resolved again."""

    def __init__(self, host, port, scheme, connected):
        super().__init__(host, port)
        self.is_https, self.default_port = scheme == "https", 443 if scheme == "https" else 80
        self.sock = self.connected = connected

    def secure(self):
        """Do the TLS handshake of an https address; its certificate must be that of the host."""
        if self.is_https:
            context = ssl.create_default_context()
            self.connected = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.connected
            self.sock.do_handshake()

    def connect(self):
        """Refuse to connect anew."""
        raise http.client.NotConnected


@contextmanager
def _cut_off(connection, deadline):
    """Cut off a connection at a moment, however slowly it is answered; raises ``TimeoutError`` then."""
    was_cut = []

    def cut():
        was_cut.append(True)
        with suppress(OSError):  # closed meanwhile
            socket.socket.shutdown(connection.connected, socket.SHUT_RDWR)

    timer = Timer(max(0, deadline - monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        if was_cut:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
    if was_cut:
        raise TimeoutError


def _parts(url):
    """Return (scheme, host, port, target) of an address of a web page; raises ``FetchError`` for any other."""
    try:
        parts = urlsplit(_escaped(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:  # of which UnicodeError is one
        raise FetchError(AddressProblem.UNREADABLE) from error
    is_web = parts.scheme in {"http", "https"} and host and port and "@" not in parts.netloc
    if not is_web or len(url) > MAX_LENGTH:
        raise FetchError(AddressProblem.UNREADABLE)
    return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _redirected(url, location):
    """Return the address that a redirect leads to; raises ``FetchError`` for none."""
    try:
        return _escaped(urljoin(url, location.encode("latin-1").decode("utf-8", "replace")))
    except ValueError as error:
        raise FetchError(AddressProblem.UNREADABLE) from error


def _escaped(url):
    """Return an address with the characters escaped that may not stand in one; a host name keeps its own."""
    parts = urlsplit(url)
    path, query = (UNSAFE.sub(lambda found: quote(found[0]), part) for part in (parts.path, parts.query))
    return parts._replace(path=path, query=query, fragment="").geturl()
