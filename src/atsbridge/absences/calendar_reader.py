"""Read an iCalendar from a file or an address, without keeping its text.

An address often holds a secret, so that no error shows it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from atsbridge.errors import SourceError
from atsbridge.textfile import read_bytes
from atsbridge.timesource import TimeSource

# Bytes of one calendar. Ten years of a busy person's appointments with their texts have some 10 MB.
MAX_BYTES = 16 * 2**20
# Seconds for one calendar: a run waits for it.
MAX_SECONDS = 15.0
# Some services write the time of the request into every event.
_STAMP = re.compile(rb"^DTSTAMP[^\r\n]*\r?\n", re.MULTILINE)
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """One reading. `data`: None if the calendar has not changed since `version`.

    `version`: what identifies the content; it holds nothing of it.
    """

    data: bytes | None
    version: str
    etag: str = ""


def is_address(source: str) -> bool:
    """Whether the source is an address and not a file."""
    return "://" in source


def read_calendar(
    source: str, folder: Path, time: TimeSource, version: str, etag: str
) -> ReadCalendar:
    """Read a file (relative to `folder`) or an address. `version`, `etag`: of the last reading.

    ConfigError or SourceError, which show nothing of an address, if it cannot be read.
    """
    if not is_address(source):
        return _compare(read_bytes(folder / source, name=source, limit=MAX_BYTES), version)
    data, etag = _fetch(source, time, etag)
    if data is None:
        return ReadCalendar(None, version, etag)
    found = _compare(data, version)
    return ReadCalendar(found.data, found.version, etag)


def _compare(data: bytes, version: str) -> ReadCalendar:
    found = hashlib.sha256(_STAMP.sub(b"", data)).hexdigest()
    return ReadCalendar(None if found == version else data, found)


def _fetch(address: str, time: TimeSource, etag: str) -> tuple[bytes | None, str]:
    """(the body, or None if it was not modified, and its ETag)."""
    from atsbridge.net import SessionOptions, open_secret_address
    from atsbridge.ports import HttpBounds

    session = open_secret_address(
        "calendar",
        address,
        time=time,
        options=SessionOptions(
            tries=1,
            timeouts=(MAX_SECONDS / 3, MAX_SECONDS),
            bounds=HttpBounds(response=MAX_BYTES, request=MAX_SECONDS, wait=0.0),
        ),
        remedy="Copy the address from the calendar again",
    )
    headers = {"Accept": "text/calendar", **({"If-None-Match": etag} if etag else {})}
    try:
        answer = session.send("GET", address, headers=headers)
    except SourceError as error:
        if error.status == _NOT_MODIFIED:
            return None, etag
        raise
    finally:
        session.close()
    return answer.body, answer.headers.get("ETag", "")[:200]
