"""The encoding of an export, and the errors that name a place in it.

Excel writes UTF-8 with a byte order mark, UTF-16, or the code page of the machine. A file that is
partly UTF-8 and partly something else was put together from two, and is refused.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from atsbridge.api import FatalError

ZIP = b"PK\x03\x04"  # how a zip file begins; a workbook is one
_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_SIGNATURES = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = (
    (ZIP, "a spreadsheet or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel document of an old form, or one with a password"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF-", "a PDF document"),
)
_AS_CSV = "Save it as CSV (UTF-8), JSON, JSON Lines or Excel workbook (.xlsx) without a password"


@dataclass(frozen=True, slots=True)
class TextShape:
    """What the bytes of an export show. `guessed`: nothing declares the encoding."""

    digest: str
    encoding: str
    size: int
    guessed: bool = False


class UnusableExportError(FatalError):
    """The content of an export is not what its table says, or is not whole."""


def refuse(what: str, where: str, remedy: str = "") -> UnusableExportError:
    """The error of an export that is not read at all."""
    return UnusableExportError(
        what, where=where, remedy=remedy or "The rows of the last good file stay"
    )


def inspect_text(stream: BinaryIO, name: str, declared: str = "") -> TextShape:
    """Read the bytes once, for their digest and encoding. Leaves the stream at its beginning.

    `name`: of the file, for errors. FatalError if it is no text, or text in two encodings.
    """
    start = stream.read(_SAMPLE)
    stream.seek(0)
    if kind := next((kind for mark, kind in _OTHER_KINDS if start.startswith(mark)), ""):
        raise refuse(f"this file is {kind}", name, _AS_CSV)
    found = _signed(start) or declared or _zeroed(start)
    if found:
        return _checked(stream, name, found, guessed=False)
    return _unmarked(stream, name, start)


def _signed(start: bytes) -> str:
    """The encoding that a byte order mark names; "" without one."""
    return next((encoding for mark, encoding in _SIGNATURES if start.startswith(mark)), "")


def _zeroed(start: bytes) -> str:
    """The encoding that NULs show; "" without any."""
    high, low = start[0::2].count(0), start[1::2].count(0)
    if max(high, low) * 5 > len(start) > 3:  # every second byte of plain text in UTF-16 is 0
        return "utf-16-le" if low > high else "utf-16-be"
    return ""


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        yield chunk
    stream.seek(0)


def _checked(stream: BinaryIO, name: str, encoding: str, *, guessed: bool) -> TextShape:
    """The shape of text in a known encoding; FatalError with the line of what does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    digest, size, line = hashlib.sha256(), 0, 1
    for chunk in _chunks(stream):
        digest.update(chunk)
        size += len(chunk)
        try:
            text = decoder.decode(chunk)
        except UnicodeError:
            raise refuse(
                f"this line is not {encoding} text",
                f"{name}:{_line_of_fault(chunk, encoding, line)}",
                "Export it again in one encoding, or name the right one with encoding =",
            ) from None
        line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        what = "this file ends in the middle of a character: it was cut off"
        raise refuse(what, f"{name}:{line}") from None
    return TextShape(digest.hexdigest(), encoding, size, guessed)


def _line_of_fault(chunk: bytes, encoding: str, line: int) -> int:
    try:
        chunk.decode(encoding)
    except UnicodeDecodeError as fault:
        return line + chunk.count(b"\n", 0, fault.start)
    return line


def _unmarked(stream: BinaryIO, name: str, start: bytes) -> TextShape:
    """The shape of text without a mark: UTF-8, or else the most likely code page."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, wide = 1, False
    for chunk in _chunks(stream):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as fault:
            before = bytes(fault.object[: fault.start])
            at = line + before.count(b"\n")
            if wide or not before.isascii():
                raise refuse(
                    "from here on this file is not UTF-8, and before it is: it has two encodings",
                    f"{name}:{at}",
                    "Export it again in one encoding, best UTF-8",
                ) from None
            return _checked(stream, name, _code_page(stream, name, at, start), guessed=True)
        wide = wide or not chunk.isascii()
        line += chunk.count(b"\n")
    return _checked(stream, name, "utf-8", guessed=False)


def _code_page(stream: BinaryIO, name: str, line: int, start: bytes) -> str:
    """The code page that the file is most likely in. FatalError if none fits.

    A file whose later part is valid UTF-8 beyond ASCII has two encodings.
    """
    stream.seek(0)
    for raw in stream:
        if not raw.isascii() and _is_utf8(raw):
            raise refuse(
                "this line is not UTF-8, and others are: the file has two encodings",
                f"{name}:{line}",
                "Export it again in one encoding, best UTF-8",
            )
    stream.seek(0)
    from charset_normalizer import from_bytes

    sample = start if not start.isascii() else b"".join(one for one in stream if not one.isascii())
    best = from_bytes(sample[:_SAMPLE], cp_isolation=["cp1252", "cp1250", "cp1251", "cp932"]).best()
    if best is None:
        raise refuse(
            "this line is in no encoding that could be guessed",
            f"{name}:{line}",
            "Name it with encoding =, or export UTF-8",
        )
    return str(best.encoding)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
