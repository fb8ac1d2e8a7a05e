"""The tools as an assistant calls them: with the SDK's own client, over stdio."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.server.conftest import NOW, OPS, opened

from atsbridge.app import open_services
from atsbridge.errors import ConfigError
from atsbridge.mcp import AssistantAnswers
from atsbridge.model import Key
from atsbridge.replies import BriefView
from atsbridge.timesource import ManualTime
from mcp import Client, StdioServerParameters

RECRUITER, MANAGER, OTHER = "person0@acme.example", "person3@acme.example", "person2@acme.example"
TOOLS = {"waiting_on", "my_promises", "case", "explain", "brief", "changes"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Role 3 is confidential; role 0 changed its pay and its priority."""
    folder = tmp_path_factory.mktemp("assistant")
    with opened(folder):
        pass
    at = int(NOW.timestamp() * 1000)
    with closing(sqlite3.connect(folder / "atsbridge.db")) as connection, connection:
        connection.execute("UPDATE requisitions SET confidential = 1 WHERE id = 'r3'")
        for field, old, new in (("priority", "2", "1"), ("pay_max", "1", "4711")):
            connection.execute(
                "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin)"
                " VALUES ('acme', 'requisition', 'r0', ?, ?, ?, ?, 'poll')",
                (field, json.dumps(old), json.dumps(new), at - 1000),
            )
    return folder / "atsbridge.toml"


