"""`atsbridge rules list`, `show` and `schema`: what there is, what works here, what one may say."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from atsbridge.rules.compile.discovery import builtin_folder

CONFIG = """\
[accounts.acme]
connector = "greenhouse"
base_url = "http://127.0.0.1:1"
token_url = "http://127.0.0.1:1/token"
client_id = "1"
client_secret = "planted"
sinks = ["here"]
[sinks.here]
kind = "console"
[teams.ops]
sink = "here"
to = "ops"
[rules]
packs = ["mine.yaml"]
"""
PACK = """\
version: 1
defaults: {calendar: office, owner: ops}
rules:
  - id: hired-on-time
    kind: sla
    title: The hire is late
    each: requisition
    where: {requisition.status: open}
    clock: {start: requisition.opened_at, stop: requisition.closed_at, pause: [requisition.on_hold]}
    target: 60d
    steps: [{at: due, to: requisition.hiring_manager, max: 1}]
    message: "{requisition.title} is still open."
"""


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """A command within this process, with one rule configured: exit code and what it printed."""
    (tmp_path / "atsbridge.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "mine.yaml").write_text(PACK, "utf-8")

    def run(*words: str) -> tuple[int, str]:
        from atsbridge.cli import main

        out, code = io.StringIO(), 0
        argv = ["atsbridge", "--config", str(tmp_path / "atsbridge.toml"), *words]
        with (
            mock.patch.object(sys, "argv", argv),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            try:
                main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        return code, out.getvalue()

    return run


def data(outcome: tuple[int, str]) -> Any:
    assert outcome[0] == 0, outcome[1]
    return json.loads(outcome[1])


def test_the_list_says_what_works_with_the_connectors_in_use(call: Any) -> None:
    """Only the accounts' connectors; each with how much it gives."""
    (rule,) = data(call("rules", "list", "--json"))["rules"]
    assert (rule["rule"], rule["status"]) == ("hired-on-time", "draft")
    assert set(rule["connectors"]) == {"greenhouse"}
    assert rule["connectors"]["greenhouse"]["works"] == "full"
    code, text = call("rules", "list")
    assert (code, "Greenhouse" in text, "Lever" in text) == (0, True, False)


def test_show_says_why(call: Any) -> None:
    """A pause without a source is told of as never happening."""
    shown = data(call("rules", "show", "hired-on-time", "--json"))
    assert shown["clock"]["target"] == "60d"
    assert shown["steps"] == [
        {
            "at": "due",
            "to": "requisition.hiring_manager",
            "via": "dm",
            "max": 1,
            "mark": None,
            "message": "",
        }
    ]
    reasons = shown["connectors"]["greenhouse"]["why"]
    code, text = call("rules", "show", "hired-on-time")
    assert code == 0
    assert "  at due   to requisition.hiring_manager, by dm, 1 times at most\n" in text
    assert all(f"  {reason}\n" in text for reason in reasons)


STARRED = """\
version: 1
defaults: {owner: ops, status: live}
rules:
  - id: no-headcount
    kind: complete
    title: The head count is missing
    each: requisition
    where: {requisition.status: open}
    needs: [requisition.headcount]
    steps: [{at: due, to: requisition.recruiter}]
    message: "{requisition.title} has no {check.found}. Please add it."
"""


def test_a_live_rule_that_lacks_a_signal_is_shadow_and_says_so(call: Any, tmp_path: Path) -> None:
    """In the list, in check with its code, and in show; where the map tells it, it is live."""
    (tmp_path / "mine.yaml").write_text(STARRED, "utf-8")
    (rule,) = data(call("rules", "list", "--json"))["rules"]
    assert (rule["status"], rule["false_alarms"]) == ("live", 0)
    (reason,) = rule["shadow_on"]["acme"]
    assert reason.startswith("requisition.headcount: ")
    assert "shadow on acme" in " ".join(call("rules", "list")[1].split())
    found = data(call("rules", "check", "--json"))
    assert {one["code"] for one in found["lints"]} == {"no-history", "no-tests"}
    assert call("rules", "check", "--strict")[0] == 1
    assert "shadow on acme" in call("rules", "show", "no-headcount")[1]
    config = tmp_path / "atsbridge.toml"
    mapped = '[accounts.acme.map]\n"requisition.headcount" = "custom.heads"\n'
    config.write_text(config.read_text("utf-8") + mapped, "utf-8")
    (rule,) = data(call("rules", "list", "--json"))["rules"]
    assert rule["shadow_on"] == {}


def test_list_and_show_name_what_an_account_does_not_allow_to_be_written(
    call: Any, tmp_path: Path
) -> None:
    """Step by step in show, below the table in the list; once it is allowed nothing is said."""
    marked = PACK.replace(
        "steps: [{at: due, to: requisition.hiring_manager, max: 1}]",
        "steps: [{at: due, to: ats}]",
    )
    (tmp_path / "mine.yaml").write_text(marked, "utf-8")
    said = 'left out on acme: `write` does not allow "job_note" there'
    assert f"hired-on-time: {said}" in call("rules", "list")[1]
    shown = call("rules", "show", "hired-on-time")[1]
    assert said in shown
    assert "at due   to ats, a note" in shown
    assert "where    requisition.status is open" in shown
    assert data(call("rules", "list", "--json"))["rules"][0]["not_allowed"] == {
        "acme": ["job_note"]
    }
    config = tmp_path / "atsbridge.toml"
    allowed = config.read_text("utf-8").replace("sinks =", 'write = ["job_note"]\nsinks =', 1)
    config.write_text(allowed, "utf-8")
    assert data(call("rules", "show", "hired-on-time", "--json"))["not_allowed"] == {}
    assert "left out" not in call("rules", "list")[1]


