"""People above a role: a person's manager, and the head of a department.

An ATS rarely knows them. They come from `[people]`, from people files and plugins, and from
`[directory.heads]`. A rule reaches them only where one of its steps names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Superiors:
    """`managers`: e-mail of a person -> of their manager. `heads`: department id -> e-mail."""

    managers: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)

    def above(self, email: str, levels: int) -> str:
        """The e-mail of the manager `levels` above a person; "" where a link is not known."""
        for _ in range(levels):
            email = self.managers.get(email, "")
        return email
