"""What failed in a run while the run went on, and which failures of two runs are the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from atsbridge.errors import AtsbridgeError

_NAMED = 3  # places named of those that fail alike; the rest is counted


class FailureCode(StrEnum):
    """The kind of a failure. Stored by earlier versions and part of JSON: a value never changes."""

    # An error stopped a step of the run: the values of `ErrorCode`.
    OTHER = "AtsbridgeError"
    CONFIG = "ConfigError"
    RULE = "RuleError"
    PLUGIN = "PluginError"
    STORE = "StoreError"
    LOCK_LOST = "LockLostError"
    LOCKED = "LockedError"
    SOURCE = "SourceError"
    AUTH = "AuthError"
    DENIED = "DeniedError"
    RETRYABLE = "RetryableError"
    AMBIGUOUS = "AmbiguousError"
    FATAL = "FatalError"
    CURSOR = "CursorError"
    SKIP_RECORD = "SkipRecord"
    # A list is not believed: the values of `StreamStatus`.
    LIST_NEVER_READ = "never"
    LIST_FAILED = "failed"
    LIST_DENIED = "denied"
    LIST_LOST = "lost"
    # Failures without an error object.
    SCHEMA_DRIFT = "schema_drift"  # fields came in another shape
    STILL = "still"  # fields were lost by an earlier run and not read since
    CLOCK_JUMP = "clock_jump"  # the clock jumped ahead and nothing confirms it
    AGENDA = "agenda"  # the nightly evaluation moved a case that was not due
    FAULT = "fault"  # an exception of atsbridge itself
    BRIEFS_MISSING = "briefs_missing"  # files of briefs that were there
    BRIEF = "brief"  # a mistake in a brief
    MARKET = "market"  # a mistake in a market table
    PLUGIN_LEFT_OUT = "plugin_left_out"
    LOG = "log"
    METRICS = "metrics"
    PING = "ping"
    EARLIER = "earlier"  # stored by a version that gave it no code


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Something that went wrong while the run went on: where, what, and the remedy.

    `place`: what was tried (a list, a sink, a stage of the run), as `worked` names it once a try
    succeeds; "": the same as `where`. `detail`: what distinguishes it from other failures with that
    place and code, such as the lost fields or the text of a mistake in the settings.
    """

    where: str
    what: str
    remedy: str
    code: FailureCode
    place: str = ""
    detail: str = ""

    @property
    def tried(self) -> str:
        """What was tried."""
        return self.place or self.where

    def is_same(self, other: RunFailure) -> bool:
        """Whether both are one failure that goes on, whatever its words and counts.

        A failure kept by a version that gave it no code is the same as any other at its place.
        """
        if (self.tried, self.where) != (other.tried, other.where):
            return False
        if FailureCode.EARLIER in (self.code, other.code):
            return True
        return (self.code, self.detail) == (other.code, other.detail)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text


def failure(where: str, error: AtsbridgeError, place: str = "") -> RunFailure:
    """The failure of a step of the run. `where` is used if the error names no place."""
    where, place = error.where or where, place or where
    return RunFailure(where, error.what, error.remedy, code_of(error), place)


def code_of(error: AtsbridgeError) -> FailureCode:
    """The kind of an error; an error class of a plugin has the kind of ours that it extends."""
    return FailureCode(error.code.value)


def pack_failure(failure: RunFailure) -> list[str]:
    """The failure as a row of text, for the next run."""
    where, what, remedy, code, place, detail = astuple(failure)
    return [where, what, remedy, place, str(code), detail]


def unpack_failure(row: Sequence[str]) -> RunFailure:
    """The failure of a row; also of one that an earlier version wrote, with fewer members."""
    where, what, remedy, place, code, detail = (*row, "", "", "", "", "")[:6]
    try:
        known = FailureCode(code)
    except ValueError:
        known = FailureCode.EARLIER
    return RunFailure(where, what, remedy, known, _rename_stage(place), detail)


def describe_failures(failures: Iterable[RunFailure]) -> list[str]:
    """One line for all failures with the same cause and remedy."""
    places: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        places.setdefault((failure.what, failure.remedy), []).append(failure.where)
    return [
        str(RunFailure(_places(where), what, remedy, FailureCode.OTHER))
        for (what, remedy), where in places.items()
    ]


def _rename_stage(place: str) -> str:
    """The place of a failed stage; earlier versions called the stage `evaluate` "judge"."""
    head, run, stage = place.rpartition("/run/")
    return f"{head}{run}evaluate" if run and stage == "judge" else place


def _places(where: list[str]) -> str:
    """ "acme/users, offices and 15 more": the name of an account is written once."""
    names = list(dict.fromkeys(where))
    account = names[0].partition("/")[0]
    rest = [name.removeprefix(f"{account}/") for name in names[1:]]
    text = ", ".join((names[0], *rest[: _NAMED - 1]))
    return f"{text} and {len(names) - _NAMED} more" if len(names) > _NAMED else text
