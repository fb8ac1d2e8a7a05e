"""`atsbridge forget`: by any id of a person, asked first, and no later sync undoes it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest


def candidate(sandbox: Any) -> tuple[str, str]:
    """A candidate of acme with an application: (their id, the application's)."""
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        found = base.execute(
            "SELECT candidate, id FROM applications WHERE account = 'acme' AND url IS NOT NULL"
            " AND candidate IS NOT NULL ORDER BY id LIMIT 1"
        ).fetchone()
    assert found is not None
    return str(found[0]), str(found[1])


def kept(sandbox: Any, who: str) -> tuple[Any, ...]:
    with closing(sqlite3.connect(sandbox.world.store)) as base:
        found: tuple[Any, ...] = base.execute(
            "SELECT c.initials, a.url, a.deleted_at IS NOT NULL FROM applications a"
            " LEFT JOIN candidates c ON c.account = a.account AND c.id = a.candidate"
            " WHERE a.account = 'acme' AND a.candidate = ?",
            (who,),
        ).fetchone()
    return found


def test_an_application_s_id_forgets_its_candidate(sandbox: Any) -> None:
    """It says what was erased; a full sync brings nobody back until that is wanted."""
    who, application = candidate(sandbox)
    told = sandbox.world.call("forget", f"application/{application}", "--account", "acme", "--yes")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Candidate {who} in acme is forgotten.")
    assert "records" in told.out
    assert kept(sandbox, who) == (None, None, 1)
    assert sandbox.world.call("sync", "--full").code == 0
    assert kept(sandbox, who) == (None, None, 1)
    undone = sandbox.world.call("forget", f"acme/candidate/{who}", "--undo")
    assert (undone.code, undone.err) == (0, "")
    sandbox.world.call("sync", "--full")
    _, link, gone = kept(sandbox, who)
    assert (bool(link), gone) == (True, 0)


def test_nobody_is_forgotten_unasked(sandbox: Any) -> None:
    """Without a terminal it wants --yes."""
    who, _ = candidate(sandbox)
    told = sandbox.world.call("forget", f"candidate/{who}")
    assert (told.code, told.out) == (2, "")
    assert told.err == "atsbridge: there is no terminal to ask for confirmation. Add --yes\n"
    assert kept(sandbox, who)[2] == 0


def test_an_id_of_two_people_is_refused_with_both(sandbox: Any) -> None:
    """A candidate and somebody else's application may have one number."""
    who, application = candidate(sandbox)
    with closing(sqlite3.connect(sandbox.world.store)) as base, base:
        base.execute(
            "INSERT INTO candidates (account, id, parts) VALUES ('acme', ?, 1)", (application,)
        )
    told = sandbox.world.call("forget", application, "--yes", "--json")
    assert told.code == 2
    both = f"acme/candidate/{application} or acme/application/{application}"
    assert told.err == f"atsbridge: {application} means more than one person. Write {both}\n"
    done = sandbox.world.call("forget", f"acme/application/{application}", "--yes", "--json")
    assert json.loads(done.out)["candidate"] == who


def test_an_id_nobody_has_is_an_error(sandbox: Any) -> None:
    """Nothing is remembered of it."""
    told = sandbox.world.call("forget", "4711000", "--yes")
    assert told.code == 2
    assert told.err.startswith("atsbridge: the store has no candidate or application 4711000")
    assert sandbox.world.call("forget", "job/1", "--yes").err == (
        "atsbridge: job/1 is not a candidate. Write candidate/ID or application/ID\n"
    )


def test_a_mistake_in_the_settings_is_printed_once(sandbox: Any) -> None:
    """Until it is another or over: cron mails every line."""
    sandbox.rewrite('\nops = "', '\nops = "no')
    first, second = sandbox.tick(), sandbox.tick()
    assert (first.code, second.code, second.err) == (2, 2, "")
    assert 'there is no team "norecruiting_ops" to tell of trouble' in first.err
    sandbox.rewrite('\nops = "', '\nops = "')
    assert sandbox.tick().err.startswith("recovered: settings: ")


def test_a_reader_of_the_store_keeps_what_was_erased_and_the_command_says_so(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1 until the reader is gone; then the same command ends well."""
    monkeypatch.setattr(
        "atsbridge.store.database.connection._PRAGMAS", ("PRAGMA busy_timeout = 0",)
    )
    who, _ = candidate(sandbox)
    words = ("forget", f"acme/candidate/{who}", "--yes")
    with closing(sqlite3.connect(sandbox.world.store, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM candidates").fetchone()
        outcome = sandbox.world.call(*words)
        assert outcome.code == 1
        assert "is forgotten" in outcome.out
        assert "still in the write-ahead log" in outcome.err
        reader.execute("COMMIT")
    outcome = sandbox.world.call(*words, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["remains"] == "nowhere"
