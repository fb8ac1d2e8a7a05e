"""Error classes, one for each thing that a caller can do about an error.

`cli` turns errors into exit codes, and `net` retries requests.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, TypeVar

_T = TypeVar("_T")


class ErrorCode(StrEnum):
    """The kind of an error, by which failures of two runs are compared.

    Stored by earlier versions and part of the JSON documents: a value never changes.
    """

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


class AtsbridgeError(Exception):
    """Something went wrong that a person can correct.

    `what` happened, `where` (file:line:column, or account/stream/id), and the `remedy`.
    None of the three may hold a secret or a candidate's name.
    """

    code: ClassVar[ErrorCode] = ErrorCode.OTHER

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text

    def at(self, where: str) -> AtsbridgeError:
        """The same error, with the place put in front of the known place."""
        self.where = f"{where}/{self.where}" if self.where else where
        return self


class ConfigError(AtsbridgeError):
    """The configuration is wrong: nothing runs until it is corrected (exit 2)."""

    code = ErrorCode.CONFIG


class RuleError(ConfigError):
    """A rule is wrong: it stops and its cases stay as they are; other rules run (exit 2)."""

    code = ErrorCode.RULE


class PluginError(AtsbridgeError):
    """A plugin broke its contract: it is left out, by name, and the rest goes on."""

    code = ErrorCode.PLUGIN


class StoreError(AtsbridgeError):
    """The database could not be used: full disk, read-only, locked, newer than this program."""

    code = ErrorCode.STORE


class LockLostError(StoreError):
    """Another run has taken over this account: this run stops before its next write or message."""

    code = ErrorCode.LOCK_LOST


class LockedError(AtsbridgeError):
    """Another run holds this account: skip it (exit 4 if every account is locked)."""

    code = ErrorCode.LOCKED


class SourceError(AtsbridgeError):
    """An ATS or a chat service returned an error.

    `status`: the status of its HTTP answer, 0 without one. `vendor_code`: the service's own code
    for the error, where it has codes.
    """

    code = ErrorCode.SOURCE
    status: int = 0
    vendor_code: str = ""


class AuthError(SourceError):
    """The credential was refused: this account stops, the others go on."""

    code = ErrorCode.AUTH


class DeniedError(SourceError):
    """The credential is valid but may not do this: only what depends on it is unknown."""

    code = ErrorCode.DENIED
    names_permission: bool = True  # False: the remedy does not name the missing permission


class RetryableError(SourceError):
    """Another try may succeed: now with back-off, or in the next run."""

    code = ErrorCode.RETRYABLE

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.retry_after = retry_after


class AmbiguousError(RetryableError):
    """A write may or may not have happened: look it up before writing again."""

    code = ErrorCode.AMBIGUOUS


class FatalError(SourceError):
    """Another try would end the same way: this stream or delivery stops."""

    code = ErrorCode.FATAL


class CursorError(FatalError):
    """The page token was refused or returned twice: read the window again from its first page."""

    code = ErrorCode.CURSOR


class SyncTokenError(FatalError):
    """The token of a list's last read was refused: the list is read whole again.

    `expected`: the connector says in this way that the list changed, and nobody is notified.
    """

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", expected: bool = False
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.expected = expected


class SkipRecord(AtsbridgeError):
    """One record cannot be read: it is counted and sampled, and its stream goes on.

    `field`: the raw member that cannot be read, if it is one. If many records fail in the same
    member, they are read without it.
    """

    code = ErrorCode.SKIP_RECORD

    def __init__(self, what: str, *, where: str = "", remedy: str = "", field: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.field = field


def require(value: _T | None, what: str) -> _T:
    """The value. TypeError, which names `what` is missing, where our own code forgot to give it."""
    if value is None:
        raise TypeError(f"{what} is missing")
    return value


def require_type(value: object, kind: type[_T], what: str) -> _T:
    """The value. TypeError, which names `what`, where our own code gave one of another type."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} is {type(value).__name__}, not {kind.__name__}")
    return value
