"""Publish the result of a run: log, metrics and ping. None of them can fail the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from atsbridge.context import FailureCode, RunFailure, Services, Summary
from atsbridge.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from atsbridge.model import Message, Notice
    from atsbridge.tick.reports.journal import Journal

Watch = Callable[["Notice", "Message"], None]
_SUCCESS = (0, 3)  # exit codes of a tick that did its work
_ELSEWHERE = 4  # another run holds the accounts and reports itself


def journal(app: Services, run_id: str) -> Journal | None:
    """The log of this run, if one is wanted."""
    file = app.settings.run.log_file
    if not file:
        return None
    from atsbridge.tick.reports.journal import Journal

    return Journal(app.settings.path(file), app.time, run_id)


def noted(log: Journal | None, watch: Watch | None) -> Watch | None:
    """Somebody who looks on, and the log beside them."""
    if log is None:
        return watch

    def both(notice: Notice, message: Message) -> None:
        log.sent(notice)
        if watch is not None:
            watch(notice, message)

    return both


def report(app: Services, summary: Summary, log: Journal | None) -> None:
    """Publish a finished run. Failures are in the log and in `Summary.asides`."""
    measured, pinged = _measured(app, summary), _pinged(app, summary)
    troubles = [*(measured or ()), *(pinged or ())]
    tried = {"metrics": measured, "ping": pinged, "log": None if log is None else []}
    if log is not None:
        for action, what in troubles:
            log.warning(action, what)
        log.tick(summary)
        if log.problem:
            troubles.append(("log", log.problem))
    settings = {"metrics": "metrics_file", "ping": "ping_url", "log": "log_file"}
    summary.asides = [
        RunFailure(f"[run] {settings[action]}", what, "", FailureCode(action), detail=what)
        for action, what in troubles
    ]
    failed = {action for action, _ in troubles}
    summary.worked |= {
        f"[run] {settings[action]}"
        for action, found in tried.items()
        if found is not None and action not in failed
    }


def _measured(app: Services, summary: Summary) -> list[tuple[str, str]] | None:
    """The problem with the metrics; None if they are not configured."""
    file = app.settings.run.metrics_file
    if not file:
        return None
    from atsbridge.tick.reports.metrics import publish

    try:
        publish(app, summary, app.settings.path(file), app.time.now())
    except OSError as error:
        return [("metrics", f"the metrics cannot be written: {error.strerror}")]
    except StoreError as error:
        return [("metrics", f"the metrics cannot be counted: {error.what}")]
    return []


def _pinged(app: Services, summary: Summary) -> list[tuple[str, str]] | None:
    """What went wrong with the ping; None where none was sent."""
    if summary.exit_code == _ELSEWHERE:
        return None
    problem = ping_monitor(app, good=summary.exit_code in _SUCCESS)
    return problem if problem is None else [("ping", problem)] if problem else []


def ping_monitor(app: Services, *, good: bool) -> str | None:
    """Tell the monitor of `ping_url` that runs happen; what went wrong, None where none is set."""
    try:
        url = app.settings.secret("run", "ping_url")
    except ConfigError as error:
        return str(error)
    if not url.get_secret_value():
        return None
    from atsbridge.tick.reports.heartbeat import ping

    return ping(url, app.time, good=good)
