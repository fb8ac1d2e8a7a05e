"""The one door to the terminal: what may pass it, and what happens where it is shut.

Text of vendors and people moves no cursor and changes no color here; letters a terminal does not
have are written with those it has; dependencies say nothing on their own.
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

PLAIN = "atsbridge-plain"  # our way to encode what an encoding does not have
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
    """What was to be printed could not be: a full device, a closed stream."""


def prepare() -> None:
    """Make this process's output pass the door. Once, before any command."""
    ours = sys.stdout is sys.__stdout__  # nobody who called us in their process has put theirs
    if ours:
        _occupy()
        _hush()
    codecs.register_error(PLAIN, plainly)
    sys.stdout = _screen(sys.stdout, 1)
    sys.stderr = _screen(sys.stderr, 2)


def flush() -> None:
    """Write what is still buffered; OutputError where it cannot be written."""
    sys.stdout.flush()
    sys.stderr.flush()


def give_up() -> None:
    """Nothing can be written to the output any more: let nobody try, also not Python's exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)


def plainly(error: UnicodeError) -> tuple[str, int]:
    """For letters an encoding does not have: those nearest to them, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_LIKE.get(letter) or _bare(letter) for letter in text), error.end


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?"


class Guarded:
    """A stream whose errors are OutputError; that nobody reads it any more stays as it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As any stream's."""
        return int(self._tried(lambda: self._stream.write(text)))

    def flush(self) -> None:
        """As any stream's."""
        self._tried(self._stream.flush)

    @property
    def encoding(self) -> str:
        """The terminal's."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        """How letters are written that the encoding does not have."""
        return self._stream.errors

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Always."""
        return True

    def _tried(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except BrokenPipeError:
            raise
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else "no reason is known"
            what = f"the output cannot be written: {why}"
            raise OutputError(what, remedy="Nothing else was changed by that") from None


class Screen(Guarded):
    """Lets through what prints, and nothing that steers a terminal. `unfiltered` is for rich."""

    def __init__(self, unfiltered: Guarded) -> None:
        super().__init__(unfiltered._stream)
        self.unfiltered = unfiltered

    def write(self, text: str) -> int:
        """The text as it may be shown."""
        if not isinstance(text, str):  # click tries with bytes whether it may
            raise TypeError("a text is written here")
        return super().write(printable(text))


def _screen(stream: Any, number: int) -> Any:
    if stream is None:  # it was closed before we began
        stream = os.fdopen(number, "w", encoding="utf-8", closefd=False)
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors=PLAIN)
    return Screen(Guarded(stream))


def _occupy() -> None:
    """A closed stream's number would go to the next file, and what is printed into that file.

    Nothing can be written to what takes the place of a closed output: printing to it is an error.
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


def _hush() -> None:
    """Warnings and logs of dependencies go nowhere: cron mails every line on stderr.

    Who asks Python for them (-W, PYTHONWARNINGS) gets them.
    """
    import logging

    logging.getLogger().addHandler(logging.NullHandler())
    if sys.warnoptions:
        return
    warnings.showwarning = lambda *_, **__: None
    sys.unraisablehook = lambda _: None
