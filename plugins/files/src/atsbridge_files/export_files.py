"""Find the files of a table, in a folder or at an address, and open them."""

from __future__ import annotations

import io
import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from atsbridge.api import FatalError, HttpSession, RetryableError, TimeSource
from atsbridge_files.export_text import ZIP, refuse
from atsbridge_files.settings import FilesSettings, TableSettings
from atsbridge_files.workbook_text import (
    ENDINGS,
    is_workbook,
    sheet_names,
    sheet_text,
)

_WILD = frozenset("*?[")
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", "~")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file of a table. `stamp`: differs when the file may have changed; "" if unknown.

    `sheet`: of an Excel workbook.
    """

    name: str
    place: str
    stamp: str = ""
    sheet: str = ""


class FileStore(Protocol):
    """Where exports are."""

    def find(self, table: TableSettings) -> Sequence[FoundFile]:
        """The files of a table, by name. RetryableError if there is none, or one is being written.

        FatalError if it may not be read.
        """
        ...

    def open(self, file: FoundFile) -> BinaryIO:
        """The file at its beginning; the caller closes it."""
        ...

    def forget(self, table: TableSettings) -> None:
        """Drop what is kept of the files of a table."""
        ...


class FolderStore:
    """Exports in a folder."""

    def __init__(self, folder: Path, settings: FilesSettings, time: TimeSource) -> None:
        self._folder = folder
        self._settings = settings
        self._time = time
        self._sheets: dict[FoundFile, bytes] = {}  # as CSV, for the lists of this run

    def check(self) -> str:
        """Why the folder cannot be read; "" if it can."""
        if not self._folder.is_dir():
            return "there is no such folder"
        return "" if os.access(self._folder, os.R_OK | os.X_OK) else "this folder may not be read"

    def names(self) -> list[str]:
        """The names of all files in the folder that may be exports, sorted."""
        found = (one for one in self._folder.iterdir() if one.is_file())
        return sorted(one.name for one in found if _is_export(one.name))

    def sheets(self, name: str) -> list[str]:
        """The sheets of a file that is an Excel workbook; [""] for any other."""
        with self.open_raw(FoundFile(name, str(self._folder / name))) as stream:
            if not is_workbook(stream, name):
                return [""]
            return sheet_names(stream, name)

    def find(self, table: TableSettings) -> Sequence[FoundFile]:
        """See `FileStore`. A name that begins with a point or ends like a download is none."""
        if why := self.check():
            raise FatalError(why, where=str(self._folder), remedy="Correct folder")
        paths = self._matching(table.files)
        if not paths:
            raise RetryableError(
                "no file has this name",
                where=str(self._folder / table.files),
                remedy="Look whether the export arrived, or correct files",
            )
        chosen = paths[-1:] if table.take == "latest" else paths
        return [self._checked(path, table.sheet) for path in chosen]

    def _matching(self, pattern: str) -> list[Path]:
        try:
            if _WILD.isdisjoint(pattern):
                path = self._folder / pattern
                return [path] if path.exists() else []
            found = [one for one in self._folder.glob(pattern) if one.is_file()]
        except (ValueError, OSError):
            return []
        return sorted(one for one in found if _is_export(one.name))

    def _checked(self, path: Path, sheet: str) -> FoundFile:
        name = (
            str(path.relative_to(self._folder)) if path.is_relative_to(self._folder) else path.name
        )
        try:
            status = path.stat()
        except OSError as fault:
            raise _unreadable(name, fault) from None
        if not stat.S_ISREG(status.st_mode):
            raise refuse("this is no regular file", name, "Name a file")
        if status.st_size > self._settings.max_file:
            raise refuse(
                "this file is larger than max_file allows", name, "Split it, or raise max_file"
            )
        age = (self._time.now() - datetime.fromtimestamp(status.st_mtime, UTC)).total_seconds()
        if abs(age) < self._settings.settle:
            raise RetryableError(
                "this file was written just now and may be unfinished",
                where=name,
                remedy="The next run reads it",
            )
        if age > self._settings.max_age_hours * 3600:
            raise RetryableError(
                f"this export is {age / 3600:.0f} hours old, so nobody is reminded because of it",
                where=name,
                remedy="Export it again, or raise max_age_hours of the account",
            )
        stamp = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
        if not name.lower().endswith(ENDINGS):
            return FoundFile(name, str(path), f"{name}:{stamp}")
        label = f"{name} [{sheet}]" if sheet else name
        return FoundFile(label, str(path), f"{label}:{stamp}", sheet)

    def open(self, file: FoundFile) -> BinaryIO:
        """See `FileStore`. A sheet of a workbook is a CSV file."""
        if file in self._sheets:
            return io.BytesIO(self._sheets[file])
        stream = self.open_raw(file)
        try:
            if not is_workbook(stream, file.place):
                return stream
            text = sheet_text(stream, file.name, file.sheet, self._settings.decimal)
        except BaseException:
            stream.close()
            raise
        stream.close()
        self._sheets[file] = text
        return io.BytesIO(text)

    def open_raw(self, file: FoundFile) -> BinaryIO:
        """The file as it is."""
        try:
            return Path(file.place).open("rb")
        except OSError as fault:
            raise _unreadable(file.name, fault) from None

    def forget(self, table: TableSettings) -> None:
        """See `FileStore`. Only sheets of workbooks are kept."""
        del table
        self._sheets.clear()


def _is_export(name: str) -> bool:
    return not name.startswith((".", "~")) and not name.lower().endswith(_UNFINISHED)


def _unreadable(name: str, fault: OSError) -> FatalError | RetryableError:
    if isinstance(fault, FileNotFoundError):
        return RetryableError(
            "this file has just gone", where=name, remedy="The next run looks again"
        )
    reason = fault.strerror or type(fault).__name__
    return refuse(
        f"this file cannot be read: {reason}", name, "Allow the user of atsbridge to read it"
    )


class AddressStore:
    """Exports at an address: each table is one request, whose body is kept for this run."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self._bodies: dict[str, bytes] = {}

    def find(self, table: TableSettings) -> Sequence[FoundFile]:
        """See `FileStore`. Nobody can know from outside whether a file changed."""
        return [FoundFile(table.files, table.files)]

    def open(self, file: FoundFile) -> BinaryIO:
        """See `FileStore`. Raises the errors of `HttpSession.get`."""
        if file.place not in self._bodies:
            self._bodies[file.place] = self._session.get(file.place).body
        body = self._bodies[file.place]
        if body.startswith(ZIP):
            what = "an Excel workbook is read from a folder only"
            raise refuse(what, file.name, "Let the address answer CSV, or save the file")
        if "\ufffd".encode() in body:
            remedy = "Let the address answer in UTF-8, or declare its charset"
            raise refuse("this file is not UTF-8", file.name, remedy)
        return io.BytesIO(BOM_UTF8 + body)  # the session made it UTF-8, whatever `encoding` says

    def forget(self, table: TableSettings) -> None:
        """Ask again at the next `open`."""
        self._bodies.pop(table.files, None)


@contextmanager
def opened(store: FileStore, file: FoundFile) -> Iterator[BinaryIO]:
    """The file, closed at the end."""
    stream = store.open(file)
    try:
        yield stream
    finally:
        stream.close()
