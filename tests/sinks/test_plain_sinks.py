"""The terminal and the note in the ATS as sinks."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from atsbridge.model.notice import Destination, Message
from atsbridge.sinks import console
from atsbridge.sinks.sinks_plugin import atsbridge_sinks
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "Mara Lind since Friday"), ("Stage", "Onsite")),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7",
    link_text="Open in Greenhouse",
)
MARA = Destination("console", "person", "mara@acme.example", "u1")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_without_a_terminal_the_message_is_plain_lines() -> None:
    """Reader, headline, sentence, facts, why, link; an empty line between messages."""
    out = io.StringIO()
    console.Console(ManualTime(NOW), out).send(MARA, MESSAGE)
    assert out.getvalue() == (
        "To mara@acme.example\n"
        "  Interview feedback is late\n"
        "  Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.\n"
        "  Waiting on Mara Lind since Friday · Stage Onsite\n"
        "  The candidate waits and memory fades.\n"
        "  Open in Greenhouse: https://app.greenhouse.io/people/7\n"
        "\n"
    )


def test_on_a_terminal_it_stands_in_a_frame() -> None:
    """Framed, with the reader on the edge; markup of others is not interpreted."""
    out = Terminal()
    odd = Message(key="k", headline="[red]R&D[/red]", body="b", tone="done")
    console.Console(ManualTime(NOW), out).send(MARA, odd)
    assert "to mara@acme.example" in out.getvalue()
    assert "[red]R&D[/red]" in out.getvalue()


def test_the_built_in_sinks_enter_by_the_hook() -> None:
    """All of them, by the names the configuration uses."""
    names = ["ats", "console", "email", "slack", "teams", "webhook"]
    assert sorted(spec.name for spec in atsbridge_sinks()) == names
