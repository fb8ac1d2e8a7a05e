"""The public API as text: `python -m tests.api.public_api` writes it after a change on purpose.

One line per name, field and method, with annotations as they are written and without defaults'
values, so that the text is the same on every version of Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from atsbridge import api, hookspecs

SNAPSHOT = Path(__file__).parent / "public_api.txt"
# Types that plugins pass on without looking inside.
OPAQUE = frozenset({"Rule"})


def describe() -> str:
    """Names and signatures of `atsbridge.api` and of every hook, in order of name."""
    lines = [line for name in sorted(api.__all__) for line in _name(name, getattr(api, name))]
    hooks = sorted(name for name in vars(hookspecs) if name.startswith("atsbridge_"))
    lines += [f"hook {name}{_signature(getattr(hookspecs, name))}" for name in hooks]
    return "".join(f"{line}\n" for line in lines)


def _name(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})"
        if name in OPAQUE:
            return
        yield from (f"    {line}" for line in sorted(_members(value)))
    elif inspect.isfunction(value):
        yield f"def {name}{_signature(value)}"
    else:
        number = f" = {value}" if isinstance(value, int) else ""
        yield f"{name}: {type(value).__name__}{number}"


def _members(cls: type[Any]) -> Iterator[str]:
    if issubclass(cls, Enum):
        yield from (f"{one.name} = {one.value!r}" for one in cls)
        return
    own = {one.name for one in fields(cls)} if is_dataclass(cls) else set()
    for one in fields(cls) if is_dataclass(cls) else ():
        required = one.default is one.default_factory
        yield f"{one.name}: {one.type}{'' if required else ' = ...'}"
    for name, value in vars(cls).items():
        if name.startswith("_") and (name != "__init__" or own or Protocol in cls.__bases__):
            continue
        if isinstance(value, property):
            yield f"{name}: property"
        elif inspect.isfunction(value):
            yield f"def {name}{_signature(value)}"
    for name, annotation in vars(cls).get("__annotations__", {}).items():
        if name not in own and not name.startswith("_"):
            yield f"{name}: {annotation}"


def _signature(function: Any) -> str:
    """The signature, with `...` for every default."""
    signature = inspect.signature(function)
    shown = []
    star = False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            shown.append("*")
        star = star or one.kind is one.VAR_POSITIONAL
        mark = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        annotation = "" if one.annotation is one.empty else f": {one.annotation}"
        default = "" if one.default is one.empty else " = ..."
        shown.append(f"{mark}{one.name}{annotation}{default}")
    returned = signature.return_annotation
    back = "" if returned is signature.empty else f" -> {returned}"
    return f"({', '.join(shown)}){back}"


if __name__ == "__main__":
    SNAPSHOT.write_text(describe(), "utf-8")
