"""What a tick leaves for machines: a log, metrics, a ping; none of them can fail it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from atsbridge.context.run_summary import STILL, AccountSummary, RunFailure, Summary
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.settings.settings_model import Settings
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.tick.reports import publish
from atsbridge.tick.run_news import find_news, is_new_mistake
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
MARA = Destination("post", "person", "mara@acme.example", "u1", "interviewer")


class Switch:
    """A dead man's switch on loopback: the paths it was asked for, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.asked.append(self.path)
                self.send_response(heard.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/ping/5ec2e7-ping"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def switch() -> Iterator[Switch]:
    made = Switch()
    yield made
    made.close()


@dataclass
class App:
    """What of the wiring a report asks."""

    settings: Settings
    store: SqlStore
    time: ManualTime = field(default_factory=lambda: ManualTime(NOW))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", ManualTime(NOW))
    yield App(Settings(folder=tmp_path), store)
    store.close()


@pytest.fixture
def told(app: App) -> Callable[..., Summary]:
    """The report of a tick over two accounts, with these settings under [run]."""

    def go(*failures: RunFailure, **settings: Any) -> Summary:
        app.settings = Settings(folder=app.settings.folder, run=settings)
        app.time.advance(timedelta(hours=1))
        stream = {"stream": "offers", "status": "good", "requests": 2, "error": "", "lost": []}
        acme = AccountSummary(
            "acme", streams=[stream], requests=2, evaluated={"kept": 3}, seconds=1.5
        )
        acme.failures += failures
        summary = Summary(at=app.time.now(), accounts=[acme, AccountSummary("globex")])
        log = publish.journal(app, "run1")  # type: ignore[arg-type]
        if log is not None:
            for one in summary.accounts:
                log.account(one)
        publish.report(app, summary, log)  # type: ignore[arg-type]
        return summary

    return go


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_the_log_is_lines_of_json_with_an_action(tmp_path: Path, told: Any) -> None:
    """Each with instant, level and, but for the tick itself, account."""
    told(log_file="tick.log")
    found = lines(tmp_path / "tick.log")
    parts = ["evaluate", "deliver", "account"]
    assert [one["action"] for one in found] == ["sync", *parts, *parts, "tick"]
    assert {one["ts"] for one in found} == {"2026-03-09T17:05:00.000Z"}
    assert [one["account"] for one in found[:-1]] == ["acme"] * 4 + ["globex"] * 3
    assert {one["level"] for one in found} == {"info"}
    assert {one["run"] for one in found} == {"run1"}
    assert found[3]["seconds"] == 1.5
    assert (tmp_path / "tick.log").stat().st_mode & 0o777 == 0o600


def test_a_message_is_logged_without_its_reader_and_subject(app: App, tmp_path: Path) -> None:
    """By case, rule and key, which `atsbridge notices show` takes; other watchers hear it too."""
    app.settings = Settings(folder=tmp_path, run={"log_file": "tick.log"})
    heard: list[Any] = []
    watch = publish.noted(
        publish.journal(app, "run1"),  # type: ignore[arg-type]
        lambda notice, _message: heard.append(notice.key),
    )
    assert watch is not None
    watch(_notice("k1"), None)  # type: ignore[arg-type]
    (line,) = lines(tmp_path / "tick.log")
    assert line | {"ts": ""} == {
        "ts": "", "level": "info", "action": "send", "run": "run1", "account": "acme",
        "rule": "late", "case": 0, "sink": "post", "kind": "person", "purpose": "send", "key": "k1",
    }  # fmt: skip
    assert heard == ["k1"]


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path, told: Any) -> None:
    """logrotate needs no signal."""
    told(log_file="tick.log")
    (tmp_path / "tick.log").rename(tmp_path / "tick.log.1")
    told(log_file="tick.log")
    assert len(lines(tmp_path / "tick.log")) == len(lines(tmp_path / "tick.log.1"))


