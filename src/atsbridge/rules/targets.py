"""Targets by segment: one rule, other amounts of time for other values of one field.

How they are written is `kinds.timed`'s; counting is `worktime`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atsbridge.rules.language import field_paths
from atsbridge.worktime import Amount


@dataclass(frozen=True, slots=True)
class Targets:
    """The values of a field that change the target. Any other value, or none, leaves it.

    `path`: the column; `key`: the key inside it, where it is a block of keys.
    """

    path: str
    key: str
    by: Mapping[Any, Amount]

    def of(self, facts: Mapping[str, Any], otherwise: Amount) -> Amount:
        """The target of a subject with these facts."""
        value = field_paths.inside(facts.get(self.path), self.key)
        return self.by.get(value, otherwise) if isinstance(value, str | int) else otherwise
