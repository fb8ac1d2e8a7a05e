"""What a tick leaves for machines: a log, metrics, a ping; none of them can fail it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from atsbridge.context.run_failure import FailureCode, RunFailure
from atsbridge.context.run_state import RunState
from atsbridge.context.run_summary import AccountSummary, Summary
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.settings.settings_model import Settings
from atsbridge.tick.reports import publish
from atsbridge.tick.run_news import find_news

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


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


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_the_log_is_lines_of_json_with_an_action(tmp_path: Path, report: Any) -> None:
    """Each with instant, level and, but for the tick itself, account."""
    report(log_file="tick.log")
    found = lines(tmp_path / "tick.log")
    parts = ["evaluate", "deliver", "account"]
    assert [one["action"] for one in found] == ["sync", *parts, *parts, "tick"]
    assert {one["ts"] for one in found} == {"2026-03-09T17:05:00.000Z"}
    assert [one["account"] for one in found[:-1]] == ["acme"] * 4 + ["globex"] * 3
    assert {one["level"] for one in found} == {"info"}
    assert {one["run"] for one in found} == {"run1"}
    assert found[3]["seconds"] == 1.5
    assert (tmp_path / "tick.log").stat().st_mode & 0o777 == 0o600


def test_a_message_is_logged_without_its_reader_and_subject(app: Any, tmp_path: Path) -> None:
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


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path, report: Any) -> None:
    """logrotate needs no signal."""
    report(log_file="tick.log")
    (tmp_path / "tick.log").rename(tmp_path / "tick.log.1")
    report(log_file="tick.log")
    assert len(lines(tmp_path / "tick.log")) == len(lines(tmp_path / "tick.log.1"))


def test_a_failure_is_in_the_log_with_its_remedy(tmp_path: Path, report: Any) -> None:
    """And the tick that had it is an error."""
    report(
        RunFailure("acme/offers", "refused", "Check base_url", FailureCode.AUTH),
        log_file="tick.log",
    )
    found = lines(tmp_path / "tick.log")
    (failure,) = [one for one in found if one["action"] == "fail"]
    assert failure | {"ts": ""} == {
        "ts": "", "level": "error", "action": "fail", "run": "run1", "account": "acme",
        "where": "acme/offers", "what": "refused", "remedy": "Check base_url",
    }  # fmt: skip
    assert (found[-1]["level"], found[-1]["exit"]) == ("error", 1)


def test_metrics_are_a_textfile_a_collector_takes(
    app: Any, tmp_path: Path, report: Callable[..., Summary]
) -> None:
    """Each name once with help and type; nothing half written lies beside it."""
    case = Case(number=0, rule='odd "rule"', subject=Key("acme", "seat", "s1"), opened_at=NOW,
                clock=Clock.BREACHED)  # fmt: skip
    notices = (_notice("k1", state=NoticeState.DEAD), _notice("k2"))
    app.store.cases.save_decision(Decision(account="acme", at=NOW, cases=(case,), notices=notices))
    report(metrics_file="atsbridge.prom")
    text = (tmp_path / "atsbridge.prom").read_text("utf-8")
    names = re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE)
    assert len(names) == len(set(names)) == 9
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    label = r'[a-z]+="(?:[^"\\\n]|\\.)*"'
    sample = re.compile(rf"[a-z_]+(?:\{{{label}(?:,{label})*\}})? [-+.e\d]+")
    assert [line for line in samples if not sample.fullmatch(line)] == []
    assert 'atsbridge_open_cases{account="acme",clock="breached",rule="odd \\"rule\\""} 1.0' in text
    assert 'atsbridge_notices{account="acme",state="dead"} 1.0' in samples
    assert 'atsbridge_notices{account="acme",state="queued"} 1.0' in samples
    assert 'atsbridge_account_duration_seconds{account="acme"} 1.5' in samples
    assert value_of(text, "atsbridge_tick_timestamp_seconds", {}) == NOW.timestamp() + 3600
    assert [path.name for path in tmp_path.iterdir() if ".prom." in path.name] == []


def test_a_success_is_dated_by_the_last_tick_without_failure(
    app: Any, tmp_path: Path, report: Any
) -> None:
    """A tick that fails leaves the instant of the one before, for this account alone."""
    good = report(metrics_file="m.prom").at.timestamp()
    RunState(app.store.run_state, "acme").note_success(datetime.fromtimestamp(good, UTC))
    bad = report(
        RunFailure("acme/offers", "refused", "", FailureCode.AUTH), metrics_file="m.prom"
    ).at.timestamp()
    text = (tmp_path / "m.prom").read_text("utf-8")
    name = "atsbridge_account_success_timestamp_seconds"
    assert value_of(text, name, {"account": "acme"}) == good
    assert value_of(text, name, {"account": "globex"}) == bad


def value_of(text: str, name: str, labels: dict[str, str]) -> float:
    """The value of a sample, as the library's parser reads it."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    (value,) = [one.value for one in samples if (one.name, one.labels) == (name, labels)]
    return value


