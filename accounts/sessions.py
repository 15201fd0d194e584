"""Sessions in the database whose users can list and end them; the setting ``SESSION_ENGINE`` names this module."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.addresses import client_address
from accounts.browsers import describe_browser
from accounts.models import Session

STARTED, SEEN, ADDRESS, BROWSER = "started_at", "seen_at", "address", "browser"
SEEN_EVERY = timedelta(minutes=10)  # how exactly the last use of a session is known, and how often it is written


class SessionStore(DatabaseSessionStore):
    """Django's sessions in the database, with the columns of ``Session``."""

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.started_at, session.seen_at = (
            datetime.fromisoformat(data[name]) if name in data else None for name in (STARTED, SEEN)
        )
        session.address, session.browser = data.get(ADDRESS), data.get(BROWSER, "")
        return session


def start(request):
    """Note the beginning of a session; it ends at a fixed time, as Django would extend it with each write."""
    now = timezone.now()
    request.session.update({STARTED: now.isoformat(), ADDRESS: client_address(request)})
    request.session.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    note_use(request)


def note_use(request):
    """Note that a session is used, unless that was noted lately, or something else keeps the database busy."""
    session, now = request.session, timezone.now()
    if SEEN in session and now - datetime.fromisoformat(session[SEEN]) < SEEN_EVERY:
        return
    is_saved_anyway = session.modified
    session.update({SEEN: now.isoformat(), BROWSER: describe_browser(request.headers.get("User-Agent", ""))})
    if not is_saved_anyway:
        with suppress(OperationalError, UpdateError):  # the latter if it was ended meanwhile
            session.save()
        session.modified = False


def sessions_of(user):
    """Return the sessions in which a user is logged in, the one used last first; a new password ends the older ones."""
    sessions = user.sessions.filter(expire_date__gt=timezone.now()).order_by("-seen_at", "session_key")
    valid = user.get_session_auth_hash()
    return [s for s in sessions if constant_time_compare(s.get_decoded().get(HASH_SESSION_KEY, ""), valid)]


@transaction.atomic
def end_sessions(user, *, keep=None, handle=None):
    """
    End the sessions of a user but the one with the key ``keep``, or only that of a handle; return how many were ended.

    Sessions that a new password has ended already are deleted and not counted.
    """
    chosen = [s for s in sessions_of(user) if s.session_key != keep and handle in {None, s.handle}]
    if handle is None:
        user.sessions.exclude(session_key=keep or "").delete()
    else:
        Session.objects.filter(pk__in=[session.pk for session in chosen]).delete()
    return len(chosen)
