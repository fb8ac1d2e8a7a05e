"""Fingerprints of raw rows, and of everything that turns rows into the value of a field."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from atsbridge.ports import Stream
from atsbridge.sync.account_map import AccountMap

LENGTH = 16  # bytes kept of a digest


def of_fields(
    stream: Stream, columns: Mapping[str, tuple[str, ...]], account_map: AccountMap
) -> dict[str, str]:
    """One fingerprint per "kind.field" of what fills it: stream version and account map."""
    prints: dict[str, str] = {}
    for kind, names in columns.items():
        for name in names:
            path = f"{kind}.{name}"
            other = stream.uses_map_of.get(path, "")
            source = f"{stream.version}\0{account_map.fingerprint(path)}"
            source += account_map.fingerprint(other) if other else ""
            prints[path] = hashlib.sha256(source.encode()).hexdigest()[:12]
    return prints


def combine(prints: Mapping[str, str]) -> str:
    """One fingerprint of many."""
    return hashlib.sha256(repr(sorted(prints.items())).encode()).hexdigest()[:12]


def row_digest(prints: Mapping[str, str]) -> Callable[[Any], bytes]:
    """A function raw row -> digest. The digest depends on these fingerprints too.

    SHA-256 cut to 16 bytes: with the processor's SHA instructions it takes 1.8 us for 2 KB,
    BLAKE2b 3.1, MD5 3.5 (measured; without the instructions BLAKE2b is the fastest).
    """
    started = hashlib.sha256(combine(prints).encode())

    def digest(raw: Any) -> bytes:
        hasher = started.copy()
        hasher.update(raw)
        return hasher.digest()[:LENGTH]

    return digest
