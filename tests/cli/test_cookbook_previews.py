"""Every recipe of the cookbook on the sandbox: its messages can be read, or it says why not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from atsbridge.rules.language.yaml_source import read

PAGE = (Path(__file__).parents[2] / "docs/cookbook.md").read_text("utf-8")
RECIPES = re.findall(r"```yaml\n(version: 1\n.*?)```", PAGE, re.DOTALL)
LONGEST = 240  # characters of a text that people still read


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(60)
    names = [f"recipe-{number}.yaml" for number in range(len(RECIPES))]
    for name, text in zip(names, RECIPES, strict=True):
        (made.folder / name).write_text(text, "utf-8")
    packs = ", ".join(f'"{name}"' for name in names)
    made.configure(lambda text: re.sub(r"packs = \[.*\]", f"packs = [{packs}]", text))
    assert made.tick().code == 0
    yield made
    made.close()


def test_recipes_work_on_a_company(world: Any) -> None:
    """None raises, each is previewed or explains itself, and many have a message to read."""
    ids = [rule["id"] for text in RECIPES for rule in read("p", text).data["rules"]]
    spoken = 0
    for rule in ids:
        outcome = world.call(
            "rules", "preview", rule, "--account", "acme", "--limit", "1", "--json"
        )
        assert (outcome.code, outcome.err) == (0, ""), rule
        (found,) = json.loads(outcome.out)["previews"]
        notices = [one for subject in found["subjects"] for one in subject["notices"]]
        assert notices or found["personal"] or not found["subjects"], rule
        for notice in notices:
            assert notice["messages"] or notice["reason"], rule
            for message in notice["messages"]:
                assert "{" not in message["body"], rule
                assert notice["digest"] or len(message["body"].split("\n")[0]) <= LONGEST, rule
        spoken += bool(notices)
    assert spoken >= 4
