"""What a kind of rule promises: a schema, and how it compiles.

The built-in kinds are in `rules.kinds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pydantic import BaseModel


class RuleKind(Protocol):
    """A kind of rule: the pydantic schema of its own keys, and how it compiles."""

    name: str
    judge: str  # "clock" or "check"
    schema: type[BaseModel]

    def compile(self, rule: Any) -> Any:
        """A parsed rule -> a `rules.rule.Rule` with its two Queries."""
        ...
