"""People above a role: a person's manager, and the head of a department.

Managers come from `[people]`, people files and plugins, else from the ATS, if it knows them; heads
from `[directory.heads]`. A rule reaches them only where one of its steps names them.
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


def without_circles(managers: Mapping[str, str]) -> dict[str, str]:
    """The managers, but for people who would be above themselves: nobody can tell who is first."""
    return {email: above for email, above in managers.items() if not _is_circle(email, managers)}


def _is_circle(email: str, managers: Mapping[str, str]) -> bool:
    seen, above = {email}, managers[email]
    while above in managers and above not in seen:
        seen.add(above)
        above = managers[above]
    return above == email
