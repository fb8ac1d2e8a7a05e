"""YAML with positions: what is text, what is not, and where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.errors import RuleError
from atsbridge.rules.language.yaml_source import MAX_DEPTH, read


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


_whole = st.integers(-(10**17), 10**17)
_texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
_trees = st.recursive(
    st.one_of(_texts, _whole, st.booleans(), st.none()),
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


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), _whole, min_size=1))
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


def test_a_merge_key_is_refused_by_name() -> None:
    source = read("f.yaml", "a: &x {b: 1}\nc:\n  <<: *x\n")
    assert [str(error) for error in source.errors] == [
        'f.yaml:3:3: a merge key ("<<") means nothing here. Write the keys out'
    ]


def _wrong(text: str) -> str:
    with pytest.raises(RuleError) as caught:
        read("f.yaml", text)
    return str(caught.value)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 30_000, f"f.yaml:1:{MAX_DEPTH + 2}: this file is nested more than 40 levels deep"),
        ("{a: " * 30_000, "this file is nested more than 40 levels deep"),
        ("- " * 30_000, "this file is nested more than 40 levels deep"),
        ("? " * 30_000, "this file is nested more than 40 levels deep"),
        ("a: [" + "1, " * 200_000, "this file has more than 100,000 keys and values"),
        ("a: {1: 1, 1: [" + "1, " * 200_000, "this file has more than 100,000 keys and values"),
        ("a: " + "x" * 50_001, "f.yaml:1:4: a text is longer than 50,000 characters"),
        ("x" * 201 + ": 1", "f.yaml:1:1: a key is longer than 200 characters"),
        ("a: &a 1\nb: [" + "*a, " * 501 + "]", "this file has more than 500 aliases"),
        ("".join(f"%TAG !{i}! x\n" for i in range(100_000)), "f.yaml:1:1: a %TAG line"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here"),
        ("a:\n\t- 1\n", "Use spaces in place of the tab"),
        ("a: 'never closed\n" + "b: 1\n" * 10, "this is not YAML"),
        ("a: \x07", "a character that YAML does not allow"),
    ],
)
def test_a_hostile_file_is_one_clear_error(text: str, told: str) -> None:
    assert told in _wrong(text)


@pytest.mark.timeout(20)
def test_aliases_count_with_all_they_stand_for() -> None:
    """Seven levels of nine would be five million values."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 8)]
    assert "this file has more than 100,000 keys and values" in _wrong("\n".join(lines))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1" * 5_000, "a number has more than 18 digits"),
        ("-" + "1" * 19, "a number has more than 18 digits"),
        ("0." + "1" * 400, "a decimal number has more than 15 digits"),
        ("!!python/object:os.system x", 'the tag "!!python/object:os.system" means nothing here'),
        ("!!int '5'", 'the tag "!!int" means nothing here'),
        ("!secret x", 'the tag "!secret" means nothing here'),
        ("*nobody", 'there is no anchor "nobody"'),
    ],
)
def test_what_cannot_be_kept_exactly_is_told_at_its_place(written: str, told: str) -> None:
    source = read("f.yaml", f"other: 1\nkey: {written}\n")
    assert [str(error)[: len(told) + 12] for error in source.errors] == [f"f.yaml:2:6: {told}"]
    assert source.faults[0][0] == ("key",)


@pytest.mark.parametrize("written", ["80.000", "1.234", "-1.500", "0x1F", "0o17", ".inf", "1e9999"])
def test_what_may_be_read_in_two_ways_stays_text(written: str) -> None:
    assert read("f.yaml", f"key: {written}\n").data == {"key": written}


def test_a_number_is_remembered_as_it_was_written() -> None:
    source = read("f.yaml", "a: 1.50\nb: &b [true, ~]\nc: *b\n")
    written = {("a",): "1.50", ("b", 0): "true", ("b", 1): "~", ("c", 0): "true", ("c", 1): "~"}
    assert source.places.written == written


def test_an_alias_stands_where_its_anchor_does() -> None:
    places = read("f.yaml", "a: &x {k: 1}\nb: *x\n").places
    assert places.value(("b", "k")) == places.value(("a", "k")) == ("f.yaml", 1, 11)
    assert places.key(("b", "k")) == ("f.yaml", 1, 8)
