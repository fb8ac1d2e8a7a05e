"""What a kind of rule promises: the schema of its keys, and how they compile.

The built-in kinds are in `rules.kinds` and enter by the same hook as those of plugins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:  # the plugins of connectors are imported without it
    from pydantic import BaseModel


class FilePosition(NamedTuple):
    """Where something stands in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule comes from. `subject`: the kind of record it is on.

    `place`: the path to a key of the rule, such as ("steps", 0), -> where its value stands.
    """

    subject: str
    place: Callable[[tuple[str | int, ...]], FilePosition]


Keys = TypeVar("Keys", bound="BaseModel")
Compiled = TypeVar("Compiled", covariant=True)


class RuleKind(Protocol[Keys, Compiled]):
    """A kind of rule. `schema` validates the keys; `question` is what such a rule asks.

    `Keys` is the schema, a sub-class of `rules.RuleKeys`; `Compiled` is `rules.Rule`.
    """

    name: str
    question: str
    schema: type[Keys]

    def compile(self, keys: Keys, source: RuleSource) -> Compiled:
        """The compiled rule with its evaluator, of keys that the schema accepts."""
        ...


AnyRuleKind: TypeAlias = RuleKind[Any, Any]
