"""
The security log: one line for what happens to accounts, for people and for programs that ban addresses.

    event=login-failed address=192.0.2.10 user="mei" reason=password

The event and the address come first, and every value that somebody chose stands in quotes without control characters,
so that no name can look like a line or a field of its own. Passwords and codes are never logged; a name that is no
account is not either, as people type passwords into the field of the name.
"""

import logging
from contextvars import ContextVar

from django.contrib.auth import get_user_model

from accounts.addresses import client_address

logger = logging.getLogger("tenderwatch.security")
current_request = ContextVar("current_request", default=None)  # set by accounts.middleware

WARNINGS = {"login-failed", "code-failed", "login-refused", "password-reset-refused"}


def log(event, *, user=None, **details):
    """
    Write a line; ``user`` is the account that it is about, ``details`` are texts, numbers or lists of texts.

    The address is that of the request, ``-`` for a command; ``by`` is added if somebody else did it.
    """
    request = current_request.get()
    actor = getattr(request, "user", None)
    fields = {"event": event, "address": client_address(request) if request else "-"}
    fields["user"] = _quoted(user.get_username()) if user else "-"
    if actor is not None and actor.is_authenticated and actor != user:
        fields["by"] = _quoted(actor.get_username())
    for name, value in details.items():
        fields[name] = value if isinstance(value, int) else _text(value)
    level = logging.WARNING if event in WARNINGS else logging.INFO
    logger.log(level, " ".join(f"{name}={value}" for name, value in fields.items()))


def account_named(name):
    """Return the account that a typed name is, or None."""
    users = get_user_model()._default_manager
    return None if "\0" in name else users.filter(username=name).first()


def _text(value):
    if isinstance(value, str) and value.replace("-", "").isalnum() and value.isascii():
        return value
    return _quoted(value if isinstance(value, str) else ", ".join(value))


def _quoted(text):
    readable = (character if character.isprintable() else "?" for character in text)
    return '"' + "".join(readable).replace("\\", "\\\\").replace('"', '\\"') + '"'