def test_a_failure_is_in_the_log_with_its_remedy(tmp_path: Path, told: Any) -> None:
    """And the tick that had it is an error."""
    told(RunFailure("acme/offers", "refused", "Check base_url"), log_file="tick.log")
    found = lines(tmp_path / "tick.log")
    (failure,) = [one for one in found if one["action"] == "fail"]
    assert failure | {"ts": ""} == {
        "ts": "", "level": "error", "action": "fail", "run": "run1", "account": "acme",
        "where": "acme/offers", "what": "refused", "remedy": "Check base_url",
    }  # fmt: skip
    assert (found[-1]["level"], found[-1]["exit"]) == ("error", 1)


def test_metrics_are_a_textfile_a_collector_takes(
    app: App, tmp_path: Path, told: Callable[..., Summary]
) -> None:
    """Each name once with help and type; nothing half written lies beside it."""
    case = Case(number=0, rule='odd "rule"', subject=Key("acme", "seat", "s1"), opened_at=NOW,
                clock=Clock.BREACHED)  # fmt: skip
    notices = (_notice("k1", state=NoticeState.DEAD), _notice("k2"))
    app.store.cases.save_decision(Decision(account="acme", at=NOW, cases=(case,), notices=notices))
    told(metrics_file="atsbridge.prom")
    text = (tmp_path / "atsbridge.prom").read_text("utf-8")
    names = re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE)
    assert len(names) == len(set(names)) == 9
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    label = r'[a-z]+="(?:[^"\\\n]|\\.)*"'
    sample = re.compile(rf"[a-z_]+(?:\{{{label}(?:,{label})*\}})? [-+.e\d]+")
    assert [line for line in samples if not sample.fullmatch(line)] == []
    assert 'atsbridge_open_cases{account="acme",rule="odd \\"rule\\"",clock="breached"} 1' in text
    assert 'atsbridge_notices{account="acme",state="dead"} 1' in samples
    assert 'atsbridge_notices{account="acme",state="queued"} 1' in samples
    assert 'atsbridge_account_duration_seconds{account="acme"} 1.5' in samples
    assert f"atsbridge_tick_timestamp_seconds {NOW.timestamp() + 3600:.15g}" in samples
    assert [path.name for path in tmp_path.iterdir() if ".prom." in path.name] == []


def test_a_success_is_dated_by_the_last_tick_without_failure(tmp_path: Path, told: Any) -> None:
    """A tick that fails leaves the instant of the one before, for this account alone."""
    good = told(metrics_file="m.prom").at.timestamp()
    bad = told(RunFailure("acme/offers", "refused"), metrics_file="m.prom").at.timestamp()
    text = (tmp_path / "m.prom").read_text("utf-8")
    at = 'atsbridge_account_success_timestamp_seconds{account="%s"} %.15g\n'
    assert at % ("acme", good) in text
    assert at % ("globex", bad) in text


def test_the_switch_hears_of_good_and_bad_ticks(told: Any, switch: Switch) -> None:
    """The address itself, or with /fail behind its path."""
    told(ping_url=switch.url)
    told(RunFailure("acme/offers", "refused"), ping_url=f"{switch.url}?via=cron")
    assert switch.asked == ["/ping/5ec2e7-ping", "/ping/5ec2e7-ping/fail?via=cron"]


def test_a_tick_that_found_every_account_locked_is_silent(app: App, switch: Switch) -> None:
    """The tick that holds them tells."""
    app.settings = Settings(run={"ping_url": switch.url})
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    publish.report(app, locked, None)  # type: ignore[arg-type]
    assert switch.asked == []