def test_the_switch_hears_of_good_and_bad_ticks(report: Any, switch: Switch) -> None:
    """The address itself, or with /fail behind its path."""
    report(ping_url=switch.url)
    report(
        RunFailure("acme/offers", "refused", "", FailureCode.AUTH),
        ping_url=f"{switch.url}?via=cron",
    )
    assert switch.asked == ["/ping/5ec2e7-ping", "/ping/5ec2e7-ping/fail?via=cron"]


def test_a_tick_that_found_every_account_locked_is_silent(app: Any, switch: Switch) -> None:
    """The tick that holds them tells."""
    app.settings = Settings(run={"ping_url": switch.url})
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    publish.report(app, locked, None)  # type: ignore[arg-type]
    assert switch.asked == []


def test_the_address_may_stand_in_a_file(tmp_path: Path, report: Any, switch: Switch) -> None:
    """As every secret."""
    (tmp_path / "ping.url").write_text(f"{switch.url}\n", "utf-8")
    assert report(ping_url_file="ping.url").asides == []
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
    settings: dict[str, str], what: str, app: Any, report: Any, switch: Switch
) -> None:
    """Told once, then silence until it is over; nothing of the address is shown."""
    switch.status = 503
    given = {key: value.replace("{url}", switch.url) for key, value in settings.items()}
    first, second, unset = report(**given), report(**given), report()
    assert (first.exit_code, second.exit_code) == (0, 0)
    (said,) = find_news(app.store, first)
    assert said.startswith(what)
    assert "5ec2e7-ping" not in said + str(first.asides)
    assert list(find_news(app.store, second)) == []
    assert list(find_news(app.store, unset)) == []  # nobody tried again
    switch.status = 200
    (app.settings.folder / "no").mkdir()
    mended = {key: switch.url if "ping" in key else value for key, value in given.items()}
    mended = {
        key.removesuffix("_file") if "ping" in key else key: value for key, value in mended.items()
    }
    (over,) = find_news(app.store, report(**mended))
    assert over.startswith("recovered: [run] ")


@pytest.mark.parametrize("wrong", ["hc-ping.example/x", "ftp://hc.example/5ec2e7", "https:///x"])
def test_an_address_that_is_none_is_refused_without_showing_it(wrong: str) -> None:
    """It is a secret even when it is wrong."""
    with pytest.raises(ValueError, match="write a whole address, such as https://") as refused:
        Settings(run={"ping_url": wrong})
    assert wrong not in str(refused.value)


def test_a_tick_is_summed_up_in_a_line(report: Callable[..., Summary]) -> None:
    """For whoever watches; accounts that were locked are not among them."""
    summary = report(RunFailure("acme/offers", "refused", "", FailureCode.AUTH))
    summary.accounts[1].open, summary.accounts[1].notices = 1200, {"sent": 3, "held": 1}
    summary.accounts.append(AccountSummary("initech", locked=True))
    said = "2 accounts in 1.5 s; 2 requests; 1,200 open cases; 3 sent; 1 failed"
    assert summary.line() == said


def _notice(key: str, **more: Any) -> Notice:
    return Notice(key=key, account="acme", case=0, rule="late", subject=Key("acme", "seat", "s1"),
                  destination=MARA, purpose=Purpose.SEND, created_at=NOW, **more)  # fmt: skip


def test_one_is_one_and_a_tick_that_left_all_alone_says_so() -> None:
    """No "1 requests", and no count of what another tick has in hand."""
    acme = AccountSummary("acme", requests=1, open=1)
    assert acme.line().startswith("acme: 1 request, 0 new")
    assert "; 1 request; 1 open case; " in Summary(at=NOW, accounts=[acme]).line()
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    assert locked.line() == "Another tick is at work; this one left it alone"


@pytest.mark.parametrize("setting", ["log_file", "metrics_file"])
def test_neither_log_nor_metrics_touch_a_file_that_is_something_else(
    setting: str, app: Any, report: Any
) -> None:
    """The settings or the store, named by a slip."""
    file = app.settings.folder / "other"
    file.write_bytes(b"SQLite format 3\x00")
    summary = report(**{setting: "other"})
    assert file.read_bytes() == b"SQLite format 3\x00"
    (said,) = find_news(app.store, summary)
    assert said.startswith(f"[run] {setting}: ")
    assert "holds something else" in said
