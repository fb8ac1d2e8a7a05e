"""The members that a row's Struct declares inside a block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect


def declared_members(row: type[Any], parts: Sequence[str | int]) -> tuple[str, ...]:
    """The names of the members of the block at that path, as they are sent; () for no block."""
    types = [inspect.type_info(row)]
    for part in parts:
        types = [inner for one in types for inner in _inside(one, part)]
    blocks = [one for outer in types for one in _flat(outer) if isinstance(one, inspect.StructType)]
    return tuple(dict.fromkeys(field.encode_name for block in blocks for field in block.fields))


def _flat(one: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(one, inspect.UnionType):
        yield from one.types
    else:
        yield one


def _inside(outer: inspect.Type, part: str | int) -> Iterator[inspect.Type]:
    for one in _flat(outer):
        if isinstance(one, inspect.StructType):
            yield from (field.type for field in one.fields if field.encode_name == part)
        elif isinstance(one, inspect.ListType) and isinstance(part, int):
            yield one.item_type
        elif isinstance(one, inspect.DictType):
            yield one.value_type
