"""Values that can be made again, kept in the store's cache with the version they were made from.

What is kept of another version, or cannot be read, counts as not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol


class Cache(Protocol):
    """Where values are kept between ticks."""

    def cache_get(self, key: str) -> bytes | None: ...

    def cache_put(self, key: str, value: bytes) -> None: ...


def kept(cache: Cache, key: str, version: str) -> Any:
    """The value kept under the key by the same version; None where there is none."""
    try:
        found = json.loads(cache.cache_get(key) or b"null")
        return found["value"] if found["version"] == version else None
    except (KeyError, TypeError, ValueError):
        return None


def keep(cache: Cache, key: str, version: str, value: Any) -> None:
    """Keep a plain value; `version` names everything it was made from besides the key."""
    cache.cache_put(key, packed(version, value))


def packed(version: str, value: Any) -> bytes:
    """The value as the cache holds it, for a transaction that writes more."""
    return json.dumps({"version": version, "value": value}).encode()


def kept_for(cache: Cache, key: str, version: str, make: Callable[[], Any]) -> Any:
    """The value kept under the key by the same version, else made and kept."""
    found = kept(cache, key, version)
    if found is None:
        found = make()
        keep(cache, key, version, found)
    return found