def test_the_address_may_stand_in_a_file(tmp_path: Path, told: Any, switch: Switch) -> None:
    """As every secret."""
    (tmp_path / "ping.url").write_text(f"{switch.url}\n", "utf-8")
    assert told(ping_url_file="ping.url").asides == []
    assert switch.asked == ["/ping/5ec2e7-ping"]


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"ping_url": "{url}"}, "[run] ping_url: the ping was answered with HTTP 503"),
        ({"ping_url": "http://127.0.0.1:9/5ec2e7-ping"}, "[run] ping_url: the ping was not taken"),
        (
            {"ping_url_file": "none"},
            "[run] ping_url: run.ping_url_file: the secret file",
        ),
        ({"log_file": "no/where.log"}, "[run] log_file: the log cannot be written: No such file"),
        ({"metrics_file": "no/m.prom"}, "[run] metrics_file: the metrics cannot be written: No"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_none_of_them_fails_the_tick(
    settings: dict[str, str], what: str, app: App, told: Any, switch: Switch
) -> None:
    """Told once, then silence until it is over; nothing of the address is shown."""
    switch.status = 503
    given = {key: value.replace("{url}", switch.url) for key, value in settings.items()}
    first, second, unset = told(**given), told(**given), told()
    assert (first.exit_code, second.exit_code) == (0, 0)
    (said,) = find_news(app.store, first)
    assert said.startswith(what)
    assert "5ec2e7-ping" not in said + json.dumps(first.as_dict())
    assert list(find_news(app.store, second)) == []
    assert list(find_news(app.store, unset)) == []  # nobody tried again
    switch.status = 200
    (app.settings.folder / "no").mkdir()
    mended = {key: switch.url if "ping" in key else value for key, value in given.items()}
    mended = {
        key.removesuffix("_file") if "ping" in key else key: value for key, value in mended.items()
    }
    (over,) = find_news(app.store, told(**mended))
    assert over.startswith("recovered: [run] ")


@pytest.mark.parametrize("wrong", ["hc-ping.example/x", "ftp://hc.example/5ec2e7", "https:///x"])
def test_an_address_that_is_none_is_refused_without_showing_it(wrong: str) -> None:
    """It is a secret even when it is wrong."""
    with pytest.raises(ValueError, match="write a whole address, such as https://") as refused:
        Settings(run={"ping_url": wrong})
    assert wrong not in str(refused.value)


def test_a_mistake_in_the_settings_is_news_once(app: App, told: Any) -> None:
    """cron mails every line: another mistake is told, and that it is over."""
    assert is_new_mistake(app.store, "no team")
    assert not is_new_mistake(app.store, "no team")
    assert is_new_mistake(app.store, "no sink")
    assert list(find_news(app.store, told())) == ["recovered: settings: no sink"]


def test_a_tick_is_summed_up_in_a_line(told: Callable[..., Summary]) -> None:
    """For whoever watches; accounts that were locked are not among them."""
    summary = told(RunFailure("acme/offers", "refused"))
    summary.accounts[1].open, summary.accounts[1].notices = 1200, {"sent": 3, "held": 1}
    summary.accounts.append(AccountSummary("initech", locked=True))
    said = "2 accounts in 1.5 s; 2 requests; 1,200 open cases; 3 sent; 1 failed"
    assert summary.line() == said


def _notice(key: str, **more: Any) -> Notice:
    return Notice(key=key, account="acme", case=0, rule="late", subject=Key("acme", "seat", "s1"),
                  destination=MARA, purpose=Purpose.SEND, created_at=NOW, **more)  # fmt: skip


def test_an_account_may_bear_any_name(app: App) -> None:
    """What failed of an account called "rules" is not taken for what failed of the rules."""
    failed = RunFailure("rules", "the token was refused")

    def at_fault() -> Summary:
        return Summary(at=NOW, accounts=[AccountSummary("rules", failures=[failed])])

    assert len(list(find_news(app.store, at_fault()))) == 1
    assert list(find_news(app.store, at_fault())) == []
    broken = at_fault()
    broken.rule_error = "a.yaml:1:1: no such key"
    assert list(find_news(app.store, broken)) == ["a.yaml:1:1: no such key"]


def test_one_is_one_and_a_tick_that_left_all_alone_says_so() -> None:
    """No "1 requests", and no count of what another tick has in hand."""
    acme = AccountSummary("acme", requests=1, open=1)
    assert acme.line().startswith("acme: 1 request, 0 new")
    assert "; 1 request; 1 open case; " in Summary(at=NOW, accounts=[acme]).line()
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    assert locked.line() == "Another tick is at work; this one left it alone"


def test_what_nobody_tried_again_has_not_recovered(app: App, told: Any) -> None:
    """A server that is down all night is told once, and once when it took a message."""
    down = RunFailure(
        "acme/email", "nobody listens there", place="sink/email", code="RetryableError"
    )

    def lines(*found: RunFailure, worked: str = "") -> list[str]:
        summary = told(*found)
        summary.accounts[0].worked |= {worked}
        return list(find_news(app.store, summary))

    said = [lines(*found) for found in ((down,), (), (down,), ())]
    assert said == [[str(down)], [], [], []]
    assert lines(worked="acme/offers") == []
    assert lines(worked="sink/email") == [f"recovered: {down}"]
    assert lines(worked="sink/email") == []


def test_an_account_that_was_skipped_has_not_recovered(app: App, told: Any) -> None:
    """Locked by another run, or left out of this one: nothing of it was tried."""
    failed = RunFailure("acme/offers", "answers 500", code="RetryableError")
    list(find_news(app.store, told(failed)))
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    without = Summary(at=NOW, accounts=[AccountSummary("globex")])
    assert [*find_news(app.store, locked), *find_news(app.store, without)] == []
    assert list(find_news(app.store, told(failed))) == []


def test_the_same_kind_of_failure_in_other_words_is_no_news(app: App, told: Any) -> None:
    """Another 5xx, another count: told once. Of another kind: told."""
    first = RunFailure("acme/offers", "answers 500", code="RetryableError")
    other = replace(first, what="answers 503, tried 3 times")
    refused = replace(first, what="the token was refused", code="AuthError")
    assert list(find_news(app.store, told(first))) == [str(first)]
    assert list(find_news(app.store, told(other))) == []
    assert list(find_news(app.store, told(refused))) == [str(refused)]


def test_what_goes_on_untried_is_no_news(app: App, told: Any) -> None:
    """Told in its first words, it is told again only after it was over; so when it is over."""
    lost = RunFailure("acme/users", "email came as a number", place="acme/users/fields")
    goes_on = replace(lost, what="still cannot be read: user.email", code=STILL)
    assert list(find_news(app.store, told(lost))) == [str(lost)]
    assert list(find_news(app.store, told(goes_on))) == []
    assert list(find_news(app.store, told(lost))) == []
    well = told()
    well.accounts[0].worked |= {"acme/users/fields"}
    assert list(find_news(app.store, well)) == [f"recovered: {lost}"]


def test_rules_have_recovered_once_they_were_read(app: App) -> None:
    """A run that read no rules (all accounts locked, or none judged) says nothing of them."""
    wrong = Summary(at=NOW, accounts=[AccountSummary("acme")], rule_error="a.yaml:1:1: no key")
    list(find_news(app.store, wrong))
    idle = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    assert list(find_news(app.store, idle)) == []
    judged = Summary(at=NOW, accounts=[AccountSummary("acme", worked={"acme/rules"})])
    assert list(find_news(app.store, judged)) == ["recovered: a.yaml:1:1: no key"]


def test_a_list_that_was_not_asked_has_not_recovered(new_world: Callable[..., Any]) -> None:
    """A dry run in between says nothing; the run that reads the list again does."""
    world = new_world(20)
    try:
        assert world.tick().code == 0
        server = world.standing.fakes["acme"].server
        server.faults.add("/v3/offers", None, status=500, body={"message": "Internal error"})
        world.standing.advance(world.now + timedelta(hours=1))
        assert "acme/offers" in world.tick().err
        server.faults.clear()
        assert "recovered" not in world.call("run", "--dry-run").err
        world.standing.advance(world.now + timedelta(hours=1))
        assert "recovered: acme/offers" in world.tick().err
    finally:
        world.close()
