"""A store that cannot be used, a configuration that is wrong, a plugin that raises."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.hookspecs import hookimpl
from atsbridge.plugins import discover
from atsbridge.store.database import connection


@pytest.fixture
def pragma(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open the store with one more setting."""

    def add(setting: str) -> None:
        monkeypatch.setattr(connection, "_PRAGMAS", (*connection._PRAGMAS, f"PRAGMA {setting}"))

    return add


def both(sandbox: Any, what: str, remedy: str) -> str:
    return f"acme/store, globex/store: {what} ({sandbox.world.store}). {remedy}\n"


def test_a_full_disk_is_told_and_nothing_half_is_stored(sandbox: Any, pragma: Any) -> None:
    """The page that found no room is not there; the store is as good as before."""
    pragma("max_page_count = 1")  # SQLite takes the file's present size for the least
    sandbox.change_rows(
        "acme", "/v3/users", lambda row: {**row, "name": "X" * 50_000, "first_name": "X" * 50_000}
    )
    before = sandbox.kept("acme")
    outcome = sandbox.world.call("sync", "--full", "--account", "acme")
    assert outcome.code == 1
    assert outcome.err == (
        f"acme/store: The disk of the store is full ({sandbox.world.store})."
        " Free some space and run again; nothing half is stored\n"
    )
    assert sandbox.kept("acme") == before
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_read_only_store_is_told_once(sandbox: Any, pragma: Any) -> None:
    """One message for all accounts; nothing is sent that could not be remembered."""
    pragma("query_only = ON")
    outcome = sandbox.tick()
    remedy = "Give the user who runs atsbridge the right to write to it and to its directory"
    assert outcome.err == both(sandbox, "The store is read-only", remedy)
    assert (outcome.code, outcome.out) == (1, "")


