"""Logging: what the settings name by their paths, and the lines of the access log."""

import json
import logging
import re
from datetime import UTC, datetime
from ipaddress import ip_interface

from tenders.outages import is_outage
from tenderwatch import request_ids

FORMATS = ("text", "json")
ACCESS_LOGS = ("0", "1", "network", "address")  # none, without addresses, with shortened ones, with whole ones
NETWORK_BITS = {4: 24, 6: 48}

access = logging.getLogger("tenderwatch.access")


class OutageFilter(logging.Filter):
    """Reduce the traceback of an outage to its message: every request would log the same."""

    def filter(self, record):
        error = record.exc_info[1] if record.exc_info else None
        if is_outage(error):
            record.msg, record.args = f"{record.getMessage()}: {str(error).splitlines()[0]}", ()
            record.exc_info = record.exc_text = None
        return True


class RequestIdFilter(logging.Filter):
    """Add ``request_id``: that of the request which is being answered, or ``-`` elsewhere."""

    def filter(self, record):
        record.request_id = getattr(record, "fields", {}).get("request_id") or request_ids.current.get() or "-"
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the traceback of a fault in it; ``extra={"fields": {...}}`` adds members."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": record.request_id,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_access(*, method, path, query, status, num_bytes, seconds, request_id, address=None):
    """Write a line of the access log: of a query string only the names, as people type what they look for."""
    names = "&".join(re.findall(r"(?:^|&)([a-z_]{1,40})(?==|&|$)", query))
    path = f"{path}?{names}" if names else path
    fields = {
        "method": method,
        "path": path,
        "status": status,
        "bytes": num_bytes,
        "ms": round(seconds * 1000),
        "request_id": request_id,
    }
    if address:
        fields["address"] = address
    message = f"{method} {path} {status} {num_bytes} B {fields['ms']} ms" + (f" {address}" if address else "")
    access.info("%s", message, extra={"fields": fields})


def shortened(address):
    """Return the network of an IP address, its first 24 bits or 48 of IPv6; an address that is none as it is."""
    try:
        version = ip_interface(address).version
    except ValueError:
        return address
    return str(ip_interface(f"{address}/{NETWORK_BITS[version]}").network)
