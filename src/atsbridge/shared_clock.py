"""A simulated clock in a small file, shared by several processes: the sandbox and the commands."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from atsbridge.errors import ConfigError

_FORM = struct.Struct("=8sqqq")  # magic, now and monotonic in microseconds, frozen
_MAGIC = b"atsclk1\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class SharedClock:
    """A TimeSource on a file. The first to open it gives `start`; later ones join what is there.

    sleep(s) moves the clock to s seconds after the call began and returns at once, so a day of
    waiting takes no time. Where the clock is `frozen`, now() stands still (as under `--now`) and
    only monotonic() moves. Resolution is a microsecond. Safe for threads and processes; after a
    fork the child opens the file anew. ConfigError for a file that is no clock, or is missing
    while no `start` is given.
    """

    def __init__(
        self, path: Path | str, start: datetime | None = None, *, frozen: bool = False
    ) -> None:
        self.path = Path(path)
        self._guard = threading.Lock()
        try:
            self._file = os.open(self.path, os.O_RDWR | (os.O_CREAT if start else 0), 0o600)
        except OSError as error:
            raise ConfigError(
                f"the sandbox clock cannot be opened: {error.strerror}",
                where=str(self.path),
                remedy="start `atsbridge sandbox` first, or correct run.clock_file",
            ) from None
        try:
            self._join(start, frozen)
        except BaseException:
            self.close()
            raise

    def _join(self, start: datetime | None, frozen: bool) -> None:
        with self._locked():
            if os.fstat(self._file).st_size == 0 and start is not None:
                self._write((start - _EPOCH) // _TICK, 0, frozen)
            elif os.pread(self._file, len(_MAGIC), 0) != _MAGIC:
                raise ConfigError(
                    "this file is not a sandbox clock",
                    where=str(self.path),
                    remedy="remove it, or correct run.clock_file",
                )
            elif frozen:
                now, passed, _ = self._read()
                self._write(now, passed, frozen)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._guard:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _read(self) -> tuple[int, int, bool]:
        _, now, passed, frozen = _FORM.unpack(os.pread(self._file, _FORM.size, 0))
        return now, passed, bool(frozen)

    def _write(self, now: int, passed: int, frozen: bool) -> None:
        os.pwrite(self._file, _FORM.pack(_MAGIC, now, passed, frozen), 0)

    def now(self) -> datetime:
        with self._locked():
            return _EPOCH + self._read()[0] * _TICK

    def monotonic(self) -> float:
        with self._locked():
            return self._read()[1] / 1e6

    def elapsed(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        by = -int(-seconds * 1e6 // 1)  # never short: a limit waited for has truly passed
        with self._locked():
            now, passed, frozen = self._read()
            self._write(now if frozen else now + by, passed + by, frozen)

    def advance(self, to: datetime) -> None:
        """Let the world come to `to`, frozen or not; an instant already past changes nothing."""
        target = (to - _EPOCH) // _TICK
        with self._locked():
            now, passed, frozen = self._read()
            if target > now:
                self._write(target, passed + target - now, frozen)

    @property
    def frozen(self) -> bool:
        """Whether now() stands still."""
        with self._locked():
            return self._read()[2]

    def freeze(self, still: bool = True) -> None:
        """Make now() stand still for everybody who shares the clock, or move again."""
        with self._locked():
            now, passed, _ = self._read()
            self._write(now, passed, still)

    def close(self) -> None:
        """Give the file back; the clock stays in it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> SharedClock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