@pytest.fixture
def holder(sandbox: Any) -> Iterator[None]:
    """Another program that holds the store."""
    with closing(sqlite3.connect(sandbox.world.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_locked_store_is_told_once(sandbox: Any, holder: None, pragma: Any) -> None:
    """After a while of waiting: who holds it is not known, what to do is."""
    pragma("busy_timeout = 50")
    outcome = sandbox.tick()
    remedy = "Wait for it to finish, or close what holds the database open, and run again"
    assert outcome.err == both(sandbox, "The store is locked by another program", remedy)
    assert (outcome.code, outcome.out) == (1, "")


def test_a_damaged_store_is_told(sandbox: Any) -> None:
    """What is no database is left as it is."""
    sandbox.world.store.write_bytes(b"not a database " * 1000)
    outcome = sandbox.tick()
    assert outcome.err == (
        f"atsbridge: {sandbox.world.store}: The store is damaged or is no database."
        " Put back a copy, or move it away: the next sync fills a new one from the ATS\n"
    )
    assert outcome.code == 1
    assert sandbox.world.store.read_bytes() == b"not a database " * 1000


SETTINGS = {
    "of an account": (
        ("[accounts.acme]", "[accounts.acme]\nconector = 1"),
        'accounts.acme.conector: unknown key. Did you mean "connector"?',
    ),
    "of a sink": (
        ("[sinks.slack_acme]", "[sinks.slack_acme]\nbase_ulr = 1"),
        'sinks.slack_acme.base_ulr: unknown key. Did you mean "base_url"?',
    ),
    "of the rest": (
        ("[notify]", "[notify]\nobs = 1"),
        'notify.obs: unknown key. Did you mean "ops"?',
    ),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_an_unknown_key_is_told_with_the_nearest(what: str, sandbox: Any) -> None:
    """Nothing runs on a configuration that is not understood."""
    (old, new), text = SETTINGS[what]
    sandbox.rewrite(old, new)
    lines = sandbox.world.config.read_text("utf-8").splitlines()
    line = lines.index(new.splitlines()[1]) + 1
    asked = sandbox.fake("acme").server.count()
    outcome = sandbox.tick()
    assert outcome.err == f"atsbridge: {sandbox.world.config}:{line}:1: {text}\n"
    assert outcome.code == 2
    assert sandbox.fake("acme").server.count() == asked


RULES = {
    "an unknown key": (
        "version: 1\noverrides:\n  - id: feedback-late\n    stepps: []\n",
        (
            'mine.yaml:4:5: unknown key "stepps". Did you mean "steps"?'
            " Write: steps: [{at: due, to: seat.user, via: dm}]\n"
        ),
    ),
    "a missing pack": (
        "",
        (
            '[rules] packs: the pack "mine.yaml" is not there.'
            ' Write: packs = ["builtin:responsiveness"]\n'
        ),
    ),
}


@pytest.mark.parametrize("what", RULES)
def test_wrong_rules_are_told_and_the_accounts_still_read(what: str, sandbox: Any) -> None:
    """Rules without a mistake go on, and nothing is retired; what was read is there."""
    pack, text = RULES[what]
    mine = sandbox.world.folder / "mine.yaml"
    mine.unlink(missing_ok=True)
    if pack:
        mine.write_text(pack, "utf-8")
    sandbox.rewrite('"notes.yaml"', '"mine.yaml"')
    before = sandbox.kept("acme")["cases"]
    first, second = sandbox.tick(), sandbox.tick()
    assert (first.code, first.err) == (2, text)
    assert (second.code, second.err) == (2, "")  # told once; the exit code stays
    assert sandbox.read_now("acme")
    assert sandbox.kept("acme")["cases"] >= before


class Broken:
    """A plugin of somebody else's, as an entry point."""

    def __init__(self, module: Any, name: str = "broken") -> None:
        self.module = module
        self.name = name

    def load(self) -> Any:
        if isinstance(self.module, Exception):
            raise self.module
        return self.module


def installed(monkeypatch: pytest.MonkeyPatch, *more: Any, without: str = "") -> None:
    from importlib import metadata

    points = [p for p in metadata.entry_points(group="atsbridge") if p.name != without]
    monkeypatch.setattr(
        "atsbridge.app.composition_root.discover", lambda: discover([*points, *more])
    )


def test_a_plugin_that_raises_is_told_by_name(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An observer that fails takes nothing down."""

    @hookimpl
    def atsbridge_tick_finished(summary: Any) -> None:
        raise ValueError("no such dashboard")

    module = SimpleNamespace(
        ATSBRIDGE_API=1, atsbridge_tick_finished=atsbridge_tick_finished, __name__="broken"
    )
    installed(monkeypatch, Broken(module))
    outcome = sandbox.tick()
    assert outcome.err == (
        "plugin broken: atsbridge_tick_finished raised ValueError: no such dashboard."
        " Its other parts stay in use\n"
    )
    assert outcome.code == 1
    assert sandbox.read_now("acme")
    assert sandbox.read_now("globex")


def test_an_observer_gets_the_document_that_run_prints(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version and members are those of `run --json`, and the plugins that failed are in it."""
    heard = []

    @hookimpl
    def atsbridge_tick_finished(summary: Any) -> None:
        heard.append(json.loads(json.dumps(summary)))

    def module(**hooks: Any) -> Any:
        return SimpleNamespace(ATSBRIDGE_API=1, __name__="plugin", **hooks)

    misspelled = module(atsbridge_tick_finish=hookimpl(lambda: None))
    observer = module(atsbridge_tick_finished=atsbridge_tick_finished)
    installed(monkeypatch, Broken(misspelled), Broken(observer, "observer"))
    printed = json.loads(sandbox.world.call("run", "--dry-run", "--text", "--json").out)
    texts = [account.pop("planned_messages") for account in printed["accounts"]]
    shadow = [account.pop("more_shadow_messages") for account in printed["accounts"]]
    (found,) = heard
    assert [account.pop("planned_messages") for account in found["accounts"]] == [[] for _ in texts]
    assert [account.pop("more_shadow_messages") for account in found["accounts"]] == [
        {} for _ in shadow
    ]
    assert found == printed
    assert [one["where"] for one in found["plugins"]] == ["plugin broken"]


def test_a_connector_that_cannot_be_loaded_stops_its_account_only(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account says which plugin is to blame; the others are read."""
    installed(monkeypatch, Broken(ImportError("no module named leverage")), without="lever")
    outcome = sandbox.tick()
    assert outcome.err == (
        "plugin broken: cannot be loaded: ImportError: no module named leverage."
        " Reinstall or remove it\n"
        "globex: no plugin that works provides 'lever'."
        " Plugin broken cannot be loaded: ImportError: no module named leverage\n"
    )
    assert outcome.code == 1
    assert sandbox.read_now("acme")


def test_a_failure_is_told_when_it_is_new_and_when_it_is_over(sandbox: Any) -> None:
    """cron mails every line: the same failure twice is one line, its end another, then silence."""
    server = sandbox.fake("acme").server
    server.faults.add("/v3/offers", None, status=500, body={"message": "Internal error"})
    said = [sandbox.tick().err, sandbox.tick().err]
    server.faults.clear()
    said += [sandbox.tick().err, sandbox.tick().err]
    failed = "acme/offers: has a fault of its own (500): Internal error"
    assert said == [f"{failed}. The next run tries again\n", "", f"recovered: {failed}\n", ""]


@pytest.mark.parametrize(
    "command",
    [
        ("--config", "other/atsbridge.toml", "status"),
        ("--config", "../atsbridge.toml", "status"),
        ("status",),
        ("rules", "check", "pack.yaml"),
        ("store", "copy", "sqlite:///a.db", "sqlite:///b.db"),
    ],
)
def test_a_current_folder_that_was_deleted_is_named(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Whether the settings are given or found here; one line, and no traceback."""
    (tmp_path / "gone").mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    python = (sys.executable, "-m", "atsbridge")
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(tmp_path / "gone"), *python, *command],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "ATSBRIDGE_CONFIG"},
    )
    assert (done.returncode in (1, 2), done.stdout) == (True, "")
    assert "current folder is not there any more" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
