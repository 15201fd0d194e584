"""IP addresses of clients."""

import ipaddress

from django.conf import settings

NOWHERE = "::"  # for requests over a Unix socket, which have no address; NULL would not be unique
NETWORK_BITS = 64  # of an IPv6 address: clients choose the rest themselves


def client_address(request):
    """
    Return the client's IP address as text, as seen by the machine in front of the server.

    Behind a proxy that is the last one in ``X-Forwarded-For``: the client may have forged those before it.
    """
    seen = [request.META.get("REMOTE_ADDR", "")]
    if settings.BEHIND_PROXY:
        seen.insert(0, request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    return next(filter(None, map(_normalized, seen)), NOWHERE)


def client_network(request):
    """Return the address by which failures are counted: of IPv6 the network alone."""
    address = ipaddress.ip_address(client_address(request))
    if address.version == 4:
        return str(address)
    return str(ipaddress.IPv6Network((address, NETWORK_BITS), strict=False).network_address)


def _normalized(text):
    """Return an address in canonical form, without a port or a zone; None if it is invalid."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