def test_an_unknown_rule_names_the_nearest(call: Any) -> None:
    """Exit 2."""
    code, text = call("rules", "show", "hired-on-tim")
    assert (code, 'Did you mean "hired-on-time"?' in text) == (2, True)


def test_schema_browses_records_and_kinds(call: Any) -> None:
    """Paths of the record and of what it belongs to; keys of a kind, those of blocks too."""
    paths = {
        word["path"]: word
        for word in data(call("rules", "schema", "interview.seat", "--json"))["fields"]
    }
    assert {"seat.user", "interview.ends_at", "requisition.title"} <= set(paths)
    assert paths["seat.user"]["type"] == "user (link)"
    assert paths["requisition.target_on"]["supplied_by"]["greenhouse"] == "with mapping"
    supplied = paths["interview.ends_at"]["supplied_by"]
    assert supplied.pop("files") == "with mapping"
    assert set(supplied.values()) == {"full"}
    assert "Greenhouse with mapping" in " ".join(call("rules", "schema", "requisition")[1].split())
    assert "clock.start" in data(call("rules", "schema", "sla", "--json"))["keys"]
    code, text = call("rules", "schema", "seet")
    assert (code, 'Did you mean "seat"?' in text) == (2, True)


@pytest.fixture
def schema(call: Any) -> Any:
    return data(call("rules", "schema", "--json"))


def walked(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, dict | list):
            yield from walked(one)


def test_every_reference_of_the_json_schema_leads_somewhere(schema: Any) -> None:
    """An editor that follows them finds the block."""
    links = [link for key, link in walked(schema) if key == "$ref"]
    assert links
    assert [link for link in links if link.removeprefix("#/$defs/") not in schema["$defs"]] == []


@pytest.mark.parametrize("pack", sorted(builtin_folder().glob("*.yaml")), ids=lambda p: p.stem)
def test_the_json_schema_allows_the_packs_we_ship(pack: Path, schema: Any) -> None:
    """Every key of ours is one of its kind's, and none that is needed is missing."""
    shapes = {k.removeprefix("rule."): v for k, v in schema["$defs"].items()}
    written = yaml.safe_load(pack.read_text("utf-8"))
    assert set(written) <= set(schema["properties"])
    for rule in written["rules"]:
        shape = shapes[rule["kind"]]
        assert set(rule) <= set(shape["properties"])
        assert set(shape["required"]) <= set(rule) | set(written["defaults"])
        steps = shape["properties"]["steps"]["items"]["$ref"].removeprefix("#/$defs/")
        allowed = set(schema["$defs"][steps]["properties"])
        assert all(set(step) <= allowed for step in rule["steps"])


def test_check_looks_through_briefs_and_market_tables(
    call: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """Every mistake of all three in one pass; a table of long ago is a doubt."""
    (tmp_path / "briefs").mkdir()
    (tmp_path / "market").mkdir()
    (tmp_path / "briefs/one.yaml").write_text("requisition: R1\nsection: {}\n", "utf-8")
    table = tmp_path / "market/pay.csv"
    table.write_text("title,source,as_of,days_to_fill\nCook,a survey,2020-01-31,soon\n", "utf-8")
    (tmp_path / "mine.yaml").write_text(PACK.replace("target: 60d", "target: long"), "utf-8")
    code, told = call("rules", "check")
    assert code == 2
    for place in ("mine.yaml:", "market/pay.csv:2:26: ", "briefs/one.yaml:2:1: "):
        assert place in told
    (tmp_path / "mine.yaml").write_text(PACK, "utf-8")
    (tmp_path / "briefs/one.yaml").unlink()
    table.write_text(table.read_text("utf-8").replace("soon", "30"), "utf-8")
    code, out = call("rules", "check")
    assert code == 0
    assert "market/pay.csv:1:1: stale-market: its figures are of 2020-01-31" in out


def test_the_key_of_a_custom_field_is_shown(call: Callable[..., Any], tmp_path: Path) -> None:
    """Without it the condition would ask something of every custom field."""
    where = "{requisition.status: open, requisition.custom.level: senior}"
    pack = PACK.replace("{requisition.status: open}", where)
    (tmp_path / "mine.yaml").write_text(pack, "utf-8")
    assert (
        "  where    requisition.custom.level is senior\n"
        in call("rules", "show", "hired-on-time")[1]
    )
    shown = data(call("rules", "show", "hired-on-time", "--json"))
    assert "requisition.custom.level is senior" in shown["where"]


def test_a_value_and_a_key_inside_it_cannot_both_be_set(call: Callable[..., Any]) -> None:
    """In either order: it is a mistake of whoever typed it."""
    sets = ("--set", "clock=x", "--set", "clock.stop=requisition.closed_at")
    for words in (sets, (*sets[2:], *sets[:2])):
        code, said = call("rules", "backtest", "hired-on-time", *words)
        assert (code, "clock" in said) == (2, True)
