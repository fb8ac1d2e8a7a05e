"""Every key and value of a TOML text has its place, however it is written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.settings.toml_positions import positions
from atsbridge.textfile import position

TEXT = '''# a comment [not.a.section]
top = 1  # another
"quoted key" = "a # b"
a.b."c.d" = """
several = lines
"""
[accounts.acme] # here
connector = 'lever'
map = {"requisition.level" = "custom.x", stage_kind = {Foo = "review"}}
sinks = [
  "slack", # first
  "mail",
  ["x", {y = 1}],
]
[people."kim@acme.example"]
absences = [{first = 2026-03-09 09:00:00, last = 2026-03-13}]
[[rows]]
x = 1
[[rows]]
x = 2
[rows.inner]
y = 3
'''


@pytest.mark.parametrize(
    ("keys", "key_at", "value_at"),
    [
        (("top",), (2, 1), (2, 7)),
        (("quoted key",), (3, 1), (3, 16)),
        (("a", "b", "c.d"), (4, 5), (4, 13)),
        (("accounts", "acme"), (7, 1), (7, 1)),
        (("accounts", "acme", "connector"), (8, 1), (8, 13)),
        (("accounts", "acme", "map", "requisition.level"), (9, 8), (9, 30)),
        (("accounts", "acme", "map", "stage_kind", "Foo"), (9, 56), (9, 62)),
        (("accounts", "acme", "sinks", 1), None, (12, 3)),
        (("accounts", "acme", "sinks", 2, 1, "y"), (13, 10), (13, 14)),
        (("people", "kim@acme.example", "absences", 0, "last"), (16, 43), (16, 50)),
        (("rows", 1, "x"), (20, 1), (20, 5)),
        (("rows", 1, "inner", "y"), (22, 1), (22, 5)),
    ],
)
def test_each_stands_where_it_is_written(
    keys: tuple[str | int, ...], key_at: tuple[int, int] | None, value_at: tuple[int, int]
) -> None:
    """Line and column, counted from 1; strings and comments are looked through."""
    found = positions(TEXT)
    assert position(TEXT, found.values[keys]) == value_at
    if key_at is not None:
        assert position(TEXT, found.keys[keys]) == key_at


SCALARS = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab.# \"'", max_size=4), inner)
    ),
    max_leaves=8,
)


def written(value: Any) -> str:
    """The value in TOML."""
    if isinstance(value, dict):
        pairs = (f"{written(key)} = {written(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[ # [\n" + ",\n".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if "'" not in value and "\n" not in value and len(value) % 2:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def leaves(data: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """Every path into the data."""
    found = {path: data} if path else {}
    members: Any = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else members:
        found |= leaves(value, (*path, key))
    return found


@given(st.dictionaries(st.text("abc.-_ \"'", max_size=5), VALUES, max_size=4))
def test_every_value_is_found_at_its_place(data: dict[str, Any]) -> None:
    """The text from there on begins with the value as it was written."""
    text = "".join(f"{written(key)} = {written(value)}\n" for key, value in data.items())
    assert tomllib.loads(text) == data
    found = positions(text)
    everything = leaves(data)
    assert set(found.values) == set(everything)
    for path, value in everything.items():
        assert text.startswith(written(value), found.values[path])
