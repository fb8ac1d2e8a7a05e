"""The log: one JSON object per line, with the action in `action`."""

from __future__ import annotations

import json
import logging
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atsbridge.outputfile import require_beginning
from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from atsbridge.context import AccountSummary, RunFailure, Summary
    from atsbridge.model import Notice

LOGGER = "atsbridge.run"  # a program that runs atsbridge within itself gets the lines here too
_BEGINNING = b"{"  # of each line


class _PrivateFile(logging.FileHandler):
    """Appends to a file that only its owner may read, opened anew for each line.

    So the file may be moved away at any instant. What cannot be written is in `problem` and stops
    nothing.
    """

    problem = ""

    def _open(self) -> TextIOWrapper:
        """Open the log at its end. It names rules and cases, so a new one is private."""
        require_beginning(Path(self.baseFilename), _BEGINNING)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line and close the file."""
        try:
            super().emit(record)
            if self.stream is not None:
                self.stream.close()
        except OSError as error:
            self.problem = f"the log cannot be written: {error.strerror}"
        self.stream = None

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        """Remember why a line could not be written. `logging` calls it while handling that."""
        error = sys.exception()
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        self.problem = f"the log cannot be written: {why}"


class Journal:
    """The log of one run: each line has the run's id. Threads may share it."""

    def __init__(self, path: Path, time: TimeSource, run_id: str) -> None:
        self.path = path
        self.run_id = run_id
        self._time = time
        self._file = _PrivateFile(path, encoding="utf-8", delay=True)
        self._file.setFormatter(logging.Formatter("%(message)s"))
        # Not registered: two runs in one process must not write into each other's file.
        self._logger = logging.Logger(LOGGER, logging.INFO)  # noqa: LOG001
        self._logger.parent = logging.getLogger(LOGGER)
        self._logger.addHandler(self._file)

    @property
    def problem(self) -> str:
        """Why the log cannot be written, or ""."""
        return self._file.problem

    def sent(self, notice: Notice) -> None:
        """Log a sent message, without its reader and its subject."""
        self._line(
            "send",
            notice.account,
            rule=notice.rule,
            case=notice.case,
            sink=notice.destination.sink,
            kind=notice.destination.kind,
            purpose=notice.purpose.value,
            key=notice.key,
        )

    def account(self, done: AccountSummary) -> None:
        """Log the result of one account."""
        name = done.account
        if done.locked:
            self._line("skip", name, why="locked by another run")
            return
        for stream in done.streams:
            level = "error" if stream["error"] else "info"
            members = {key: value for key, value in stream.items() if value not in ("", [])}
            self._line("sync", name, level, **members)
        self._line(
            "evaluate",
            name,
            verdicts=sum(done.evaluated.values()),
            full_pass=done.full_pass,
            opened=done.opened,
            resolved=done.resolved,
            cancelled=done.cancelled,
            open=done.open,
        )
        self._line("deliver", name, notices=done.notices, breaker=done.breaker)
        if done.erased:
            self._line("erase", name, "info", **done.erased)
        for failure in done.failures:
            self._failure(name, failure)
        self._line("account", name, requests=done.requests, seconds=done.seconds)

    def fault(self, account: str, kind: str, frames: list[str]) -> None:
        """A fault of our own, with its traceback; no message or value of it."""
        self._line("fault", account, "error", kind=kind, traceback=frames)

    def tick(self, summary: Summary) -> None:
        """The whole tick, with what failed outside any account."""
        for failure in summary.plugins:
            self._failure("", failure)
        if summary.rule_error:
            self._line("fail", "", "error", what=summary.rule_error)
        level = "error" if summary.exit_code in (1, 2) else "info"
        accounts = len(summary.accounts)
        self._line("tick", "", level, exit=summary.exit_code, accounts=accounts)

    def warning(self, action: str, what: str) -> None:
        """Log a warning about something that did not fail the run."""
        self._line(action, "", "warning", what=what)

    def _failure(self, account: str, failure: RunFailure) -> None:
        members = {"where": failure.where, "what": failure.what, "remedy": failure.remedy}
        self._line("fail", account, "error", **members)

    def _line(self, action: str, account: str, level: str = "info", **more: Any) -> None:
        ts = self._time.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"ts": ts, "level": level, "action": action, "run": self.run_id}
        line |= {**({"account": account} if account else {}), **more}
        text = json.dumps(line, ensure_ascii=False, default=str)
        self._logger.log(logging.getLevelNamesMapping()[level.upper()], "%s", text)
