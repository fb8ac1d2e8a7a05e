"""What a test worker works out once: commands that tests call within it would do so each time.

Nor does it wait for the disk: no test pulls the plug.

A process of `atsbridge` runs one command on one store, a test worker thousands. What is remembered
depends on nothing but its arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib import metadata
from typing import Any
from unittest import mock

from sqlalchemy import create_engine
from sqlalchemy.util import LRUCache

PACKS = 64  # sets of packs that are kept
STATEMENTS = 2_000  # compiled ones that are kept: four times what an engine keeps


@contextmanager
def remembering() -> Iterator[None]:
    """Work out entry points, packs, YAML and compiled statements once until the block ends."""
    from atsbridge import rules
    from atsbridge.rules.language import read
    from atsbridge.store.database import connection

    with (
        mock.patch.object(metadata, "entry_points", _once_per_path(metadata.entry_points)),
        mock.patch.object(rules, "load_good", _LoadedPacks(rules.load_good)),
        mock.patch("atsbridge.rules.compile.pack_loader.read", _copied(read)),
        mock.patch.object(connection, "create_engine", _with_shared_statements()),
        mock.patch.object(connection, "_PRAGMAS", _without_waiting(connection._PRAGMAS)),
    ):
        yield


def _without_waiting(pragmas: tuple[str, ...]) -> tuple[str, ...]:
    """Settings of SQLite by which it does not wait until the disk has what it wrote."""
    others = (one for one in pragmas if "synchronous" not in one)
    return ("PRAGMA synchronous = OFF", *others)


def _once_per_path(find: Any) -> Any:
    """Entry points of a group, looked for once per search path."""

    @cache
    def found(path: tuple[str, ...], group: str) -> Any:
        return find(group=group)

    def once(**wanted: Any) -> Any:
        return found(tuple(sys.path), **wanted) if wanted.keys() == {"group"} else find(**wanted)

    return once


def _copied(read: Any) -> Any:
    """A reader of YAML that reads each text once; each caller has data of its own."""
    kept = lru_cache(maxsize=64)(read)

    def once(name: str, text: str) -> Any:
        source = kept(name, text)
        return replace(source, data=deepcopy(source.data))

    return once


class _LoadedPacks:
    """Loads packs without a mistake once per texts, kinds of rule and known names."""

    def __init__(self, load_good: Any) -> None:
        self._load_good = load_good
        self._kept: dict[Any, Any] = {}

    def __call__(self, texts: Any, kinds: Any, known: Any = None, unread: Any = ()) -> Any:
        # The ids stay those of these kinds, because what is kept holds them.
        key = (tuple(texts), tuple((name, id(kind)) for name, kind in kinds.items()), known)
        if not unread and key in self._kept:
            found, _ = self._kept[key]
            return replace(found, rules=dict(found.rules))
        found = self._load_good(texts, kinds, known, unread)
        if not unread and not found.mistakes and len(self._kept) < PACKS:
            self._kept[key] = replace(found, rules=dict(found.rules)), tuple(kinds.values())
        return found


class SharedStatements(LRUCache[Any, Any]):
    """Compiled statements by the class of the dialect: SQLAlchemy keeps them per engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_class(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_class(key), value)


def _of_class(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *others = key
    return (type(dialect), *others)


def _with_shared_statements() -> Any:
    shared = SharedStatements(STATEMENTS)
    return partial(create_engine, execution_options={"compiled_cache": shared})
