"""Split the body of a message into lines, lists, and titles of lists.

How each is shown is every sink's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A piece of a message's body: a line, the title of a list, or a list's `entries`.

    `links`: the page of each entry, in their order; "" for an entry without one.
    """

    kind: Literal["text", "title", "list"]
    text: str = ""
    entries: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def parts(body: str, links: Sequence[str] = ()) -> tuple[BodyPart, ...]:
    """The lines of a body; those that begin with "•" are a list, the line above them its title.

    `links`: the pages of all lines that begin with "•", in their order.
    """
    lines = [line for line in body.split("\n") if line]
    left = iter(links)
    found: list[BodyPart] = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("• "):
            before = found.pop() if found and found[-1].kind == "list" else BodyPart("list")
            pages = (*before.links, next(left, ""))
            found.append(BodyPart("list", entries=(*before.entries, line[2:]), links=pages))
        else:
            found.append(BodyPart("title" if after.startswith("• ") else "text", line))
    return tuple(found)
