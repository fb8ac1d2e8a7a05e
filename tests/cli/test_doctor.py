"""`atsbridge doctor`: host, credential, permissions, and which live rule needs what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40, both=True)
    yield made
    made.close()


def lines(world: Any, account: str) -> dict[str, dict[str, object]]:
    found = world.call("doctor", "--account", account, "--json")
    return {
        line["what"]: {**line, "code": found.code}
        for line in json.loads(found.out)["sections"][account]
    }


def test_a_good_account_is_good(world: Any) -> None:
    """Host, TLS, clock and credential first, then a line for every list; exit 0."""
    for account in ("acme", "globex"):
        found = lines(world, account)
        assert {"host", "TLS", "clock", "credential", "read users"} <= found.keys()
        assert all(line["good"] for line in found.values())
        assert next(iter(found.values()))["code"] == 0


def test_rules_that_an_ats_cannot_answer_are_named(world: Any) -> None:
    """With how many have the data they need; Lever's offers have no approval steps."""
    found = lines(world, "globex")["rules"]
    assert found["good"]
    assert "have the data they need" in str(found["detail"])
    assert "offer-approval-late" in str(found["detail"])
    assert "offer-approval-late" not in str(lines(world, "acme")["rules"]["detail"])


def test_plugins_counts_the_rules_that_each_connector_can_answer(world: Any) -> None:
    """Every connector is measured by the same rules."""
    counted = json.loads(world.call("plugins", "--json").out)["coverage"]
    assert counted.keys() >= {"ashby", "greenhouse", "lever"}
    assert len({sum(its.values()) for its in counted.values()}) == 1
    assert "can answer" in world.call("plugins").out


def test_a_list_that_is_missing_names_the_rules_that_need_it(world: Any) -> None:
    """And those that no live rule needs are told as such."""
    for path in ("/scorecards$", "/departments$"):
        world.standing.fakes["acme"].server.faults.add(path, times=None, status=403, body={})
    found = lines(world, "acme")
    assert "needed by feedback-late" in str(found["read scorecards"]["detail"])
    assert "harvest:scorecards:list" in str(found["read scorecards"]["remedy"])
    assert "no live rule needs it" in str(found["read departments"]["detail"])
    assert found["host"]["code"] == 1


@pytest.mark.parametrize(("account", "secret"), [("acme", "client_secret"), ("globex", "api_key")])
def test_a_refused_credential_is_told_once(world: Any, account: str, secret: str) -> None:
    """Its line is the last; what might be written with it is no question."""
    good = world.standing.fakes[account].settings[secret]
    world.configure(lambda text: text.replace(good, "another-one"))
    *_, last = found = list(lines(world, account).values())
    assert [line for line in found if not line["good"]] == [last]
    assert "401" in str(last["detail"])


def test_in_a_pipe_every_line_stays_whole(world: Any) -> None:
    """A remedy is one line below its check, however long it is."""
    world.standing.fakes["acme"].server.faults.add("/scorecards$", times=None, status=403, body={})
    lines = world.call("doctor", "--account", "acme").out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("  no  read scorecards"))
    assert lines[at + 1].startswith(" " * 6)
    assert len(lines[at + 1]) > 100
    assert lines[at + 2][2:4] == "ok"


def _allow(world: Any, **more: str) -> None:
    """Put settings into the account acme, in place of what it says of them."""
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())

    def change(text: str) -> str:
        head, tail = text.split("[accounts.acme]\n", 1)
        kept = [one for one in tail.splitlines(True) if one.split(" = ")[0] not in more]
        return f"{head}[accounts.acme]\n{lines}{''.join(kept)}"

    world.configure(change)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"write": '["notes"]'},
            'accounts.acme.write.1: Greenhouse cannot write "notes". It can: application_note,',
        ),
        (
            {"native_reminders": '"lever-default"'},
            'there are no native reminders "lever-default". Greenhouse has: greenhouse-default,',
        ),
    ],
)
def test_what_an_ats_cannot_is_a_mistake_in_the_settings(
    world: Any, more: dict[str, str], said: str
) -> None:
    """Told before anything is asked, with what it can; exit 2."""
    _allow(world, **more)
    found = world.call("run")
    assert found.code == 2
    assert said in " ".join(found.err.split())


