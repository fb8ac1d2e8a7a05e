"""How an export was when it was last read: the sync token of its lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

TOKEN = "digest"  # noqa: S105  a name, no secret
"""The parameter under which the engine hands a token back."""


@dataclass(frozen=True, slots=True)
class ReadState:
    """`stamp`: of name, size and times of the files; "" if unknown. `digest`: of their content."""

    stamp: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, token: str) -> ReadState:
        """The state that a token holds; an empty one for any other text."""
        stamp, point, digest = token.partition(".")
        return cls(stamp, digest) if point else cls()

    def __str__(self) -> str:
        return f"{self.stamp}.{self.digest}"


def short_digest(parts: Iterable[str]) -> str:
    """32 hexadecimal digits that differ when one of the texts does."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
