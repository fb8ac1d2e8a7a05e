"""What a tick leaves for machines: a log, metrics, a ping; none of them can fail it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest


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


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(30)
    yield made
    made.close()


@pytest.fixture
def asked(world: Any) -> Iterator[Callable[[str], Any]]:
    """A tick, an hour later, with these lines under [run]; the settings are put back."""
    before = world.config.read_text("utf-8")

    def go(lines: str, hours: int = 1) -> Any:
        assert "[run]" in before
        world.config.write_text(before.replace("[run]", f"[run]\n{lines}"), "utf-8")
        world.standing.advance(world.now + timedelta(hours=hours))
        return world.tick()

    yield go
    world.config.write_text(before, "utf-8")
    for fake in world.standing.fakes.values():
        fake.server.faults.clear()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_the_log_is_lines_of_json_with_an_action(world: Any, asked: Any) -> None:
    """Each with instant, level and account; a message names neither reader nor subject."""
    asked('log_file = "tick.log"')
    asked('log_file = "tick.log"', hours=24)
    told = lines(world.folder / "tick.log")
    assert {"sync", "judge", "deliver", "account", "send", "tick"} <= {one["action"] for one in told}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z", one["ts"]) for one in told)
    assert {one["account"] for one in told if one["action"] != "tick"} == {"acme", "globex"}
    assert {one["level"] for one in told} == {"info"}
    sent = next(one for one in told if one["action"] == "send")
    assert set(sent) == {"ts", "level", "action", "account", "rule", "case", "sink", "kind",
                         "purpose", "key"}  # fmt: skip
    assert "@" not in json.dumps([one for one in told if one["action"] == "send"])


def test_a_log_that_was_moved_away_is_begun_anew(world: Any, asked: Any) -> None:
    """logrotate needs no signal."""
    file = world.folder / "moved.log"
    asked('log_file = "moved.log"')
    file.rename(world.folder / "moved.log.1")
    asked('log_file = "moved.log"')
    assert lines(file)[-1]["action"] == "tick"


def test_a_failure_is_in_the_log_with_its_remedy(world: Any, asked: Any) -> None:
    """And the tick that had it is an error."""
    world.standing.fakes["acme"].server.faults.add("/v3/offers", 1, status=422, body={})
    assert asked('log_file = "bad.log"').code == 1
    told = lines(world.folder / "bad.log")
    (failure,) = [one for one in told if one["action"] == "fail"]
    assert (failure["level"], failure["account"]) == ("error", "acme")
    assert failure["where"] == "acme/offers"
    assert told[-1] | {"ts": ""} == {
        "ts": "", "level": "error", "action": "tick", "exit": 1, "accounts": 2,
    }  # fmt: skip


def test_metrics_are_a_textfile_a_collector_takes(world: Any, asked: Any) -> None:
    """Each name once with help and type; nothing half written lies beside it."""
    asked('metrics_file = "atsbridge.prom"')
    text = (world.folder / "atsbridge.prom").read_text("utf-8")
    names = re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE)
    assert len(names) == len(set(names)) > 8
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [-+.e\d]+')
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples if not sample.fullmatch(line)] == []
    assert f"atsbridge_tick_timestamp_seconds {world.now.timestamp():.15g}" in samples
    assert 'atsbridge_notices{account="acme",state="dead"} 0' in samples
    assert any(line.startswith('atsbridge_open_cases{account="acme",rule="') for line in samples)
    assert [path.name for path in world.folder.iterdir() if ".prom." in path.name] == []


def test_a_success_is_dated_by_the_last_tick_that_had_no_failure(world: Any, asked: Any) -> None:
    """A tick that fails leaves the instant of the one before, for this account alone."""
    asked('metrics_file = "m.prom"')
    good = world.now.timestamp()
    world.standing.fakes["acme"].server.faults.add("/v3/offers", 1, status=422, body={})
    asked('metrics_file = "m.prom"')
    text = (world.folder / "m.prom").read_text("utf-8")
    at = 'atsbridge_account_success_timestamp_seconds{account="%s"} %.15g\n'
    assert at % ("acme", good) in text
    assert at % ("globex", world.now.timestamp()) in text


def test_the_switch_hears_of_good_and_bad_ticks(world: Any, asked: Any, switch: Switch) -> None:
    """The address itself, or with /fail behind it; never from a dry run."""
    asked(f'ping_url = "{switch.url}"')
    world.call("run", "--dry-run", "--now", world.now.isoformat())
    world.standing.fakes["acme"].server.faults.add("/v3/offers", 1, status=422, body={})
    asked(f'ping_url = "{switch.url}?via=cron"')
    assert switch.asked == ["/ping/5ec2e7-ping", "/ping/5ec2e7-ping/fail?via=cron"]


def test_the_address_may_stand_in_a_file(world: Any, asked: Any, switch: Switch) -> None:
    """As every secret."""
    (world.folder / "ping.url").write_text(f"{switch.url}\n", "utf-8")
    assert asked('ping_url_file = "ping.url"').err == ""
    assert switch.asked == ["/ping/5ec2e7-ping"]


@pytest.mark.parametrize("trouble", ["refused", "answered", "no log", "no metrics"])
def test_none_of_them_fails_the_tick(
    trouble: str, world: Any, asked: Any, switch: Switch
) -> None:
    """Told once, then silence; nothing of the address is shown; it goes on when it can."""
    url = switch.url
    settings, told = {
        "refused": (f'ping_url = "{url}"', "[run] ping_url: the ping was not taken: "),
        "answered": (f'ping_url = "{url}"', "[run] ping_url: the ping was answered with HTTP 503"),
        "no log": ('log_file = "no/where.log"', "[run] log_file: the log cannot be written: No "),
        "no metrics": ('metrics_file = "no/m"', "[run] metrics_file: the metrics cannot be writ"),
    }[trouble]
    switch.status = 503
    if trouble == "refused":
        settings = settings.replace(url, "http://127.0.0.1:9/5ec2e7-ping")
    first, second = asked(settings), asked(settings)
    assert (first.code, second.code) == (0, 0)
    assert first.err.startswith(told)
    assert "5ec2e7-ping" not in first.err
    assert second.err == ""
    assert asked("").err.startswith("recovered: [run] ")


def test_a_mistake_in_the_settings_is_told_once(world: Any, asked: Any) -> None:
    """cron mails every line; another mistake is told, and that it is over."""
    before = world.config.read_text("utf-8")
    world.config.write_text(before.replace("[notify]", '[notify]\nops = "nobody"', 1), "utf-8")
    first, second = world.tick(), world.tick()
    world.config.write_text(before, "utf-8")
    third = world.tick()
    assert (first.code, second.code, third.code) == (2, 2, 0)
    assert "there is no team 'nobody' to tell of trouble" in first.err
    assert second.err == ""
    assert third.err.startswith("recovered: settings: [notify] ops: there is no team 'nobody'")
