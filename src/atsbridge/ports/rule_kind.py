"""The protocol of a kind of rule: the schema of its keys, and how they compile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:  # the plugins of connectors are imported without it
    from pydantic import BaseModel


class FilePosition(NamedTuple):
    """A position in a file. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule comes from.

    `subject`: the kind of record that it evaluates. `place`: returns the position of the value at
    a path of keys such as ("steps", 0).
    """

    subject: str
    place: Callable[[tuple[str | int, ...]], FilePosition]


Keys = TypeVar("Keys", bound="BaseModel")
Compiled = TypeVar("Compiled", covariant=True)


class RuleKind(Protocol[Keys, Compiled]):
    """A kind of rule.

    `schema`: validates the keys, a sub-class of `rules.RuleKeys`. `question`: the question that
    such a rule answers. `Compiled` is `rules.Rule`.
    """

    name: str
    question: str
    schema: type[Keys]

    def compile(self, keys: Keys, source: RuleSource) -> Compiled:
        """Compile keys that the schema has accepted into a rule with its evaluator."""
        ...


AnyRuleKind: TypeAlias = RuleKind[Any, Any]
