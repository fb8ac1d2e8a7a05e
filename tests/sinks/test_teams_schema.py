"""Our cards against Microsoft's published schema of Adaptive Cards."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft6Validator

from atsbridge.model.notice import Message
from atsbridge.sinks.plain_text import harmless
from atsbridge.sinks.teams.teams_card import adaptive_card, envelope

MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. was due.\n\nFor you to do:\n• A.M.: a decision {{DATE(x)}}",
    facts=(("Waiting on", "Mara Lind since Friday"), ("Stage", "Onsite")),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7",
)
KINDS = {
    "whole": MESSAGE,
    "bare": Message(key="k", headline="h", body="b"),
    "long": replace(MESSAGE, body="word " * 20_000, facts=(("f", "x" * 9_000),) * 30),
    **{tone: replace(MESSAGE, tone=tone) for tone in ("ahead", "due", "late", "done", "glad")},
}


@pytest.fixture(scope="module")
def schema() -> Draft6Validator:
    """Of the version our cards say they are."""
    folder = files("adaptive_cards") / "schemas"
    version = adaptive_card(harmless(MESSAGE))["version"]
    return Draft6Validator(json.loads((folder / f"schema-{version}.json").read_text("utf-8")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_card_keeps_the_published_schema(kind: str, schema: Draft6Validator) -> None:
    """But for `msteams`, which is Teams' own word and not in it."""
    (attachment,) = json.loads(envelope(KINDS[kind]))["attachments"]
    made: dict[str, Any] = attachment["content"]
    assert made.pop("msteams") == {"width": "Full"}
    assert [error.message[:200] for error in schema.iter_errors(made)] == []


def test_the_schema_refuses_what_is_no_card(schema: Draft6Validator) -> None:
    """So that the test above says something."""
    made = adaptive_card(harmless(MESSAGE))
    del made["msteams"]
    assert not schema.is_valid({**made, "body": [{"type": "RichTextBlok", "inlines": []}]})
