"""Readers take turns: a process computes a few of their pages at a time, and editors do not wait."""

from threading import Semaphore

from django.conf import settings

AT_ONCE = 2  # pages of readers that one process computes at the same time
PATIENCE = 4.0  # seconds; then a page is computed beside the others, as some files take long
PROBES = {"/healthz", "/readyz", "/metrics"}
SAFE_METHODS = {"GET", "HEAD"}


class TurnsMiddleware:
    """
    Let few pages of readers be computed at the same time.

    Threads of a process share one core (Python's GIL). The more of them compute, the longer a save waits for its turn
    after each of its statements, and with it all other editors. Sending a response is no part of a turn.
    """

    def __init__(self, get_response):
        self.get_response, self.turns = get_response, Semaphore(AT_ONCE)

    def __call__(self, request):
        request.has_turn = False
        try:
            return self.get_response(request)
        finally:
            if request.has_turn:
                self.turns.release()

    def process_view(self, request, view, args, kwargs):
        """Wait for a turn, now that no middleware has answered in place of the view."""
        if takes_turns(request):
            request.has_turn = self.turns.acquire(timeout=PATIENCE)


def takes_turns(request):
    """Return whether a request is one of a reader: of nobody who is logged in, or logging in."""
    is_log_in = request.method not in SAFE_METHODS and "/admin/" in request.path
    is_reader = settings.SESSION_COOKIE_NAME not in request.COOKIES and not is_log_in
    return is_reader and request.path not in PROBES
