"""The one reader for files that people write: settings, secrets, packs, briefs, tables, templates.

A file written by hand may be a folder, a pipe, a spreadsheet, or text in another encoding. Each of
these becomes one error that names the file and says what to do; no error shows the content.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atsbridge.errors import ConfigError

# A year of packs and briefs is far below a megabyte; a market table of 20,000 rows is two. What is
# larger was named by mistake: a log, a dump, a backup.
LIMIT = 4 * 1024 * 1024

# A token or a private key is a few kilobytes.
SECRET_LIMIT = 64 * 1024

_SAMPLE = 4096  # bytes that show the encoding
_BOM = "\ufeff"
_ZIP = b"PK\x03\x04"

# The longer marks first: UTF-32 LE begins like UTF-16 LE.
_BEGINNINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32 text (little endian)"),
    (b"\x00\x00\xfe\xff", "UTF-32 text (big endian)"),
    (b"\xff\xfe", "UTF-16 text (little endian)"),
    (b"\xfe\xff", "UTF-16 text (big endian)"),
    (_ZIP, "a zip archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "an Excel or Word document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "a SQLite database"),
)
# Shares of NULs: below the first they are single mistakes (in a brief in Cyrillic a fifth of all
# characters is ASCII), above the second they fill the upper half of every character.
_SOME, _NEARLY_ALL = 0.2, 0.9

_WILD = frozenset("*?[")
_ENDING = re.compile(r"\.([A-Za-z]+)$")
_AS_UTF8 = "Save it as UTF-8 text"


def read_text(
    path: Path,
    *,
    name: str = "",
    limit: int = LIMIT,
    if_missing: str = "Correct the name, or create the file",
    error: type[ConfigError] = ConfigError,
) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, every line ending as "\\n".

    `name` is what messages call the file, `limit` its largest size in bytes, `if_missing` the
    remedy where there is no such file. Raises `error` with file, line and column where there is
    one. Never waits for a pipe and never reads more than `limit` bytes.
    """
    name = name or str(path)
    data = read_bytes(path, name=name, limit=limit, if_missing=if_missing, error=error)
    return decode(data, name, error)


