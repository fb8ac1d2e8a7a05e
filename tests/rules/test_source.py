"""YAML with positions: what is text, what is not, and where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.rules.source import read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),  # the country
        ("yes", "yes"),
        ("on", "on"),
        ("16:00", "16:00"),
        ("2026-03-06", "2026-03-06"),
        ("+1bd", "+1bd"),
        ("+1", "+1"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("010", "010"),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("", None),
        ("-3", -3),
        ("2.5", 2.5),
        ('"3"', "3"),
    ],
)
def test_only_plain_words_are_more_than_text(written: str, value: Any) -> None:
    """YAML 1.1's surprises stay text."""
    found = read("f.yaml", f"key: {written}\n").data["key"]
    assert (found, type(found)) == (value, type(value))


_texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
_trees = st.recursive(
    st.one_of(_texts, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_trees, st.booleans())
def test_reading_gives_back_what_was_dumped(tree: Any, flow: bool) -> None:
    """The same tree, in either style, with a place for every part of it."""
    text = yaml.safe_dump({"t": tree}, default_flow_style=flow, allow_unicode=True)
    source = read("f.yaml", text)
    assert source.data == {"t": tree}
    assert source.errors == ()
    assert set(source.places.values) == set(_locs({"t": tree}, ()))


def _locs(tree: Any, loc: tuple[Any, ...]) -> Any:
    yield loc
    if isinstance(tree, dict | list):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, value in items:
            yield from _locs(value, (*loc, key))


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.integers(), min_size=1))
def test_places_are_where_the_text_is(data: dict[str, int]) -> None:
    """Lines and columns count from 1, of the key and of the value."""
    lines = [f"  {key}:   {json.dumps(value)}" for key, value in data.items()]
    source = read("f.yaml", "top:\n" + "\n".join(lines) + "\n")
    for number, key in enumerate(data, 2):
        assert source.places.key(("top", key)) == ("f.yaml", number, 3)
        assert source.places.value(("top", key)) == ("f.yaml", number, len(key) + 7)


def test_anchors_are_read() -> None:
    """A text written once may be used twice."""
    assert read("f.yaml", "a: &x [1]\nb: *x\n").data == {"a": [1], "b": [1]}


def test_merge_keys_are_not_a_surprise() -> None:
    """`<<` is a key like another, which no rule has; it is refused by name later."""
    assert "<<" in read("f.yaml", "a: &x {b: 1}\nc:\n  <<: *x\n").data["c"]
