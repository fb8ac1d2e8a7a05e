"""With `--json` a command prints one JSON document, also if it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .test_forget import candidate


def document(outcome: Any) -> dict[str, Any]:
    found = json.loads(outcome.out)
    assert next(iter(found)) == "version"
    return dict(found)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("cases", "show", "4711000"), "there is no case 4711000"),
        (("notices", "show", "zz"), "zz"),
        (("explain", "no-such-rule", "1"), "no-such-rule"),
        (("forget", "4711000", "--yes"), "no candidate or application 4711000"),
        (("forget", "4711000", "--undo"), "no candidate or application 4711000"),
        (("status", "--account", "nobody"), "nobody"),
        (("run", "--now", "yesterday"), "yesterday"),
        (("sync", "--accept-empty", "jobs"), "--accept-empty needs --account"),
        (("cases", "list", "--no-such-option"), "--no-such-option"),
        (("intake", "show"), "REQ"),
        (("store", "copy", "sqlite:////nowhere/a.db", "sqlite:////nowhere/b.db"), "nowhere"),
    ],
)
def test_an_error_is_a_document(sandbox: Any, command: tuple[str, ...], why: str) -> None:
    """Nothing but the document is on stdout; exit code and stderr stay as without `--json`."""
    plain = sandbox.world.call(*command)
    assert (plain.out, plain.code in (1, 2)) == ("", True)
    told = sandbox.world.call(*command, "--json")
    found = document(told)
    assert found.keys() == {"version", "error", "exit_code"}
    assert why in found["error"]
    assert (told.code, found["exit_code"]) == (plain.code, plain.code)
    assert told.err == plain.err


def test_wrong_settings_are_a_document(sandbox: Any) -> None:
    sandbox.world.config.write_text("[store\n", "utf-8")
    assert "error" in document(sandbox.world.call("status", "--json"))


def test_undoing_is_a_document(sandbox: Any) -> None:
    """Whoever erased it may read what became of it."""
    who, _ = candidate(sandbox)
    assert document(sandbox.world.call("forget", f"candidate/{who}", "--yes", "--json"))["erased"]
    undone = sandbox.world.call("forget", f"acme/candidate/{who}", "--undo", "--json")
    assert document(undone) == {"version": 1, "account": "acme", "candidate": who, "allowed": True}
    again = sandbox.world.call("forget", f"acme/candidate/{who}", "--undo", "--json")
    assert "was not forgotten" in document(again)["error"]


@pytest.mark.parametrize(
    "command", [("rules", "schema", "--markdown"), ("rules", "check", "--format", "sarif")]
)
def test_two_forms_at_once_are_refused(sandbox: Any, command: tuple[str, ...]) -> None:
    assert sandbox.world.call(*command).code == 0
    told = sandbox.world.call(*command, "--json")
    assert told.code == 2
    assert "--json" in document(told)["error"]
