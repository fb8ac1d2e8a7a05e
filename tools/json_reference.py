"""Write docs/reference/json.md, the page of the machine interface: `python
tools/json_reference.py`.

The page is made from the types and lists in `atsbridge.cli.documents`.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from atsbridge.cli.documents import DOCUMENTS, VERSION
from atsbridge.cli.documents.report_formats import (
    EXIT_CODES,
    LOG_ACTIONS,
    LOG_COMMON,
    METRICS,
    STORE_METRICS,
    Described,
)

PAGE = Path(__file__).parents[1] / "docs/reference/json.md"
_NAMES = {str: "text", int: "number", float: "number", bool: "true or false", Any: "any"}
_INTRODUCTION = f"""\
# Machine interface

JSON documents, exit codes, log, metrics and webhooks. `make docs` generates this page from the
code.

Every JSON document has the member `version`, now {VERSION}. Members may be added without a new
number. When a member is removed or changes its meaning, the number rises. Every change is noted in
the [changelog](../../CHANGELOG.md). Instants are text in ISO 8601, in UTC.

A command with `--json` prints one document. If it fails before it has its own, it prints an
[ErrorDocument](#errordocument); stderr and exit code are the same as without `--json`.
"""


def make_page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_sections()]).rstrip() + "\n"


def _sections() -> Iterator[str]:
    yield "## Exit codes\n"
    yield _table(("code", "meaning"), ((one.name, one.meaning) for one in EXIT_CODES))
    yield "## JSON documents\n"
    titles = {one.command: _title(one.type) for one in DOCUMENTS}
    links = ((f"`atsbridge {c}`", f"[{t}](#{t.lower()})") for c, t in titles.items())
    yield _table(("command", "document"), links)
    for found in _types([one.type for one in DOCUMENTS]):
        yield f"### {_title(found)}\n"
        yield f"{inspect.getdoc(found)}\n"
        hints = get_type_hints(found, include_extras=True)
        yield _table(("member", "type", "meaning"), (_member(*one) for one in hints.items()))
    yield "## Log\n"
    *common, account = (f"`{name}`" for name in LOG_COMMON)
    yield f"One JSON object per line. Every line has {', '.join(common)}. A line about one account"
    yield f"also has {account}.\n"
    yield _described(("action", "meaning", "members"), LOG_ACTIONS)
    yield "## Metrics\n"
    yield "Gauges in the text format of Prometheus. A run writes these into `[run] metrics_file`:\n"
    yield _described(("metric", "meaning", "labels"), METRICS)
    yield "`atsbridge serve` has these at `/metrics`, and workers write them into the same file:\n"
    yield _described(("metric", "meaning", "labels"), STORE_METRICS)
    yield "## Webhooks\n"
    yield "Headers and body of a webhook are on [its own page](../webhook.md)."


def _described(heads: Sequence[str], rows: Iterable[Described]) -> str:
    return _table(
        heads,
        (
            (f"`{one.name}`", one.meaning, ", ".join(f"`{name}`" for name in one.members))
            for one in rows
        ),
    )


def _member(name: str, hint: Any) -> tuple[str, str, str]:
    meaning = ""
    if get_origin(hint) is Annotated:
        hint, meaning = get_args(hint)
    return f"`{name}`", _describe(hint), meaning


def _describe(hint: Any) -> str:
    """A type in words; the values of an enumeration; a link to another document."""
    if hint in _NAMES:
        return _NAMES[hint]
    if typing.is_typeddict(hint):
        return f"[{_title(hint)}](#{_title(hint).lower()})"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return ", ".join(f"`{one}`" for one in hint)
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin is list:
        return f"list of {_describe(arguments[0])}"
    if origin is dict:
        return f"object of {_describe(arguments[1])}"
    if origin in (types.UnionType, typing.Union):
        return " or ".join("null" if one is type(None) else _describe(one) for one in arguments)
    raise TypeError(f"this type has no description: {hint}")


def _types(first: Iterable[type]) -> Iterator[type]:
    """Every TypedDict that these use, each once."""
    seen: set[type] = set()
    ahead = list(first)
    while ahead:
        found = ahead.pop(0)
        if found in seen:
            continue
        seen.add(found)
        yield found
        for hint in get_type_hints(found).values():
            ahead += _inner(hint)


def _inner(hint: Any) -> Iterator[type]:
    if typing.is_typeddict(hint):
        yield hint
    for argument in get_args(hint):
        yield from _inner(argument)


def _title(found: type) -> str:
    return found.__name__


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(), "utf-8")


if __name__ == "__main__":
    main()
