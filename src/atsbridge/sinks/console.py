"""A sink that prints every message on the terminal.

Meant for looking around and for tests of rules; it keeps nothing and can look nothing up.
"""

# ruff: noqa: ARG001, ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import TextIO

from pydantic import BaseModel, ConfigDict

from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import SinkSpec, Tools
from atsbridge.sinks.message_blocks import parts
from atsbridge.sinks.plain_text import harmless, without_emphasis
from atsbridge.timesource import TimeSource

_EDGES = {"ahead": "yellow", "due": "red", "late": "red", "done": "green", "glad": "green"}


class ConsoleSettings(BaseModel):
    """The terminal needs no settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Console:
    """Prints each message: in a frame on a terminal, as plain lines elsewhere."""

    def __init__(self, time: TimeSource, out: TextIO | None = None) -> None:
        self.spec = SPEC
        self._time = time
        self._out = out
        self._turn = threading.Lock()  # threads print one message after the other

    def find_address(self, email: str) -> str | None:
        return email

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        out = self._out or sys.stdout
        with self._turn:
            if out.isatty():
                _framed(out, to, message)
            else:
                out.write(plain(to, message))
                out.flush()
        return Receipt({"key": message.key}, self._time.now())

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return self.send(to, message)

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def plain(to: Destination, message: Message) -> str:
    """The message as plain lines, the reader first; ends with an empty line."""
    lines = [f"To {to.address}", *(f"  {line}" for line in _lines(message))]
    return "\n".join((*lines, "", ""))


def _lines(message: Message) -> list[str]:
    message = harmless(message)
    facts = " · ".join(f"{label} {value}" for label, value in message.facts)
    link = f"{message.link_text}: {message.link}" if message.link else ""
    hint = without_emphasis(message.hint)
    lines = (message.headline, *_body(message), facts, message.why, hint, message.intro, link)
    return [line for line in lines if line]


def _body(message: Message) -> Iterator[str]:
    """The lines of the body, each list entry followed by its link."""
    for part in parts(message.body, message.links):
        yield part.text
        for entry, link in zip(part.entries, part.links, strict=True):
            yield f"• {entry}"
            yield f"  {link}" if link else ""


def _framed(out: TextIO, to: Destination, message: Message) -> None:
    from rich.console import Console as Terminal
    from rich.panel import Panel
    from rich.text import Text

    text, clean = Text(), harmless(message)
    small = (clean.why, without_emphasis(clean.hint), clean.intro)
    for number, line in enumerate(_lines(message)):
        style = "bold" if number == 0 else "dim" if line in small else ""
        text.append(line if number == 0 else f"\n{line}", style=style)
    edge = _EDGES.get(message.tone, "red")
    frame = Panel(text, title=Text(f"to {to.address}"), title_align="left", border_style=edge)
    Terminal(file=out, width=None, highlight=False).print(frame)


def _preview(message: Message, _tools: Tools) -> str:
    return "\n".join(_lines(message))


def _open(settings: ConsoleSettings, tools: Tools) -> Console:
    return Console(tools.time)


SPEC = SinkSpec(
    name="console",
    title="The terminal",
    settings=ConsoleSettings,
    open=_open,
    direct_messages=True,
    preview=_preview,
)
