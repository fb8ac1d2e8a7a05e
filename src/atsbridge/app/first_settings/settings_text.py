"""The text of the first atsbridge.toml."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from atsbridge.app.first_settings.zone_guess import PlaceGuess

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = "# Written by `atsbridge init`. Every setting and its default: docs/settings.md"


@dataclass(frozen=True, slots=True)
class FirstSettings:
    """What the file says. Values of secrets are names of files: "client_secret_file".

    `sections`: further keys of the account, tables in tables; those that have no other keys than
    `inline` are written in one line. `channel`: of the team that hears about problems.
    `redirect_to`: the one address that gets every message at first; "" for none. `every`: how often
    cron starts a run. `packs`: the rule packs; None for the usual ones.
    """

    account: str
    connector: str
    values: Mapping[str, str] = field(default_factory=dict)
    sink: str = "console"
    sink_values: Mapping[str, str] = field(default_factory=dict)
    channel: str = "recruiting-ops"
    redirect_to: str = ""
    every: timedelta = timedelta(minutes=10)
    sections: Mapping[str, Any] = field(default_factory=dict)
    inline: Collection[str] = ()
    packs: tuple[str, ...] | None = None


def format_settings(first: FirstSettings) -> str:
    """The whole file."""
    lines = [_HEAD, "", *_account_lines(first)]
    lines += _table(f"sinks.{first.sink}", {"kind": first.sink, **first.sink_values})
    lines += ["# The team that hears about problems of atsbridge itself."]
    to = first.channel if first.sink == "email" else f"channel:#{first.channel}"
    lines += _table("teams.recruiting_ops", {"sink": first.sink, "to": to})
    lines += ["[notify]", f"dm = [{_quoted(first.sink)}]", 'ops = "recruiting_ops"']
    if first.redirect_to:
        lines += ["# Every message goes to this address until you remove the line."]
        lines += [f"redirect_to = {_quoted(first.redirect_to)}"]
    minutes = first.every // timedelta(minutes=1)
    lines += ["", "[run]", f'every = "{minutes}m"', ""]
    if first.packs is not None:
        lines += ["[rules]", *_packs_lines(first.packs), ""]
    return "\n".join(lines)


def format_account(first: FirstSettings) -> str:
    """The sections of one more account, to be added at the end of a file."""
    return "\n".join(["", *_account_lines(first)])


def format_offices(offices: Mapping[str, PlaceGuess]) -> str:
    """Sections for offices, to be added at the end of a file."""
    lines = ["", "# Guessed from the names of the offices: please check."]
    for name, guess in offices.items():
        values = {"timezone": guess.zone, "country": guess.country}
        lines += _table(f"offices.{_key(name)}", {k: v for k, v in values.items() if v})
    return "\n".join(lines)


def _packs_lines(packs: Collection[str]) -> list[str]:
    """A line for each pack, so that one is easily taken out."""
    rows = [f"  {_quoted(name)}," for name in packs]
    return ["packs = [", *rows, "]"] if rows else ["packs = []"]


def _account_lines(first: FirstSettings) -> Iterator[str]:
    yield f"[accounts.{_key(first.account)}]"
    yield f"connector = {_quoted(first.connector)}"
    yield from (f"{key} = {_quoted(value)}" for key, value in first.values.items())
    yield f"sinks = [{_quoted(first.sink)}]"
    yield ""
    for name, section in first.sections.items():
        yield from _tables(f"accounts.{_key(first.account)}.{_key(name)}", section, first.inline)


def _tables(name: str, section: Mapping[str, Any], inline: Collection[str]) -> Iterator[str]:
    """A table, then the tables in it; one that has no other keys than `inline` stays in a line."""
    inner = {
        key: one
        for key, one in section.items()
        if isinstance(one, Mapping) and not one.keys() <= set(inline)
    }
    if plain := {key: one for key, one in section.items() if key not in inner}:
        yield from _table(name, plain)
    for key, one in inner.items():
        yield from _tables(f"{name}.{_key(key)}", one, inline)


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items())
    yield ""


def _value(value: Any) -> str:
    """A text, a truth value, a list or an inline table in TOML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value) if isinstance(value, bool) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string of TOML: its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)
