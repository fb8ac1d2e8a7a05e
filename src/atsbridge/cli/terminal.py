"""Protects the terminal: filters control characters, replaces letters, and reports write errors.

Text from outside cannot move the cursor or change colors. Letters that the terminal's encoding does
not have are replaced by similar ones. Warnings of dependencies are hidden.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys
import unicodedata
import warnings
from typing import TYPE_CHECKING, Any, TextIO

from atsbridge.errors import AtsbridgeError
from atsbridge.model import printable

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "atsbridge-plain"  # the name of our error handler for missing letters
_LIKE = {
    "…": "...",
    "–": "-",
    "—": "-",
    "·": "*",
    "→": "->",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}


class OutputError(AtsbridgeError):
    """The output cannot be written: a full device, a closed stream."""


def prepare() -> None:
    """Filter the output of this process. Call it once, before any command."""
    ours = sys.stdout is sys.__stdout__  # not replaced by a caller in this process
    if ours:
        _occupy_streams()
        _hide_warnings()
    codecs.register_error(PLAIN, replace_letters)
    sys.stdout = _screen(sys.stdout, 1)
    sys.stderr = _screen(sys.stderr, 2)


def flush() -> None:
    """Write buffered output. OutputError if it cannot be written."""
    sys.stdout.flush()
    sys.stderr.flush()


def give_up() -> None:
    """Discard all further output, so that Python's exit does not fail on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)


def replace_letters(error: UnicodeError) -> tuple[str, int]:
    """An error handler for encodings: similar letters, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_LIKE.get(letter) or _strip_accents(letter) for letter in text), error.end


def _strip_accents(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"


class CheckedStream:
    """A stream whose write errors are OutputError, except BrokenPipeError."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Like the stream's own."""
        return int(self._write_checked(lambda: self._stream.write(text)))

    def flush(self) -> None:
        """Like the stream's own."""
        self._write_checked(self._stream.flush)

    @property
    def encoding(self) -> str:
        """The terminal's."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        """The error handler of the encoding."""
        return self._stream.errors

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Always."""
        return True

    def _write_checked(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except BrokenPipeError:
            raise
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else "no reason is known"
            what = f"the output cannot be written: {why}"
            raise OutputError(what, remedy="Nothing else was changed by that") from None


class FilteredStream(CheckedStream):
    """Removes control characters from the output. `unfiltered` is for rich."""

    def __init__(self, unfiltered: CheckedStream) -> None:
        super().__init__(unfiltered._stream)
        self.unfiltered = unfiltered

    def write(self, text: str) -> int:
        """Write the text without control characters."""
        if not isinstance(text, str):  # click probes with bytes
            raise TypeError("this stream takes text")
        return super().write(printable(text))


def _screen(stream: Any, number: int) -> Any:
    if stream is None:  # it was closed before the start
        stream = os.fdopen(number, "w", encoding="utf-8", closefd=False)
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors=PLAIN)
    return FilteredStream(CheckedStream(stream))


def _occupy_streams() -> None:
    """Occupy the descriptors of closed streams, so that no file that is opened later gets them.

    Writing to a closed output is then an error.
    """
    for number, how in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            opened = os.open(os.devnull, how)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)


def _hide_warnings() -> None:
    """Hide warnings and logs of dependencies, because cron mails every line on stderr.

    Python's -W and PYTHONWARNINGS still show them.
    """
    import logging

    logging.getLogger().addHandler(logging.NullHandler())
    if sys.warnoptions:
        return
    warnings.showwarning = lambda *_, **__: None
    sys.unraisablehook = lambda _: None
