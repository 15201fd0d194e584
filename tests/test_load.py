"""The load test: what counts as a failure, and when goals are met."""

import pytest

from bench.load import Result, has_failed, kinds_of_failure, percentile, report
from bench.scaling import report as report_phases
from bench.visitors import OPEN, READ, SAVE, Request


def request(kind=READ, status=200, seconds=0.1, started=0.0):
    return Request(kind, "/tenders/?year=2019", started, seconds, status)


def result(**changes):
    requests = {READ: [request()], OPEN: [request(OPEN)], SAVE: [request(SAVE, 302)]}
    known = {"failed": [], "refused": 0, "saved": 1, "lost": [], "unrecorded": [], "seconds": 60, "cpu": 30.0}
    return Result(**{"name": "present", "requests": requests, **known, **changes})


@pytest.mark.parametrize(
    ("kind", "status", "failed"),
    [
        (READ, 200, False),
        (READ, 404, True),
        (READ, "TimeoutError", True),
        (OPEN, 302, True),
        (SAVE, 302, False),
        (SAVE, 409, False),
        (SAVE, 503, True),
    ],
)
def test_what_counts_as_a_failure(kind, status, failed):
    assert has_failed(request(kind, status)) is failed


def test_a_percentile_is_one_of_the_times():
    requests = [request(seconds=seconds) for seconds in range(1, 101)]

    assert percentile(requests, 0.5) in {50, 51}
    assert percentile(requests, 0.95) == 95
    assert percentile([], 0.95) == float("inf")


def test_goals_are_met_if_all_is_quick_and_nothing_is_lost():
    assert result().is_good
    assert not result(lost=["e0.1"]).is_good
    assert not result(unrecorded=["e0.1"]).is_good
    assert not result(failed=[request(status=500)]).is_good
    assert not result(requests={READ: [request(seconds=2)], SAVE: [request(SAVE)]}).is_good
    assert not result(requests={READ: [request()], SAVE: []}).is_good


def test_the_report_names_each_kind_of_failure():
    failed = [request(status=500), request(status=500), request(SAVE, 503)]

    assert kinds_of_failure(failed) == [("500 read /tenders/", 2), ("503 save /tenders/", 1)]
    assert "2 × 500 read /tenders/" in "\n".join(report([result(failed=failed)]))


def test_errors_count_from_what_happened_before_them():
    phases = [("all is well", 0.0), ("the primary is killed", 10.0)]
    requests = [request(started=9.5, seconds=0.9, status=503), request(started=12.0), request(SAVE, 302, started=14.0)]

    lines, worst = report_phases(phases, requests)

    assert worst == pytest.approx(0.4)
    assert "1 × 503" in lines[-1]
    assert lines[-1].split("|")[-2].strip() == "4.1"
