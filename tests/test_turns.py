"""Pages take turns, saves and probes do not; nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.http import HttpResponse

from tenderwatch import turns
from tenderwatch.turns import AT_ONCE, Turns, TurnsMiddleware, takes_turns


@pytest.mark.parametrize(
    ("method", "path", "is_logged_in", "waits"),
    [
        ("GET", "/tenders/", False, True),
        ("HEAD", "/tenders.csv", False, True),
        ("GET", "/tenders/", True, True),
        ("GET", "/admin/", True, True),
        ("POST", "/admin/login/", False, False),
        ("POST", "/report/", False, True),
        ("POST", "/report/", True, False),
        ("GET", "/healthz", False, False),
    ],
)
def test_who_takes_turns(rf, settings, method, path, is_logged_in, waits):
    request = rf.generic(method, path)
    if is_logged_in:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

    assert takes_turns(request) is waits


def answer_with(view):
    """Return the middleware around a view."""

    def get_response(request):
        middleware.process_view(request, view, (), {})
        return view(request)

    middleware = TurnsMiddleware(get_response)
    return middleware


class Slow:
    """A view whose answers wait until they are let go."""

    def __init__(self):
        self.go, self.begun = Event(), 0

    def __call__(self, request):
        self.begun += 1
        self.go.wait(10)
        return HttpResponse()


def test_a_process_computes_few_pages_at_once_and_then_the_others(rf, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 10)
    view = Slow()
    middleware = answer_with(view)

    with ThreadPoolExecutor(AT_ONCE + 2) as threads:
        answers = [threads.submit(middleware, rf.get("/tenders/")) for _ in range(AT_ONCE + 2)]
        while view.begun < AT_ONCE:
            sleep(0.001)
        assert view.begun == AT_ONCE
        view.go.set()

    assert {answer.result().status_code for answer in answers} == {200}
    assert view.begun == AT_ONCE + 2


def test_a_page_waits_for_its_turn_no_longer_than_given(rf, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    view = Slow()
    middleware = answer_with(view)

    with ThreadPoolExecutor(AT_ONCE + 1) as threads:
        for _ in range(AT_ONCE + 1):
            threads.submit(middleware, rf.get("/tenders/"))
        while view.begun < AT_ONCE + 1:
            sleep(0.001)
        view.go.set()

    assert all(middleware.turns.take(0) for _ in range(AT_ONCE))
    assert not middleware.turns.take(0)


def test_a_page_that_fails_ends_its_turn(rf):
    def fail(request):
        raise ValueError("wrong")

    middleware = answer_with(fail)

    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError, match="wrong"):
            middleware(rf.get("/tenders/"))


def test_a_request_that_no_view_answers_takes_no_turn(rf):
    middleware = TurnsMiddleware(lambda request: HttpResponse(status=413))
    for _ in range(AT_ONCE):
        assert middleware.turns.take(0)

    assert middleware(rf.get("/tenders/")).status_code == 413


def test_turns_are_given_in_the_order_in_which_they_were_asked_for():
    turns, given = Turns(1), []

    def take(number):
        if turns.take(10):
            given.append(number)
            turns.end()

    assert turns.take(0)
    with ThreadPoolExecutor(5) as threads:
        for number in range(5):
            threads.submit(take, number)
            while len(turns._waiting) <= number:
                sleep(0.001)
        turns.end()

    assert given == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_who_no_longer_waits_is_given_no_turn():
    turns = Turns(1)
    assert turns.take(0)
    assert not turns.take(0.001)

    turns.end()

    assert turns.take(0)
    assert not turns.take(0)
