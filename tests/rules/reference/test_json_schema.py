"""The JSON Schema of a pack: it refuses what it can see, and nothing that is valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from atsbridge.errors import RuleError
from atsbridge.model import KINDS
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.yaml_source import read
from atsbridge.rules.reference.json_schema import pack_schema

ROOT = Path(__file__).parents[3]
BAD = ROOT / "tests/rules/language/bad"
# What a schema cannot see: other rules, two keys together, texts, tests, what a value means.
BEYOND = frozenset(
    [
        "ats-both",
        "ats-digest",
        "ats-field",
        "ats-no-application",
        "ats-nowhere",
        "ats-tag-to",
        "before-amount",
        "before-by",
        "before-percent",
        "before-quiet",
        "before-reset",
        "before-type",
        "before-word",
        "count-both",
        "count-initials",
        "count-none",
        "count-through",
        "dup-key",
        "every-word",
        "exception-rule",
        "exception",
        "given-answer-at",
        "given-answer-until",
        "given-answer",
        "given-answers",
        "given-away",
        "given-change-field",
        "given-change-key",
        "given-change-none",
        "given-change-origin",
        "given-change-value",
        "given-holidays",
        "given-people",
        "given-record-field",
        "given-record-kind",
        "given-record-list",
        "given-record-value",
        "given-records",
        "lacks",
        "market-neither",
        "message-brace",
        "message-clock",
        "message-late-word",
        "message-pay-channel",
        "message-pay-note",
        "message-rating",
        "message-ratings-channel",
        "message-section-ratings",
        "message-section",
        "message-step-pay",
        "message-word",
        "muted",
        "never-ends",
        "override",
        "segment-amount",
        "segment-bool",
        "segment-both",
        "segment-empty",
        "segment-int",
        "segment-path",
        "segment-type",
        "segment-value",
        "settle-long",
        "step-early",
        "test-at",
        "test-given",
        "test-market",
        "test-none",
        "test-person",
        "test-span",
        "test-value",
        "unusual-none",
        "unusual-per",
        "unusual-share",
        "user-fewer",
        "user-of",
        "user-side",
        "user-through-word",
        "user-through",
        "where-instant",
        "where-older-zero",
        "where-section",
    ]
)
GOOD = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {application.status: active}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at}
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = pack_schema({kind.name: kind for kind in BUILTIN_KINDS})
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def refused(validator: Draft202012Validator, text: str) -> list[str]:
    """Where the schema refuses a pack, as paths."""
    data = read("p.yaml", text).data
    return ["/".join(map(str, one.absolute_path)) for one in validator.iter_errors(data)]


def packs() -> Iterator[Any]:
    """Every pack that is shipped or shown."""
    for file in sorted(builtin_folder().glob("*.yaml")):
        yield pytest.param(file.read_text("utf-8"), id=file.name)
    for page in ("cookbook.md", "rules.md", "worktime.md", "tutorials/rule-author.md"):
        text = (ROOT / "docs" / page).read_text("utf-8")
        for number, block in enumerate(
            re.findall(r"```yaml\n(version: 1\n.*?)```", text, re.DOTALL)
        ):
            yield pytest.param(block, id=f"{page} {number}")


@pytest.mark.parametrize("text", [*packs()])
def test_no_valid_pack_is_refused(validator: Draft202012Validator, text: str) -> None:
    """An editor that marks good lines is switched off."""
    assert refused(validator, text) == []


def test_bad_packs_are_refused_as_far_as_a_schema_can_see(
    validator: Draft202012Validator,
) -> None:
    """Each bad pack is either refused or beyond a schema, and nothing is in both."""
    unseen = set()
    for file in sorted(BAD.glob("*.yaml")):
        try:
            if not refused(validator, file.read_text("utf-8")):
                unseen.add(file.stem)
        except RuleError:
            continue  # no YAML: the editor says so
    assert unseen == BEYOND


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("application.status: active", "application.status: activ", "rules/0/where"),
        ("application.status: active", "application.status: {in: []}", "rules/0/where"),
        ("application.status: active", "applicant.status: active", "rules/0/where"),
        ("application.status: active", "interview.ends_at: {older_than: 2 days}", "rules/0/where"),
        ("interview.ends_at,", "interview.ended_at,", "rules/0/clock/start"),
        ("interview.ends_at,", "seat.user,", "rules/0/clock/start"),
        ("target: 1bd", "target: 1 bd", "rules/0/target"),
        ("at: due", "at: 120%", "rules/0/steps/0/at"),
        ("to: seat.user", "to: interview.ends_at", "rules/0/steps/0/to"),
        ("to: seat.user", 'to: "channel:recruiting"', "rules/0/steps/0/to"),
        ("kind: sla", "kind: slo", "rules/0/kind"),
        ("each: interview.seat", "each: seats", "rules/0/each"),
        ("    title: Feedback\n", "", "rules/0"),
        ("title:", "titel:", "rules/0"),
        ("version: 1", "version: 2", "version"),
    ],
)
def test_a_slip_is_marked_where_it_stands(
    validator: Draft202012Validator, old: str, new: str, where: str
) -> None:
    """The editor underlines the value or the block around it."""
    assert refused(validator, GOOD) == []
    assert old in GOOD
    found = refused(validator, GOOD.replace(old, new))
    assert any(one.startswith(where) for one in found), found


@pytest.mark.parametrize(
    "line",
    [
        "application.status: {in: [active, hired]}",
        "application.status: {is: set}",
        "any: [{stage.kind: offer}, {requisition.title: {like: 'Senior *'}}]",
        "none: {requisition.custom.level: intern}",
        "requisition.custom.years: {gte: 3}",
        "requisition.brief.sections.must_haves: {is: unset}",
        "interview.ends_at: {older_than: 2bd}",
        "requisition.target_on: {within_next: 20d}",
        "seat.user.name: Ana",
        "application.tags: {contains: referral}",
        "seat.feedback_owed: true",
    ],
)
def test_what_a_rule_may_ask_is_accepted(validator: Draft202012Validator, line: str) -> None:
    """Fields of the record and of what it belongs to, links, and keys inside a block."""
    text = GOOD.replace("application.status: active", line)
    assert refused(validator, text) == []


def test_every_key_and_field_has_a_meaning(validator: Draft202012Validator) -> None:
    """Editors show it on hover."""
    defs = validator.schema["$defs"]
    for name, shape in defs.items():
        if name.startswith("rule."):
            for key, one in shape["properties"].items():
                assert one.get("description"), f"{name}: {key}"
                assert one.get("markdownDescription"), f"{name}: {key}"
        if name.startswith("field."):
            assert shape["description"], name
    assert "screen" in str(defs["field.stage.kind"])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_examples_of_paths_fit_the_record(validator: Draft202012Validator, kind: str) -> None:
    """What an editor shows beside a key is a path of the record under `each`."""
    defs = validator.schema["$defs"]
    for want in ("event", "interval", "number", "person", "list", "fact", "to"):
        shape = defs[f"{want}.{kind}"]
        for example in shape.get("examples", ()):
            assert validator.evolve(schema=shape).is_valid(example), f"{want}: {example}"
    assert defs[f"fact.{kind}"]["examples"][0].startswith(f"{kind}.")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_example_of_every_field_is_a_valid_condition(
    validator: Draft202012Validator, kind: str
) -> None:
    """A rule with all of them under `where` loads."""
    fields = [field.path for field in KINDS[kind].fields.values() if field.stored]
    where = {path: validator.schema["$defs"][f"field.{path}"]["examples"][0] for path in fields}
    to = "user" if kind == "user" else "team:ops"
    rule = {"id": "one", "kind": "complete", "each": kind, "title": "One", "where": where}
    rule |= {"needs": fields[:1], "message": "Please.", "steps": [{"at": "due", "to": to}]}
    text = json.dumps({"version": 1, "rules": [rule]})
    assert load([("p.yaml", text)], {one.name: one for one in BUILTIN_KINDS}).mistakes == ()
    assert refused(validator, text) == []