def read_bytes(
    path: Path,
    *,
    name: str = "",
    limit: int = LIMIT,
    if_missing: str = "Correct the name, or create the file",
    error: type[ConfigError] = ConfigError,
) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; see `read_text`."""
    name = name or str(path)
    try:
        with _regular(path, name, error) as descriptor:
            data = _at_most(descriptor, limit + 1)
    except FileNotFoundError:
        raise error("there is no such file", where=name, remedy=if_missing) from None
    except PermissionError:
        remedy = "Allow the user that runs atsbridge to read it"
        raise error("this file may not be read", where=name, remedy=remedy) from None
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise error(f"this file cannot be read: {reason}", where=name) from None
    except ValueError:  # a NUL in the name
        raise error("this is no name of a file", where=name.replace("\0", "?")) from None
    if len(data) > limit:
        what = f"this file is larger than {_size(limit)}"
        raise error(what, where=name, remedy="Is it the right file? If so, split it")
    return data


def decode(data: bytes, name: str, error: type[ConfigError] = ConfigError) -> str:
    """The bytes as text; `error` with line and column where they are not UTF-8 text."""
    if kind := _kind(data):
        raise error(f"this file is {kind}", where=name, remedy=_AS_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        where = place(name, _newlines(data[: fault.start].decode("utf-8")))
        raise error(_undecodable(data, fault), where=where, remedy=_AS_UTF8) from None
    text = _newlines(text)
    if (at := text.find("\0")) >= 0:
        where = place(name, text, at)
        raise error("this file holds a NUL character", where=where, remedy=_AS_UTF8)
    return text


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of the character at `offset`, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def place(name: str, text: str, offset: int | None = None) -> str:
    """ "name:line:column" of the character at `offset`; None: just after the text."""
    line, column = position(text, len(text) if offset is None else offset)
    return f"{name}:{line}:{column}"


def name_of(path: Path, folder: Path) -> str:
    """How messages call a file: relative to the folder of the settings where it lies below it."""
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def matching(pattern: str, folder: Path) -> list[Path]:
    """The files that a path or pattern from `folder` means, by name; [] for a malformed pattern.

    A pattern leaves out what is no file, and finds its ending (".csv") in capitals too; a path that
    is named is there to be read, whatever it is.
    """
    try:
        path = Path(pattern).expanduser()
        base = Path(path.anchor) if path.is_absolute() else folder
        text = str(path.relative_to(path.anchor)) if path.is_absolute() else str(path)
        if text in (".", ""):
            return []
        wild = not _WILD.isdisjoint(text)
        text = _ENDING.sub(_in_any_case, text) if wild else text
        return [one.resolve() for one in sorted(base.glob(text)) if not wild or one.is_file()]
    except (ValueError, RuntimeError, OSError):  # "a**b", "~nobody/x", a NUL, a loop of links
        return []


def _in_any_case(ending: re.Match[str]) -> str:
    """ ".csv" as ".[cC][sS][vV]"."""
    return "." + "".join(f"[{letter.lower()}{letter.upper()}]" for letter in ending[1])


@contextmanager
def _regular(path: Path, name: str, error: type[ConfigError]) -> Iterator[int]:
    """A descriptor of the file, which is a regular one. Opening a pipe does not wait for writers.

    Looked at before it is opened, since opening a device may do something, and again afterwards,
    since the name may lead elsewhere by then.
    """
    _refuse_special(path.stat().st_mode, name, error)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    try:
        _refuse_special(os.fstat(descriptor).st_mode, name, error)
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_special(mode: int, name: str, error: type[ConfigError]) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise error("this is a folder, not a file", where=name, remedy="Name a file in it")
    kind = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
    raise error(f"this is a {kind}, not a file", where=name, remedy="Name a regular file")


def _at_most(descriptor: int, size: int) -> bytes:
    """Up to `size` bytes. Read to the end: some file systems do not know the size before."""
    found = bytearray()
    while len(found) < size and (part := os.read(descriptor, min(size - len(found), 1 << 20))):
        found += part
    return bytes(found)


def _kind(data: bytes) -> str:
    """What the file is, where its first bytes show that it is no UTF-8 text; "" otherwise."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    return _wide(data[:_SAMPLE])


def _wide(sample: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where its NULs stand; "" where they show neither."""
    if sample.count(0) < 2:
        return ""
    one, two, three, four = (sample[i::4].count(0) * 4 / max(len(sample), 4) for i in range(4))
    little, big = max(one, three) == 0, max(two, four) == 0
    if little and two + four > _SOME:
        return "UTF-16 text (little endian)"
    if big and one + three > _SOME:
        return "UTF-16 text (big endian)"
    if min(three, four) > _NEARLY_ALL and one == 0:
        return "UTF-32 text (little endian)"
    return "UTF-32 text (big endian)" if min(one, two) > _NEARLY_ALL and four == 0 else ""


def _ends_in_character(data: bytes) -> bool:
    """Whether the bytes are UTF-8 text that ends in the middle of a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # more bytes could follow
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(data: bytes, fault: UnicodeDecodeError) -> str:
    """Why the bytes are not UTF-8, with a guess at what they are. Shows none of them."""
    likely = fault.end - fault.start > 1 or not data[: fault.start].isascii()
    if likely and _ends_in_character(data):
        return "this file ends in the middle of a character: it was cut off"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "this file is not UTF-8 text: here is the first byte that does not fit"
    return "this file is not UTF-8 text: it looks like Windows-1252 or Latin-1"


def _newlines(text: str) -> str:
    return text.lstrip(_BOM).replace("\r\n", "\n").replace("\r", "\n")


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} kB"
