"""Two customers on one machine: nothing of one ever reaches the other's Slack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """Two accounts with a Slack each, and a day of things that came due in both.

    The second is small: in its first days people owe nothing yet of what is live as shipped.
    """
    made = new_world(600, both=True)
    with (made.folder / "notes.yaml").open("a", encoding="utf-8") as pack:
        step = '{at: "70%", to: requisition.recruiter, via: dm}'
        pack.write(f"  - {{id: dry-pipeline, status: live, steps: [{step}]}}\n")
    for _ in range(2):  # what a rule finds late once the past is read comes in one summary, too
        assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=36))
    made.configure(lambda text: text.replace("[notify]", '[notify]\nquiet_hours = ""'))
    yield made
    made.close()


@pytest.fixture
def unread(new_world: Callable[..., Any]) -> Iterator[Any]:
    """Two accounts that nobody has read."""
    made = new_world(20, both=True)
    yield made
    made.close()


def said(world: Any, account: str) -> str:
    """All that ever came into the Slack of an account, as one text."""
    slack = world.standing.slacks[f"slack_{account}"]
    return json.dumps([message for _, message in slack.everything()])


def keys(world: Any, account: str) -> set[str]:
    """The keys of the messages in the Slack of an account."""
    slack = world.standing.slacks[f"slack_{account}"]
    return {m["metadata"]["event_payload"]["key"] for _, m in slack.everything()}


def names(world: Any, account: str) -> set[str]:
    """What tells an account's messages: its people, and the codes and titles of its searches."""
    company = world.standing.companies[account]
    return {person.name for person in company.people} | {f"https://{HOSTS[account]}/"}


HOSTS = {"acme": "app.greenhouse.example", "globex": "hire.lever.example"}


def sent(world: Any, account: str) -> set[str]:
    """The keys of what the store says was sent for an account by Slack."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.store)) as base:
        rows = base.execute(
            "SELECT key, destination FROM notices WHERE account = ? AND state = 'sent'"
            " AND purpose <> 'resolve'",
            (account,),
        ).fetchall()
    return {key for key, to in rows if json.loads(to)["kind"] != "ats"}


def held_apart(world: Any) -> None:
    for account, other in (("acme", "globex"), ("globex", "acme")):
        assert keys(world, account) == sent(world, account)
        words = said(world, account)
        assert [name for name in names(world, other) if name in words] == []


def test_each_slack_hears_of_its_own_account_only(world: Any) -> None:
    """Every message is where its account's are, and says nothing of the other."""
    assert world.tick().code == 0
    held_apart(world)
    assert keys(world, "acme")
    assert keys(world, "globex")


def test_a_dead_slack_is_no_reason_to_use_the_other(world: Any) -> None:
    """What cannot be sent waits; the other account's Slack gets its own messages and no more."""
    slack = world.standing.slacks["slack_acme"].server
    slack.faults.add("/api/", None, status=503, body={"ok": False})
    before = keys(world, "acme")
    outcome = world.tick()
    assert outcome.code == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"acme/slack_acme: GET {slack.url}/api/")
    assert line.endswith("has a fault of its own (503). The next run tries again")
    assert keys(world, "acme") == before
    held_apart(world)
    assert keys(world, "globex")


def test_one_person_in_both_accounts_hears_of_each_in_its_own_slack(world: Any) -> None:
    """The same e-mail address in both: one address book does not open the other's door."""
    ours, theirs = (world.standing.companies[name].people for name in ("acme", "globex"))
    shared = {their.email: our.email for our, their in zip(ours, theirs, strict=False)}
    world.standing.slacks["slack_globex"]._users = {
        f"U{n:06d}": person for n, person in enumerate(ours, 1)
    }
    _rename(world.standing.fakes["globex"].server, shared)
    assert world.tick().code == 0
    for account in ("acme", "globex"):
        assert keys(world, account) == sent(world, account)
    for _ in range(2):  # what was late already came in a summary
        world.standing.advance(world.now + timedelta(hours=36))
        assert world.tick().code in (0, 3)
    heard = {room for room, _ in world.standing.slacks["slack_globex"].everything()}
    assert heard & set(shared.values())


def _rename(server: Any, emails: dict[str, str]) -> None:
    """Let an ATS call its people by other addresses."""
    from atsbridge.sandbox.http.fake_server import Response

    app = server.app

    def answer(request: Any) -> Response:
        response: Response = app(request)
        text = json.dumps(response.body)
        for old, new in emails.items():
            text = text.replace(old, new)
        return Response(response.status, json.loads(text), response.headers)

    server.app = answer


def test_an_owner_on_a_foreign_sink_is_refused(unread: Any) -> None:
    """Nothing runs; the message names team, sink, account and the section to add."""
    unread.configure(
        lambda text: text.replace(
            '[accounts.globex.teams.recruiting_ops]\nsink = "slack_globex"',
            '[accounts.globex.teams.recruiting_ops]\nsink = "slack_acme"',
        )
    )
    asked = unread.standing.fakes["globex"].server.count()
    outcome = unread.tick()
    assert outcome.code == 2
    assert outcome.err.startswith(f"atsbridge: {unread.config}:")
    assert outcome.err.endswith(
        ': accounts.globex.teams.recruiting_ops.sink: team "recruiting_ops" is on the sink'
        ' "slack_acme", which this account does not name.'
        " Add [accounts.globex.teams.recruiting_ops] on one of: slack_globex, ats\n"
    )
    assert outcome.err.count("\n") == 1
    assert unread.standing.fakes["globex"].server.count() == asked


def test_accounts_that_do_not_name_their_sinks_are_refused(unread: Any) -> None:
    """With two accounts each has to say where its messages may go."""
    unread.configure(lambda text: text.replace('sinks = ["slack_globex"]\n', ""))
    outcome = unread.tick()
    assert outcome.code == 2
    assert (
        "accounts.globex: sinks is needed once there are two accounts."
        ' Name them, for example sinks = ["slack"]'
    ) in outcome.err
