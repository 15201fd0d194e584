"""Pages take turns: a process computes a few of them at a time, and saves do not wait."""

from collections import deque
from threading import Event, Lock

from django.conf import settings

AT_ONCE = 2  # pages that one process computes at the same time
PATIENCE = 4.0  # seconds; then a page is computed beside the others, as some files take long
PROBES = {"/healthz", "/readyz", "/metrics"}
SAFE_METHODS = {"GET", "HEAD"}


class Turns:
    """So many turns at the same time, given in the order in which they are asked for."""

    def __init__(self, number):
        self._num_free, self._waiting, self._lock = number, deque(), Lock()

    def take(self, timeout):
        """Return whether there was a turn within so many seconds; who is given one has to end it."""
        with self._lock:
            if self._num_free:
                self._num_free -= 1
                return True
            given = Event()
            self._waiting.append(given)
        if given.wait(timeout):
            return True
        with self._lock:
            if not given.is_set():  # else it came at the last moment
                self._waiting.remove(given)
            return given.is_set()

    def end(self):
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._num_free += 1


class TurnsMiddleware:
    """
    Let few pages be computed at the same time, in the order in which they were asked for.

    Threads of a process share one core (Python's GIL). The more of them compute, the longer a save waits for its turn
    after each of its statements, and with it all other editors. Sending a response is no part of a turn.
    """

    def __init__(self, get_response):
        self.get_response, self.turns = get_response, Turns(AT_ONCE)

    def __call__(self, request):
        request.has_turn = False
        try:
            return self.get_response(request)
        finally:
            if request.has_turn:
                self.turns.end()

    def process_view(self, request, view, args, kwargs):
        """Wait for a turn, now that no middleware has answered in place of the view."""
        if takes_turns(request):
            request.has_turn = self.turns.take(PATIENCE)


def takes_turns(request):
    """Return whether a request asks for a page, or is a reader's; an editor who saves or logs in does not wait."""
    is_of_editor = settings.SESSION_COOKIE_NAME in request.COOKIES or "/admin/" in request.path
    is_save = request.method not in SAFE_METHODS and is_of_editor
    return not is_save and request.path not in PROBES
