"""What a connector knows of a vendor's answers: the members it reads, and the words in its code."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from atsbridge.model import KINDS
from atsbridge.ports import ConnectorSpec

_TERM = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]{0,39}")
_CODE_LIMIT = 2**20  # bytes of one module
_DEPTH = 12


def known_members(spec: ConnectorSpec) -> frozenset[str]:
    """The names of all members that the rows of the connector's lists declare, at any depth."""
    found: set[str] = {"id"}
    for stream in spec.streams:
        try:
            found |= set(_fields(msgspec.inspect.type_info(stream.row)))
        except TypeError:
            continue  # a type that msgspec cannot describe: its members are replaced
    return frozenset(found)


def _fields(shape: Any, depth: int = 0) -> Iterator[str]:
    if depth > _DEPTH:
        return
    for field in getattr(shape, "fields", ()):
        yield field.encode_name
        yield from _fields(field.type, depth + 1)
    for name in ("types", "item_types"):
        for inner in getattr(shape, name, ()):
            yield from _fields(inner, depth + 1)
    for name in ("item_type", "value_type", "type"):
        inner = getattr(shape, name, None)
        if inner is not None and not isinstance(inner, type):
            yield from _fields(inner, depth + 1)


def known_terms(spec: ConnectorSpec) -> frozenset[str]:
    """The short texts in the code of the connector's package, and the catalog's own words.

    A word of a vendor that the code does not compare with anything is not among them.
    """
    found = {
        value for kind in KINDS.values() for one in kind.fields.values() for value in one.values
    }
    package = spec.open.__module__.partition(".")[0]
    for folder in getattr(importlib.import_module(package), "__path__", ()):
        for file in sorted(Path(folder).rglob("*.py")):
            if "fake" not in file.relative_to(folder).parts and file.stat().st_size <= _CODE_LIMIT:
                found |= set(_terms(ast.parse(file.read_text("utf-8"))))
    return frozenset(found)


def _terms(tree: ast.Module) -> Iterator[str]:
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documentation:
            continue
        if isinstance(node.value, str) and _TERM.fullmatch(node.value):
            yield node.value
