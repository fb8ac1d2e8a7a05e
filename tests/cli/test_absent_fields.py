"""`rules check` names custom fields that rules read and no stored record has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PACK = """\
version: 1
rules:
  - id: urgent-role
    kind: complete
    status: draft
    title: An urgent role
    each: requisition
    where: {any: [{requisition.custom.priorty: P1}, {requisition.custom.priority: P1}]}
    needs: [requisition.target_on]
    steps: [{at: due, to: requisition.hiring_manager}]
    message: "Please set a date for {requisition.title} ({requisition.custom.grade})."
"""


def test_a_custom_field_that_no_record_has_is_named(new_world: Callable[..., Any]) -> None:
    """In conditions and in texts, with the nearest name. Before the first sync nobody knows."""
    world = new_world(20)
    (world.folder / "urgent.yaml").write_text(PACK, "utf-8")
    world.configure(lambda text: text.replace('"notes.yaml"', '"notes.yaml", "urgent.yaml"'))
    assert "custom field" not in world.call("rules", "check").out
    assert world.tick().code == 0
    lines = world.call("rules", "check").out.splitlines()
    notes = [line for line in lines if "custom field" in line]
    what = "note: acme: no requisition has a custom field {} with a value, for urgent-role. {}"
    assert notes[1] == what.format("priorty", 'Did you mean "priority"?')
    assert notes[0].startswith(what.format("grade", "There are: "))
    assert len(notes) == 2
    world.close()
