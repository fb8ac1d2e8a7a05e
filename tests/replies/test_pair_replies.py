"""Both sides of a role in Slack: questions, agreement, a change, a calibration, and strangers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

SECTIONS = ("responsibilities", "team_culture", "soft_skills", "personality_fit", "priorities")
PAIRS = """
SELECT q.id, q.code, r.email, m.email FROM requisitions q
JOIN users r ON r.account = q.account AND r.id = q.recruiter AND r.active = 1
JOIN users m ON m.account = q.account AND m.id = q.hiring_manager AND m.active = 1
WHERE q.account = 'acme' AND q.status = 'open' AND r.id <> m.id AND NOT coalesce(q.confidential, 0)
ORDER BY 1 < (
  SELECT count(*) FROM applications a WHERE a.account = q.account AND a.requisition = q.id
) DESC, q.id
"""


@dataclass
class Pair:
    """Recruiter and hiring manager of one requisition, and what they do in Slack."""

    world: Any
    id: str
    code: str
    recruiter: str
    manager: str
    agreed_brief: Any = None  # as it was once both had agreed

    def call(self, *words: str) -> Any:
        done = self.world.call("intake", words[0], self.code, *words[1:], "--account", "acme")
        assert done.code == 0, done.err
        return done.out

    def rows(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.world.store)) as base:
            return base.execute(statement, {"id": self.id}).fetchall()

    def run(self, hours: int = 1) -> None:
        """Runs, an hour apart."""
        for _ in range(hours):
            self.world.standing.advance(self.world.now + timedelta(hours=1))
            done = self.world.tick()
            assert done.code == 0, done.err

    def wait(self, purpose: str, edition: int = 0) -> dict[str, tuple[str, str]]:
        """Run until both have the message: address -> (channel, ts)."""
        statement = (
            "SELECT destination, receipt FROM notices WHERE account = 'acme' AND id = :id"
            f" AND purpose = '{purpose}' AND edition = {edition} AND state = 'sent'"
        )
        for _ in range(60):
            found = {
                json.loads(to)["address"]: json.loads(receipt)
                for to, receipt in self.rows(statement)
            }
            if found.keys() >= {self.recruiter, self.manager}:
                return {who: (one["channel"], one["ts"]) for who, one in found.items()}
            self.run()
        raise AssertionError(f"{purpose} {edition} did not reach both")

    @property
    def slack(self) -> Any:
        return self.world.standing.find_slack("acme")

    def text(self, place: tuple[str, str], who: str) -> str:
        (message,) = [one for one in self.slack.dms(who) if one["ts"] == place[1]]
        return json.dumps(message.get("blocks"), ensure_ascii=False)

    def say(self, place: tuple[str, str], text: str, who: str) -> str:
        """Reply, run, and return what is said back in the thread; "" for nothing."""
        self.slack.reply(*place, text, who)
        return self._heard(place, who, text)

    def react(self, place: tuple[str, str], name: str, who: str) -> str:
        self.slack.react(*place, name, who)
        return self._heard(place, who, "")

    def _heard(self, place: tuple[str, str], who: str, own: str) -> str:
        before = self._thread(place, who)
        self.run()
        fresh = [one for one in self._thread(place, who) if one not in before and one != own]
        return " ".join(fresh)

    def _thread(self, place: tuple[str, str], who: str) -> list[str]:
        found = (one for one in self.slack.dms(who) if one.get("thread_ts") == place[1])
        return [one["text"] for one in found]

    def brief(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.call("show", "--json"))
        return found


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(160)
    at_once = 'quiet_hours = ""\nmax_interruptions_per_day = 1000\n'
    made.configure(lambda text: text.replace("[notify]\n", f"[notify]\n{at_once}"))
    assert made.tick().code == 0
    yield made
    made.close()


@pytest.fixture(scope="module")
def pairs(world: Any) -> list[Pair]:
    with closing(sqlite3.connect(world.store)) as base:
        return [Pair(world, *row) for row in base.execute(PAIRS).fetchall()]


@pytest.fixture(scope="module")
def agreed(pairs: list[Pair]) -> Pair:
    """A pair whose brief went from empty to agreed in the chat."""
    pair = pairs[0]
    assert "go to" in pair.call("ask", "--send")
    asked = pair.wait("questions")
    for who, place in asked.items():
        assert "Must haves" in pair.text(place, who)
    place = asked[pair.recruiter]
    assert "could not tell" in pair.say(place, "sure, soon", pair.recruiter)
    assert pair.say(place, "sure, very soon", pair.recruiter) == ""  # help is given once
    text = "must haves: SQL, Python, Tact\nMarket expectations: 80k EUR is tight"
    back = pair.say(place, text, pair.recruiter)
    assert "must haves, market expectations" in back
    lines = "\n".join(f"{one.replace('_', ' ')}: what matters most to us here" for one in SECTIONS)
    back = pair.say(asked[pair.manager], lines, pair.manager)
    assert "complete" in back
    sent = pair.wait("agreement", 1)
    for who, one in sent.items():
        shown = pair.text(one, who)
        assert "Python" in shown
        assert "80k" not in shown  # Slack is not cleared for pay
    assert "Nothing is stored" in pair.say(sent[pair.manager], "yes, but not Tact", pair.manager)
    assert pair.react(sent[pair.manager], "tada", pair.manager) == ""
    assert "waiting for" in pair.react(sent[pair.manager], "+1", pair.manager)
    assert "both of you agree" in pair.say(sent[pair.recruiter], "Agreed!", pair.recruiter)
    pair.agreed_brief = pair.brief()
    return pair


def test_a_brief_goes_from_empty_to_agreed_in_the_chat(agreed: Pair) -> None:
    """Both agreements are of version 1, by reply; the brief rules see them."""
    brief = agreed.agreed_brief
    assert brief["sections"]["must_haves"] == ["SQL", "Python", "Tact"]
    assert brief["missing"] == []
    (version,) = brief["versions"]
    assert {(one["side"], one["source"]) for one in version["agreed"]} == {
        ("recruiter", "reply"),
        ("hiring_manager", "reply"),
    }
    assert version["waiting"] == {}
    assert brief["agreed_at"] is not None


def test_a_change_is_told_to_both_with_its_impact(agreed: Pair) -> None:
    """One message each; an agreement to the older version counts for that one only."""
    first = agreed.wait("agreement", 1)
    agreed.call("answer", "must_haves", "Python;", "Tact")
    second = agreed.wait("agreement", 2)
    texts = {agreed.text(place, who).split("~")[0] for who, place in second.items()}
    assert all("SQL dropped" in text for text in texts)
    late = agreed.say(first[agreed.manager], "agree", agreed.manager)
    assert "newest message" in late
    versions = agreed.brief()["versions"]
    assert [len(one["agreed"]) for one in versions] == [2, 0]
    assert set(versions[1]["waiting"]) == {"recruiter", "hiring_manager"}
    assert versions[1]["rejected"] == {"SQL": None}
    assert "agreement is stored" in agreed.say(second[agreed.manager], "ok", agreed.manager)
    history = agreed.call("show", "--history")
    assert "Must haves: SQL dropped" in history
    assert "waiting for" in history


def test_who_is_not_on_the_team_gets_a_kind_word_and_is_not_stored(pairs: list[Pair]) -> None:
    """The hiring team changed after the message went out."""
    pair = pairs[1]
    for section in (*SECTIONS, "must_haves", "market_expectations"):
        pair.call("answer", section, "what", "matters", "to", "us", "here")
    pair.call("push", "--to", "chat", "--send")
    sent = pair.wait("agreement", 1)
    with closing(sqlite3.connect(pair.world.store)) as base:
        base.execute(
            "DELETE FROM team_members WHERE account = 'acme' AND requisition = ?"
            " AND role IN ('hiring_manager', 'recruiter')",
            (pair.id,),
        )
        base.commit()
    back = pair.say(sent[pair.manager], "agree", pair.manager)
    assert "Thank you" in back
    assert "stored nothing" in back
    assert pair.rows("SELECT * FROM brief_agreements WHERE requisition = :id") == []


def test_a_calibration_is_rated_by_reply_and_stays_between_the_two(pairs: list[Pair]) -> None:
    """Differences come once both have rated; no rating is in JSON, log, notes or metrics."""
    pair = pairs[2]
    rows = pair.rows("SELECT id FROM applications WHERE account = 'acme' AND requisition = :id")
    applications = sorted(row[0] for row in rows)[:3]
    log, metrics = (pair.world.folder / name for name in ("run.log", "run.prom"))
    pair.world.configure(
        lambda text: (
            text.replace("[run]", f'[run]\nlog_file = "{log}"\nmetrics_file = "{metrics}"')
            if "[run]" in text
            else f'{text}\n[run]\nlog_file = "{log}"\nmetrics_file = "{metrics}"\n'
        )
    )
    assert f"{len(applications)} profiles" in pair.call("calibrate", *applications)
    sent = pair.wait("calibration", 1)
    assert "from 1 (no) to 5 (yes)" in pair.text(sent[pair.manager], pair.manager)
    assert "a candidate" not in pair.text(sent[pair.manager], pair.manager)
    help_given = pair.say(sent[pair.manager], "the second one was lovely", pair.manager)
    assert "1: 4 strong SQL" in help_given
    lines = [f"{at}: 5 zq-secret-remark" for at in range(2, len(applications) + 1)]
    back = pair.say(sent[pair.manager], "\n".join(["1: 7", *lines]), pair.manager)
    assert "could not read a rating from 1 to 5 for 1" in back
    back = pair.say(sent[pair.manager], "1: yes", pair.manager)
    assert "once both of you have rated" in back
    assert "zq-secret" not in back
    ones = ", ".join("1" for _ in applications)
    assert "comparison now" in pair.say(sent[pair.recruiter], ones, pair.recruiter)
    compared = pair.wait("comparison", 1)
    for who, place in compared.items():
        shown = pair.text(place, who)
        assert "zq-secret-remark" in shown
        assert "To discuss" in shown
    assert "already" in pair.say(sent[pair.recruiter], "1: 3", pair.recruiter)
    mine = {pair.recruiter, pair.manager}
    others = [text for who, text in pair.slack.everything() if who not in mine]
    assert "zq-secret" not in json.dumps(others)
    for command in (
        ("intake", pair.code, "--json", "--account", "acme"),
        ("notices", "list", "--json"),
    ):
        assert "zq-secret" not in pair.world.call(*command).out
    for (key,) in pair.rows("SELECT key FROM notices WHERE id = :id AND purpose = 'comparison'"):
        assert "zq-secret" not in pair.world.call("notices", "show", key).out
    for file in (log, metrics):
        assert "zq-secret" not in file.read_text("utf-8")
    notes = [note.body for note in pair.world.standing.companies["acme"].notes]
    assert "zq-secret" not in "".join(notes)


@pytest.mark.parametrize(
    ("applications", "says"),
    [
        (("1",), "compares 2 to 5"),
        (("1", "1"), "compares 2 to 5"),
        (("1", "2", "3", "4", "5", "6"), "compares 2 to 5"),
        (("no-such", "neither"), "there is no application"),
    ],
)
def test_a_calibration_that_cannot_be(
    pairs: list[Pair], applications: tuple[str, ...], says: str
) -> None:
    """Exit 2, and nothing is stored."""
    pair = pairs[3]
    done = pair.world.call("intake", "calibrate", pair.code, *applications, "--account", "acme")
    assert done.code == 2
    assert says in done.err
    assert pair.rows("SELECT * FROM calibrations WHERE requisition = :id") == []


def test_profiles_of_another_requisition_are_refused(pairs: list[Pair]) -> None:
    """They would be compared by another brief."""
    rows = pairs[2].rows("SELECT id FROM applications WHERE requisition = :id ORDER BY 1 LIMIT 2")
    done = pairs[3].world.call(
        "intake", "calibrate", pairs[3].code, *(row[0] for row in rows), "--account", "acme"
    )
    assert done.code == 2
    assert "belongs to another requisition" in done.err


def test_a_push_is_shown_first_and_sent_once(pairs: list[Pair]) -> None:
    """Without --send nothing is queued; a second --send queues nothing more."""
    pair = pairs[3]
    missing = pair.world.call("intake", "push", pair.code, "--account", "acme")
    assert missing.code == 2
    assert "there is no brief to send" in missing.err
    pair.call("answer", "must_haves", "SQL")
    assert "Nothing was sent" in pair.call("push", "--to", "chat")
    assert pair.rows("SELECT * FROM notices WHERE id = :id AND purpose = 'agreement'") == []
    assert "2 of 2 queued" in pair.call("push", "--to", "chat", "--send")
    assert "0 of 2 queued" in pair.call("push", "--to", "chat", "--send")
    denied = pair.world.call("intake", "push", pair.code, "--to", "ats", "--account", "acme")
    assert denied.code == 2
    assert "job_note" in denied.err


def test_an_answer_does_not_overwrite_the_file(pairs: list[Pair]) -> None:
    """The file takes precedence, and the error names it."""
    pair, folder = pairs[4], Path(pairs[4].world.folder) / "briefs"
    pair.call("answer", "soft_skills", "asks", "before", "building")
    folder.mkdir(exist_ok=True)
    text = f"requisition: {pair.code}\naccount: acme\nsections:\n  must_haves: [Go]\n"
    (folder / "own.yaml").write_text(text, "utf-8")
    pair.run()
    words = ("intake", "answer", pair.code, "must_haves", "SQL", "--account", "acme")
    done = pair.world.call(*words)
    assert done.code == 2
    assert "own.yaml" in done.err
    pair.call("answer", "priorities", "first", "the", "migration")
    brief = pair.brief()
    assert brief["sections"] == {
        "must_haves": ["Go"],
        "priorities": "first the migration",
        "soft_skills": ["asks before building"],
    }
    pair.run()
    assert pair.brief()["sections"] == brief["sections"]
    empty = pair.world.call("intake", "answer", pair.code, "team_culture", " ", "--account", "acme")
    assert empty.code == 2
    assert "there was no text" in empty.err
