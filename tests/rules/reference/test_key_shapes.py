"""The type and the default of each key, as the page of docs shows them."""

from __future__ import annotations

import pytest

from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.step_schema import StepKeys
from atsbridge.rules.reference.key_shapes import list_shapes

KINDS = {kind.name: kind.schema for kind in BUILTIN_KINDS}


@pytest.mark.parametrize(
    ("kind", "key", "type_", "default"),
    [
        ("sla", "id", "text", "needed"),
        ("sla", "status", "`draft`, `shadow`, `live`, `retired`", "`draft`"),
        ("sla", "calendar", "text", "`office`"),
        ("sla", "where", "block", ""),
        ("sla", "steps", "list of blocks", "needed"),
        ("sla", "muted_by", "list of text", ""),
        ("sla", "clock.stop", "text", ""),
        ("celebrate", "after", "text", "`1bh`"),
        ("ratio", "least", "whole number", "`5`"),
        ("count", "fewer_than", "whole number", ""),
        ("spread", "apart", "number", "needed"),
        ("recurring", "within", "text", "`1bd`"),
    ],
)
def test_key_has_its_type_and_default(kind: str, key: str, type_: str, default: str) -> None:
    """From the model that reads the key."""
    shapes = {one.name: one for one in list_shapes(KINDS[kind])}
    assert (shapes[key].type, shapes[key].default) == (type_, default)


def test_every_key_of_every_kind_has_a_type() -> None:
    """Of steps, too; none is left blank."""
    every = [one for model in (*KINDS.values(), StepKeys) for one in list_shapes(model)]
    assert [one.name for one in every if not one.type] == []
