"""Recordings as files: one for each list, with its rows, readable by their owner only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from atsbridge.errors import ConfigError

VERSION = 1
_ENDING = ".recording.json"
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class RecordedList:
    """The rows of one list, in the order of the vendor, with everything replaced."""

    stream: str
    rows: Sequence[Any]


class _Document(msgspec.Struct):
    version: int
    stream: str
    rows: list[Any]


def write_recording(folder: Path, lists: Sequence[RecordedList]) -> list[Path]:
    """Write one file for each list that has rows; return them.

    ConfigError if the folder holds something already, or cannot be written.
    """
    require_empty(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return [_write(folder, one) for one in lists if one.rows]
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise ConfigError(f"this folder cannot be written: {reason}", where=str(folder)) from None


def require_empty(folder: Path) -> None:
    """ConfigError if there is such a folder and it holds something."""
    if folder.is_dir() and any(folder.iterdir()):
        what = "this folder is not empty"
        raise ConfigError(what, where=str(folder), remedy="Name a new one with --out")


def _write(folder: Path, one: RecordedList) -> Path:
    path = folder / f"{_NAME.sub('_', one.stream)}{_ENDING}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    document = _Document(VERSION, one.stream, list(one.rows))
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(document), indent=1))
        file.write(b"\n")
    return path


def read_recordings(folder: Path) -> Iterator[RecordedList]:
    """The lists of a recording, by name of their files. ConfigError for a file that is none."""
    for path in sorted(folder.glob(f"*{_ENDING}")):
        try:
            document = msgspec.json.decode(path.read_bytes(), type=_Document)
        except msgspec.DecodeError:
            raise ConfigError("this is no recording", where=str(path)) from None
        if document.version != VERSION:
            what = f"this recording has version {document.version}, not {VERSION}"
            raise ConfigError(what, where=str(path), remedy="Record it again")
        yield RecordedList(document.stream, document.rows)
