"""Values that can be made again, kept in the store's cache with the version they were made from.

What is kept of another version, or cannot be read, counts as not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from atsbridge.ports import RunStateStore


def kept(state: RunStateStore, key: str, version: str) -> Any:
    """The value kept under the key by the same version; None where there is none."""
    try:
        found = json.loads(state.get(key) or b"null")
        return found["value"] if found["version"] == version else None
    except (KeyError, TypeError, ValueError):
        return None


def keep(state: RunStateStore, key: str, version: str, value: Any) -> None:
    """Keep a plain value; `version` names everything it was made from besides the key."""
    state.put(key, packed(version, value))


def packed(version: str, value: Any) -> bytes:
    """The value as the cache holds it, for a transaction that writes more."""
    return json.dumps({"version": version, "value": value}).encode()


def kept_for(state: RunStateStore, key: str, version: str, make: Callable[[], Any]) -> Any:
    """The value kept under the key by the same version, else made and kept."""
    found = kept(state, key, version)
    if found is None:
        found = make()
        keep(state, key, version, found)
    return found