def test_what_may_be_written_is_told_without_writing(world: Any) -> None:
    """Each thing the account allows, by the scopes of its credential."""
    _allow(
        world,
        write='["application_note", "tag"]',
        native_reminders='"greenhouse-default"',
    )
    fake = world.standing.fakes["acme"]
    fake.server.app.scopes.discard("harvest:applied_candidate_tags:create")
    found = lines(world, "acme")
    assert found["write application_note"]["good"] is True
    assert found["write tag"]["good"] is False
    assert "harvest:applied_candidate_tags:create" in str(found["write tag"]["remedy"])
    assert found["native reminders greenhouse-default"]["good"] is True
    assert {method for method, path, _ in fake.server.log if "/v3/" in path} == {"GET"}


def test_what_rules_would_write_and_may_not_is_told(world: Any) -> None:
    """Nothing is wrong with that; it says which rules go without."""
    _allow(world, write="[]")
    found = lines(world, "acme")
    line = found["write application_note"]
    assert (line["good"], line["detail"]) == (True, "not allowed; left out of feedback-late")


# --- a message of trial -------------------------------------------------------------------------


def sent(world: Any, who: str, *more: str) -> list[dict[str, object]]:
    found = world.call("doctor", "--send-test", who, "--json", *more)
    (made,) = json.loads(found.out)["sections"].values()
    return [{**line, "code": found.code} for line in made]


def test_a_message_of_trial_goes_along_each_way_once(world: Any) -> None:
    """To a person in every sink that reaches them; the ATS is not asked for anything."""
    someone = world.standing.companies["acme"].people[0].email
    (line,) = sent(world, someone, "--account", "acme")
    assert (line["good"], line["code"]) == (True, 0)
    slack = next(iter(world.standing.slacks.values()))
    assert "Test message from atsbridge" in str(slack.dms(someone))
    assert all(fake.server.count() == 0 for fake in world.standing.fakes.values())


def test_a_team_and_a_channel_are_reached_too(world: Any) -> None:
    """A team by its name, where this account has it; a channel as a step would reach it."""
    for who in ("recruiting_ops", "channel:#recruiting-ops"):
        lines = sent(world, who, "--account", "acme")
        assert [(line["good"], line["detail"]) for line in lines] == [
            (True, "sent: check that it arrived")
        ]


def test_who_cannot_be_reached_is_told_with_what_to_do(world: Any) -> None:
    """A line for the sink, and exit 1."""
    (line,) = sent(world, "nobody@elsewhere.example", "--account", "acme")
    assert (line["good"], line["code"]) == (False, 1)
    assert (line["detail"], str(line["remedy"])[:32]) == (
        "nobody has this address there",
        "Add this e-mail address there, o",
    )


def test_a_sink_that_refuses_is_a_line(world: Any) -> None:
    """With what the sink says, and its remedy."""
    slack = next(iter(world.standing.slacks.values()))
    slack.server.faults.add(
        "/chat.postMessage", times=None, body={"ok": False, "error": "invalid_auth"}
    )
    someone = world.standing.companies["acme"].people[0].email
    (line,) = sent(world, someone, "--account", "acme")
    assert line["good"] is False
    assert line["remedy"]


@pytest.mark.parametrize("who", ["channel:", "channel:#", "@", "nobody", "ats"])
def test_nobody_of_that_name_is_a_mistake(world: Any, who: str) -> None:
    """Exit 2, with the teams there are; the ATS is no place for a trial."""
    found = world.call("doctor", "--send-test", who)
    assert found.code == 2
    assert "recruiting_ops" in found.err


def test_a_team_of_one_account_is_found_among_several(world: Any) -> None:
    """The other account has no such team, and nothing is to be sent for it."""
    sink = next(iter(world.standing.slacks))
    world.configure(
        lambda text: f'{text}\n[accounts.acme.teams.berlin]\nsink = "{sink}"\nto = "#berlin"\n'
    )
    (line,) = sent(world, "berlin")
    assert "berlin" in str(line["what"])