def call(config: Path, email: str, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """The results of these calls in one session with a server process."""
    words = ["-m", "atsbridge", "--config", str(config), "mcp", "--as", email]
    found: list[Any] = []

    async def talk() -> None:
        with anyio.fail_after(100):
            async with Client(StdioServerParameters(command=sys.executable, args=words)) as client:
                tools = await client.list_tools()
                assert {one.name for one in tools.tools} == TOOLS
                assert all(one.annotations.read_only_hint for one in tools.tools)
                assert all(one.description for one in tools.tools)
                for name, arguments in calls:
                    found.append(await client.call_tool(name, arguments))

    anyio.run(talk)
    return found


def test_every_tool_over_stdio(config: Path) -> None:
    """One session; errors are sentences, and the server goes on after them."""
    mine, who, one, why, brief, changes, wrong, far = call(
        config,
        RECRUITER,
        ("my_promises", {}),
        ("waiting_on", {"person": "Person 3"}),
        ("case", {"number": 1}),
        ("explain", {"number": 1}),
        ("brief", {"requisition": "ENG-0"}),
        ("changes", {"requisition": "ENG-0", "since": "2026-03-01"}),
        ("case", {"number": 999}),
        ("changes", {"requisition": "ENG-0", "since": "yesterday"}),
    )
    assert mine.structured_content["cases"]
    assert who.structured_content["cases"]
    assert one.structured_content["promise"]
    assert "stalled-in-stage" in why.structured_content["explanation"]
    assert brief.structured_content["exists"] is False
    assert changes.structured_content["withheld"] == 1  # pay
    assert [each["what"] for each in changes.structured_content["changes"]] == [
        "requisition.priority"
    ]
    assert "4711" not in json.dumps(changes.structured_content)
    assert wrong.is_error
    assert "no such case" in wrong.content[0].text
    assert far.is_error
    assert "2026-03-02" in far.content[0].text


def test_nobody_with_that_address_is_one_line(config: Path) -> None:
    import subprocess

    words = ["-m", "atsbridge", "--config", str(config), "mcp", "--as", "nobody@acme.example"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "nobody in the ATS has this address" in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def answers(config: Path) -> Iterator[Any]:
    """Makes the answers for a reader."""
    with open_services(config, time=ManualTime(NOW)) as services:
        yield lambda email: AssistantAnswers(services, email)


def everything(answers: AssistantAnswers) -> str:
    """What all tools say to a reader, as one text."""
    found: list[Any] = [answers.my_promises()]
    for ask, *values in (
        (answers.waiting_on, "Person"),
        *((answers.waiting_on, f"person{n}@acme.example") for n in range(6)),
        *((answers.case, n) for n in range(1, 11)),
        *((answers.explain, n) for n in range(1, 11)),
        *((answers.brief, f"r{n}") for n in range(12)),
        *((answers.changes, f"ENG-{n}", "2026-01-01") for n in range(12)),
    ):
        try:
            found.append(ask(*values))
        except ConfigError:
            continue
    return json.dumps(found)


def test_confidential_roles_are_for_their_team_only(answers: Any) -> None:
    """Not for operators; who has to act hears of their own case."""
    for reader in (OPS, OTHER):
        text = everything(answers(reader))
        assert "Engineer 0" in text if reader == OPS else True
        assert "Engineer 3 " not in text.replace('"', " ")
        assert "ENG-3 " not in text.replace('"', " ")
    assert "Engineer 3 " in everything(answers(RECRUITER)).replace('"', " ")


def test_a_reader_learns_of_their_own_teams(answers: Any) -> None:
    team, other = answers(RECRUITER), answers(OTHER)
    assert team.brief("ENG-0")["role"].startswith("Engineer 0")
    for ask, *values in ((other.brief, "ENG-0"), (other.case, 1), (other.explain, 1)):
        with pytest.raises(ConfigError, match="may not see"):
            ask(*values)
    numbers = {one["number"] for one in other.waiting_on(RECRUITER)["cases"]}
    seen = {one["number"] for one in team.my_promises()["cases"]}
    assert numbers < seen


def test_names_only_where_the_reader_s_sink_may_carry_them(config: Path) -> None:
    """The console carries no names once its clearance is open."""
    text = config.read_text("utf-8")
    quiet = config.with_name("quiet.toml")
    quiet.write_text(
        text.replace('kind = "console"', 'kind = "console"\nclearance = "open"'), "utf-8"
    )
    quiet.chmod(0o600)
    for file, named in ((config, True), (quiet, False)):
        with open_services(file, time=ManualTime(NOW)) as services:
            said = everything(AssistantAnswers(services, OPS))
        assert ("Person" in said) is named
        assert ("acme.example" in said) is named


def test_pay_is_in_no_answer(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what a brief says of it, whatever the reader's sink may carry."""
    rich = config.with_name("rich.toml")
    text = config.read_text("utf-8")
    rich.write_text(
        text.replace('kind = "console"', 'kind = "console"\nclearance = "compensation"'), "utf-8"
    )
    rich.chmod(0o600)
    sections = {"market_expectations": "By May", "priorities": ["Speed"], "scoring": "EUR 90,000"}
    key = Key("acme", "requisition", "r0")
    brief = BriefView(key, "Engineer", "a file", sections, (), {}, None)
    monkeypatch.setattr("atsbridge.mcp.assistant_answers.read_brief", lambda *_: brief)
    with open_services(rich, time=ManualTime(NOW)) as services:
        answers = AssistantAnswers(services, RECRUITER)
        said, told = answers.brief("ENG-0")["sections"], answers.changes("ENG-0", "2026-03-01")
    hidden = "Not shown here, because it may name pay."
    assert said == {"market_expectations": hidden, "priorities": "Speed", "scoring": hidden}
    assert "4711" not in json.dumps(told)
    assert told["withheld"] == 1


@pytest.mark.parametrize("number", [0, -1, 10**30])
def test_numbers_that_no_case_has(answers: Any, number: int) -> None:
    with pytest.raises(ConfigError, match="no such case"):
        answers(OPS).case(number)


HOSTILE = ["", " ", "\u202e", "x" * 100_000, "'; DROP TABLE cases --", "r99\n", "nobody"]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_that_nobody_has(answers: Any, name: str) -> None:
    """One short sentence, which does not repeat what was asked."""
    for ask in (answers(OPS).waiting_on, answers(OPS).brief):
        with pytest.raises(ConfigError) as caught:
            ask(name)
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("since", ["", "x", "2026-13-01", "9999-12-31", "2026-03-05"])
def test_days_that_are_none(answers: Any, since: str) -> None:
    """Nor one that lies ahead."""
    with pytest.raises(ConfigError) as caught:
        answers(OPS).changes("ENG-0", since)
    assert caught.value.remedy


def test_a_day_long_ago_is_fine(answers: Any) -> None:
    assert len(answers(OPS).changes("ENG-0", "0001-01-01")["changes"]) == 1


def test_answers_are_bounded(tmp_path: Path) -> None:
    from benchmarks.report_store import StoreSize

    size = StoreSize(requisitions=2, applications=900, promises=10, cases=300, pairs=1)
    with opened(tmp_path, size) as services:
        found = AssistantAnswers(services, OPS).waiting_on("Person")
    assert len(found["cases"]) == 50
    assert found["more"] == 250


def test_the_most_urgent_come_first_over_all_people_who_are_meant(tmp_path: Path) -> None:
    """Whoever is last by name may owe what is due first: it is not cut off."""
    from benchmarks.report_store import StoreSize

    size = StoreSize(requisitions=6, applications=900, promises=10, cases=300, pairs=3)
    with opened(tmp_path, size) as services:
        found = AssistantAnswers(services, OPS).waiting_on("Person")
        cases = services.store.cases.read_open_cases("acme")
    assert len({one["waiting_on"] for one in found["cases"]}) > 1
    order = [(not one["is_late"], one["due_at"]) for one in found["cases"]]
    assert order == sorted(order)
    assert found["cases"][0]["due_at"] == min(c.due_at for c in cases if c.due_at).isoformat()


def test_nothing_is_written(config: Path, answers: Any) -> None:
    """The store is the same before and after."""

    def rows() -> list[Any]:
        with closing(sqlite3.connect(config.with_name("atsbridge.db"))) as connection:
            return [line for line in connection.iterdump() if 'INTO "cache"' not in line]

    before = rows()
    everything(answers(OPS))
    assert rows() == before
