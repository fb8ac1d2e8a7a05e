"""A terminal of a given width, for tests of what commands print."""

from __future__ import annotations

import io
import re
import sys

import pytest

_STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """Takes the place of stdout; `lines` are what a person sees, without styles."""

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        text = _STYLES.sub("", self.getvalue())
        return [line.rstrip() for line in text.splitlines() if line.strip()]


def open_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> Terminal:
    """Let commands print on a terminal of that many columns."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    return terminal
