"""Give rows what their vendor leaves out: the id of their parent, and an id of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from atsbridge.errors import FatalError
from atsbridge.net import json_body
from atsbridge.ports import POSITION, Page, Stream, join_id, split_id


def identify(stream: Stream, pages: Iterator[Page], parents: Sequence[str]) -> Iterator[Page]:
    """The pages with their rows completed as the stream declares.

    `parents`: the ones that were asked for. A row that is no object stays as it is; one that lacks
    a member of its id has no id, and is counted as bad.
    """
    into = stream.parent.into if stream.parent is not None else ""
    if not stream.id_from and not into:
        yield from pages
        return
    place = 0
    for page in pages:
        rows: list[Any] = []
        for raw in page.rows:
            rows.append(_complete(stream, raw, {into: parents[0]} if into else {}, place))
            place += 1
        yield replace(page, rows=rows)


def _complete(stream: Stream, raw: Any, given: Mapping[str, str], place: int) -> Any:
    try:
        members: dict[str, Any] = json_body.members(raw)
    except (ValueError, TypeError, RecursionError):
        return raw
    members.update(given)
    if not stream.id_from:
        return msgspec.Raw(msgspec.json.encode(members))
    parts = [_part(members, path, place) for path in stream.id_from]
    members.pop("id", None)
    made = {} if None in parts else {"id": join_id([one for one in parts if one is not None])}
    return msgspec.Raw(msgspec.json.encode({**made, **members}))


def _part(members: Mapping[str, Any], path: str, place: int) -> str | None:
    """The text of one member of the id; None if it is absent or no text or number."""
    if path == POSITION:
        return str(place)
    at: Any = members
    for name in path.split("."):
        if isinstance(at, msgspec.Raw):
            at = msgspec.json.decode(at)
        at = at.get(name) if isinstance(at, dict) else None
    value = msgspec.json.decode(at) if isinstance(at, msgspec.Raw) else at
    plain = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    return str(value) if plain else None


def name_parents(stream: Stream, parents: Sequence[str]) -> dict[str, Any]:
    """The parameters that name the parents of the rows that are asked for."""
    parent = stream.parent
    if parent is None or not parents or not parent.param:
        return {}
    if not isinstance(parent.param, str):
        parts = split_id(parents[0])
        if len(parts) != len(parent.param):
            raise FatalError(
                f"asks for {len(parent.param)} parts of a parent's id, which has {len(parts)}",
                where=stream.name,
                remedy="`Parent.param` needs a name for each member of the parent's `id_from`",
            )
        return dict(zip(parent.param, parts, strict=True))
    if parent.size == 1:
        return {parent.param: parents[0]}
    return {parent.param: list(parents) if stream.method != "GET" else ",".join(parents)}
