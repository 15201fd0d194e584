"""Progress of long commands: a line on a terminal, nothing elsewhere."""

import io

import pytest

from tenders.management import progress
from tenders.management.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(progress, "EVERY", -1)


def test_a_terminal_is_shown_how_much_is_done_and_the_line_is_gone_at_the_end():
    terminal = Terminal()

    assert list(Progress("Tenders", 2_000, terminal).of(range(2_000))) == list(range(2_000))

    assert "Tenders: 1,000 of 2,000 (50 %)" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")


def test_nothing_is_shown_where_there_is_no_terminal():
    output = io.StringIO()

    assert list(Progress("Tenders", 3, output).of("abc")) == ["a", "b", "c"]

    assert output.getvalue() == ""


def test_of_nothing_nothing_is_shown():
    terminal = Terminal()

    assert list(Progress("Tenders", 0, terminal).of([])) == []

    assert "Tenders" not in terminal.getvalue()
