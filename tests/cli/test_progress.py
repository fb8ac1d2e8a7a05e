"""On a terminal a person sees how far a sync is; anywhere else nothing is printed for it."""

from __future__ import annotations

import io
import sys

import pytest

from atsbridge.cli.output import progress_line, sync_progress
from atsbridge.sync.sync_report import Progress

STEP = Progress(stream="applications", records=12_500, requests=25)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_what_is_read_and_what_is_left() -> None:
    """Stream, records, requests; and parents still to be asked for, where there are any."""
    line = "acme: applications, 12,500 records, 25 requests"
    assert progress_line("acme", STEP) == line
    waiting = Progress(stream="interviews", records=10, requests=3, left=1_200)
    assert progress_line("acme", waiting).endswith("3 requests, 1,200 still to read")


def test_a_terminal_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the block runs the account's line stands there."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with sync_progress() as show:
        assert show is not None
        show("acme", STEP)
    assert "12,500 records" in terminal.getvalue()


@pytest.mark.parametrize("wanted", [True, False])
def test_without_a_terminal_there_is_none(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """cron mails every line it sees."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with sync_progress(wanted=wanted) as show:
        assert show is None
