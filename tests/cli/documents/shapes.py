"""Checks JSON against its TypedDict, and reduces it to its shape for snapshots."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

_PLAIN = {str: str, int: int, float: (int, float), bool: bool}


def find_faults(value: Any, hint: Any, place: str = "$") -> Iterator[str]:
    """Everything in which a value differs from its type: members, types, allowed values."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if hint is Any:
        return
    if typing.is_typeddict(hint):
        yield from _find_member_faults(value, hint, place)
    elif get_origin(hint) in (types.UnionType, typing.Union):
        if all(list(find_faults(value, one, place)) for one in get_args(hint)):
            yield f"{place}: {value!r} is none of {hint}"
    elif get_origin(hint) is Literal:
        if value not in get_args(hint):
            yield f"{place}: {value!r} is none of {get_args(hint)}"
    elif get_origin(hint) is list:
        for number, one in enumerate(_take(value, list)):
            yield from find_faults(one, get_args(hint)[0], f"{place}[{number}]")
        yield from _find_type_fault(value, list, place)
    elif get_origin(hint) is dict:
        for key, one in _take(value, dict).items():
            yield from find_faults(one, get_args(hint)[1], f"{place}.{key}")
        yield from _find_type_fault(value, dict, place)
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in list(hint):
            yield f"{place}: {value!r} is none of {list(hint)}"
    elif hint is types.NoneType:
        yield from _find_type_fault(value, types.NoneType, place)
    else:
        yield from _find_type_fault(value, _PLAIN[hint], place)


def _take(value: Any, kind: type) -> Any:
    return value if isinstance(value, kind) else kind()


def _find_type_fault(value: Any, kind: Any, place: str) -> Iterator[str]:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield f"{place}: {value!r} is not {kind}"


def _find_member_faults(value: Any, hint: Any, place: str) -> Iterator[str]:
    hints = get_type_hints(hint, include_extras=True)
    members = _take(value, dict)
    if members.keys() != hints.keys():
        yield f"{place}: members differ: {sorted(members.keys() ^ hints.keys())}"
    for name in members.keys() & hints.keys():
        yield from find_faults(members[name], hints[name], f"{place}.{name}")


def reduce_shape(hint: Any) -> Any:
    """The shape that a type allows: names of members and types, for a snapshot."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if typing.is_typeddict(hint):
        hints = get_type_hints(hint, include_extras=True)
        return {name: reduce_shape(one) for name, one in sorted(hints.items())}
    arguments = get_args(hint)
    if get_origin(hint) is list:
        return [reduce_shape(arguments[0])]
    if get_origin(hint) is dict:
        return {"*": reduce_shape(arguments[1])}
    if get_origin(hint) is Literal:
        return " | ".join(arguments)
    if get_origin(hint) in (types.UnionType, typing.Union):
        shapes = [reduce_shape(one) for one in arguments]
        if all(isinstance(one, str) for one in shapes):
            return " | ".join(shapes)
        return {"either": shapes}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return " | ".join(hint)
    return {types.NoneType: "null", Any: "any"}.get(hint) or hint.__name__
