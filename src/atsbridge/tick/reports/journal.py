"""The log: one JSON object per line, each saying in `action` what was done.

When a tick is over and what it did is `tick`'s; turning log files over is logrotate's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from atsbridge.timesource import TimeSource

if TYPE_CHECKING:
    from atsbridge.context import AccountSummary, RunFailure, Summary
    from atsbridge.model import Notice


def _append(path: Path) -> IO[str]:
    """The log, open at its end. A new one is for its owner only: it names rules and cases."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    return os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8")


@dataclass(slots=True)
class Journal:
    """Appends to `path`, opened anew for each line: the file may be moved away at any instant.

    Threads may share it. What cannot be written is in `trouble` and stops nothing.
    """

    path: Path
    time: TimeSource
    trouble: str = ""
    _turn: Lock = field(default_factory=Lock)

    def sent(self, notice: Notice) -> None:
        """A message went out; the log names neither its reader nor its subject."""
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
        """What one account's part of a tick did, and what failed in it."""
        name = done.account
        if done.locked:
            self._line("skip", name, why="locked by another tick")
            return
        for stream in done.streams:
            level = "error" if stream["error"] else "info"
            told = {key: value for key, value in stream.items() if value not in ("", [])}
            self._line("sync", name, level, **told)
        self._line(
            "judge",
            name,
            verdicts=sum(done.judged.values()),
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
        """Something that costs the tick nothing and should be known."""
        self._line(action, "", "warning", what=what)

    def _failure(self, account: str, failure: RunFailure) -> None:
        told = {"where": failure.where, "what": failure.what, "remedy": failure.remedy}
        self._line("fail", account, "error", **told)

    def _line(self, action: str, account: str, level: str = "info", **more: Any) -> None:
        ts = self.time.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said: Mapping[str, Any] = {"ts": ts, "level": level, "action": action}
        said = {**said, **({"account": account} if account else {}), **more}
        line = json.dumps(said, ensure_ascii=False, default=str) + "\n"
        try:
            with self._turn, _append(self.path) as file:
                file.write(line)
        except OSError as error:
            self.trouble = f"the log cannot be written: {error.strerror}"
