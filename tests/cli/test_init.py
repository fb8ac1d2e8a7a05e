"""`atsbridge init`: from nothing to a truthful dry run, without overwriting anything."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from atsbridge.settings.settings_loader import load

USUAL = ("responsiveness", "intake", "alignment", "market", "transparency", "celebration")


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40)
    yield made
    made.close()


@pytest.fixture
def beside(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run `init` in an empty folder against the vendor of the sandbox; returns the outcome."""
    monkeypatch.setenv("ATSBRIDGE_RUN__CLOCK_FILE", str(world.standing.clock.path.resolve()))
    world.config = tmp_path / "here" / "atsbridge.toml"
    settings = world.standing.fakes["acme"].settings

    def run(*more: str, secret: str = "", account: str = "acme") -> Any:
        variable = f"ATSBRIDGE_ACCOUNTS__{account.upper()}__CLIENT_SECRET"
        monkeypatch.setenv(variable, secret or settings["client_secret"])
        pairs = [
            f"--set={key}={settings[key]}"
            for key in settings
            if key != "client_secret" and isinstance(settings[key], str)
        ]
        words = ("--connector", "greenhouse", "--account", account)
        return world.call("init", *words, *pairs, *more)

    return run


def test_from_nothing_to_a_dry_run(
    world: Any, beside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file loads, the credential was tried, the plan is shown, nothing was sent."""
    slack = next(iter(world.standing.slacks.values()))
    monkeypatch.setenv("ATSBRIDGE_SINKS__SLACK__TOKEN", slack.token)
    sink = ("--sink", "slack", f"--sink-set=base_url={slack.url}")
    found = beside("--redirect-to", "you@acme.example", *sink)
    assert found.code == 0, found
    settings = load(world.config)
    assert settings.accounts["acme"].connector == "greenhouse"
    assert settings.notify.redirect_to == "you@acme.example"
    assert "What a run would do now" in found.out
    assert "crontab" in found.out
    assert str(world.config.resolve()) in found.out
    assert slack.messages("recruiting-ops") == []


def test_only_the_owner_may_read_what_it_wrote(world: Any, beside: Callable[..., Any]) -> None:
    """A secret that a variable holds is written nowhere."""
    beside()
    files = [path for path in world.config.parent.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    secret = world.standing.fakes["acme"].settings["client_secret"]
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_offices_are_placed_by_their_names(world: Any, beside: Callable[..., Any]) -> None:
    """Those that a name places; the others are listed, and nobody is guessed."""
    found = beside()
    offices = load(world.config).offices
    assert offices
    assert all(office.timezone for office in offices.values())
    assert "please check them" in found.out


@pytest.mark.parametrize(
    ("words", "packs", "rules"),
    [
        ((), tuple(f"builtin:{name}" for name in USUAL), "32 of 35 rules"),
        (
            ("--packs", "weekly,builtin:market"),
            ("builtin:weekly", "builtin:market"),
            "6 of 6 rules",
        ),
        (("--packs", "none"), (), "0 of 0 rules"),
    ],
)
def test_packs_are_written_and_used(
    world: Any, beside: Callable[..., Any], words: tuple[str, ...], packs: Any, rules: str
) -> None:
    """The recommended ones unless others are named; the dry run evaluates these and no others."""
    found = beside(*words)
    assert found.code == 0, found
    assert load(world.config).rules.packs == packs
    assert rules in found.out
    assert ("stalled-in-stage" in found.out) == (not words)


def test_packs_are_checked_before_anything_is_written(
    world: Any, beside: Callable[..., Any]
) -> None:
    """A name that is no pack ends the command; settings that exist keep their packs."""
    wrong = beside("--packs", "responsivness")
    assert wrong.code == 2
    assert 'Did you mean "responsiveness"' in wrong.err
    assert not world.config.exists()
    beside()
    again = beside("--packs", "weekly", account="second")
    assert again.code == 2
    assert "these settings name their packs" in again.err
    assert "accounts.second" not in world.config.read_text("utf-8")


def test_a_second_account_is_added(world: Any, beside: Callable[..., Any]) -> None:
    """What was there stays, letter for letter; an account is not written twice."""
    beside()
    before = world.config.read_text("utf-8")
    assert beside(account="second").code == 0
    after = world.config.read_text("utf-8")
    assert after.startswith(before)
    assert set(load(world.config).accounts) == {"acme", "second"}
    again = beside(account="second")
    assert again.code == 2
    assert "this account exists already" in again.err
    assert world.config.read_text("utf-8") == after


def test_a_wrong_secret_is_said_and_the_files_stay(world: Any, beside: Callable[..., Any]) -> None:
    """So that only the secret has to be corrected: exit 1, and no dry run."""
    found = beside(secret="not-the-one")
    assert found.code == 1
    assert "401" in found.out
    assert "not-the-one" not in found.out + found.err
    assert "What a run would do" not in found.out
    assert load(world.config).accounts.keys() == {"acme"}


def test_a_list_that_cannot_be_read_is_said(
    world: Any, beside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed after the check, so the plan is of the other lists only: exit 1."""

    def check(*_: object) -> bool:
        world.standing.fakes["acme"].server.faults.add("/departments$", None, status=500)
        return True

    monkeypatch.setattr("atsbridge.cli.init._check", check)
    found = beside()
    assert "What a run would do" in found.out
    assert "acme/departments" in found.err
    assert found.code == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "Which ATS? an answer is needed"),
        (("--connector", "grenhouse"), 'did you mean "greenhouse"'),
        (("--connector", "greenhouse"), "client_id is needed"),
        (("--connector", "greenhouse", "--set", "client_id"), "Write it as KEY=VALUE"),
        (("--connector", "greenhouse", "--account", "a b"), "cannot be the name of an account"),
        (
            ("--connector", "greenhouse", "--set", "client_id=x"),
            "ATSBRIDGE_ACCOUNTS__GREENHOUSE__CLIENT_SECRET",
        ),
    ],
)
def test_without_a_terminal_what_is_missing_is_named(
    world: Any, tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    """Exit 2, and nothing is written."""
    world.config = tmp_path / "atsbridge.toml"
    found = world.call("init", *words)
    assert found.code == 2
    assert error.lower() in found.err.lower()
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_asks(
    world: Any, beside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that no option says; a secret is asked without echo and goes into a file."""
    del beside
    settings = world.standing.fakes["acme"].settings
    given = [settings["client_id"], settings["client_secret"]]
    answers = iter(["acme", *given, "console", "ops", "", "intake, maket", "intake, weekly"])
    asked: list[tuple[str, bool]] = []

    def prompt(text: str, **more: Any) -> str:
        asked.append((text, bool(more.get("hide_input"))))
        return next(answers)

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    hosts = [f"--set={key}={settings[key]}" for key in ("base_url", "token_url")]
    with mock.patch.dict(os.environ):
        found = world.call("init", "--connector", "greenhouse", *hosts)
    assert found.code == 0, found
    assert ("client_secret", True) in asked
    assert (world.config.parent / "secrets/acme.client_secret").exists()
    text = world.config.read_text("utf-8")
    assert 'client_secret_file = "secrets/acme.client_secret"' in text
    assert settings["client_secret"] not in text
    assert 'Did you mean "market"' in found.err
    assert load(world.config).rules.packs == ("builtin:intake", "builtin:weekly")
    assert "13 of 15" in found.out


def test_the_sandbox_needs_nothing(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run of the fictional company, with no answer but its name."""
    monkeypatch.chdir(tmp_path)
    found = world.call("init", "--connector", "sandbox")
    assert found.code == 0
    assert "feedback-late" in found.out
    assert "Nothing was sent" in found.out
