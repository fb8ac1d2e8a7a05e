"""What the body of a message is made of: lines, lists, and the titles above them.

How each is shown is every sink's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A piece of a message's body: a line, the title of a list, or a list's `entries`."""

    kind: Literal["text", "title", "list"]
    text: str = ""
    entries: tuple[str, ...] = ()


def parts(body: str) -> tuple[BodyPart, ...]:
    """The lines of a body; those that begin with "•" are a list, the line above them its title."""
    lines = [line for line in body.split("\n") if line]
    found: list[BodyPart] = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("• "):
            earlier = found.pop().entries if found and found[-1].kind == "list" else ()
            found.append(BodyPart("list", entries=(*earlier, line[2:])))
        else:
            found.append(BodyPart("title" if after.startswith("• ") else "text", line))
    return tuple(found)
