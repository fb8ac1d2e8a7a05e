"""The server under load: `python -m benchmarks.serve [--quick]`.

* the overview of 500 requisitions, for 20 readers at once: under 100 ms at the 95th percentile
* 200 webhooks a second while a run is at work: all accepted, none lost, and answered within 100 ms
  at the 95th percentile
* from the event in the ATS to the message in the chat: under 10 s
* `atsbridge status`: at most 1.2 times as long as the imports it needs

The server is a process of its own, so are the readers and the run.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.report_store import StoreSize, fill, write_settings

from atsbridge.app import open_services
from atsbridge.timesource import ManualTime

TOKEN = "benchmark-token-0123456789"
SECRET = "benchmark-webhooks"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
READERS, PER_READER, THINK = 20, 30, 0.5  # seconds that a reader looks at a page
EVENTS, RATE = 2000, 200
SENDERS = 40  # connections; a vendor does not wait for one delivery before it sends the next
GOALS = {"overview": 0.1, "answers": 0.1, "message": 10.0, "status": 1.2}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer pages and webhooks")
    quick = options.parse_args().quick
    good = [
        _measure_overview(10 if quick else PER_READER),
        _measure_webhooks(600 if quick else EVENTS),
        _measure_message(),
        _measure_status(5 if quick else 15),
    ]
    sys.exit(not all(good))


# --- the server as a process ----------------------------------------------------------------


@contextmanager
def _serving(config: Path) -> Iterator[str]:
    """The address of `atsbridge serve`."""
    command = [sys.executable, "-m", "atsbridge", "--config", str(config)]
    process = subprocess.Popen(
        [*command, "serve", "--bind", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    address = re.search(r"http://\S+:\d+", line)
    if address is None:
        sys.exit(line + process.stderr.read())
    drain = threading.Thread(target=process.stderr.read, daemon=True)  # the access log
    drain.start()
    try:
        yield address[0]
    finally:
        process.terminate()
        process.wait(20)


def _settings(folder: Path, size: StoreSize) -> Path:
    config = write_settings(folder, size)
    text = config.read_text("utf-8")
    secret = f'[accounts.acme]\nwebhook_secret = "{SECRET}"\n'
    serve = f'\n[serve]\ntoken = "{TOKEN}"\nrequests_per_minute = 100000\n'
    config.write_text(text.replace("[accounts.acme]\n", secret) + serve, "utf-8")
    with open_services(config, time=ManualTime(NOW)) as services:
        fill(services, folder, size, NOW)
    return config


# --- the overview ---------------------------------------------------------------------------


def _measure_overview(pages: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        config = _settings(Path(name), StoreSize())
        with _serving(config) as url:
            _fetch(url)  # the first reader of the day waits for the store
            times, size = _read_pages(url, pages)
    times.sort()
    ninety_fifth = times[int(len(times) * 0.95)]
    return _say(
        "overview",
        f"{len(times)} pages of {size / 1e3:.0f} KB by {READERS} readers:"
        f" median {statistics.median(times) * 1e3:.0f} ms,"
        f" 95th percentile {ninety_fifth * 1e3:.0f} ms",
        ninety_fifth,
    )


def _read_pages(url: str, pages: int) -> tuple[list[float], int]:
    """Every reader asks for the overview, looks at it for a while, and asks again."""
    times: list[float] = []
    sizes: set[int] = set()

    def read(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        time.sleep(THINK * number / READERS)
        for page in range(pages):
            begun = time.perf_counter()
            size = _fetch(url, f"/?q=&p={page}", connection)
            times.append(time.perf_counter() - begun)
            sizes.add(size)
            time.sleep(THINK)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return times, max(sizes)


def _fetch(url: str, path: str = "/", connection: http.client.HTTPConnection | None = None) -> int:
    connection = connection or http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit(f"the page answered {answer.status}")
    return len(body)


# --- webhooks while a run is at work --------------------------------------------------------


def _measure_webhooks(events: int) -> bool:
    """Sends at RATE a second from several connections, while another process writes the store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = _settings(folder, StoreSize(50, 500, 400, 20, 20))
        writer = subprocess.Popen([sys.executable, "-m", "benchmarks.serve_writer", str(config)])
        try:
            with _serving(config) as url:
                took, times, accepted = _send_events(url, events)
        finally:
            writer.terminate()
            writer.wait(20)
        with closing(sqlite3.connect(folder / "atsbridge.db")) as connection:
            stored = connection.execute("SELECT count(*) FROM hints").fetchone()[0]
    times.sort()
    rate, ninety_fifth = accepted / took, times[int(len(times) * 0.95)]
    whole = accepted == stored == events and rate >= RATE * 0.98
    print(f"webhooks: {accepted} of {events} accepted at {rate:.0f} a second, {stored} stored")
    print(f"{'reached' if whole else 'MISSED'}: {RATE} a second accepted, none lost", flush=True)
    text = f"median {statistics.median(times) * 1e3:.0f} ms, 95th percentile"
    return _say("answers", f"{text} {ninety_fifth * 1e3:.0f} ms", ninety_fifth) and whole


def _send_events(url: str, events: int) -> tuple[float, list[float], int]:
    times: list[float] = []
    statuses: list[int] = []
    numbers = iter(range(1, events + 1))
    guard = threading.Lock()
    begun = time.perf_counter()

    def send() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        while True:
            with guard:
                number = next(numbers, 0)
            if not number:
                return
            wait = begun + number / RATE - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            sent = time.perf_counter()
            body = json.dumps(
                {"action": "application_updated", "payload": {"application": {"id": number}}}
            ).encode()
            digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            connection.request("POST", "/webhooks/acme", body, {"Signature": f"sha256 {digest}"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - sent)
            statuses.append(answer.status)

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return time.perf_counter() - begun, times, statuses.count(200)


# --- from the event to the message ----------------------------------------------------------


def _measure_message() -> bool:
    """In the sandbox: something happens in the ATS, its webhook comes, the chat shows it."""
    from tests.conftest import build

    with tempfile.TemporaryDirectory() as name:
        world = build(Path(name) / "world", 150, 5)
        fake, slack = world.standing.fakes["acme"], world.standing.find_slack("acme")
        secret = f'[accounts.acme]\nwebhook_secret = "{fake.webhook_secret}"\n'
        world.configure(lambda text: text.replace("[accounts.acme]\n", secret))
        world.configure(lambda text: text + f'\n[serve]\ntoken = "{TOKEN}"\n')
        for _ in range(5):
            world.tick()
            world.standing.clock.advance(world.now + timedelta(hours=9))
        world.tick()
        with closing(sqlite3.connect(world.store)) as connection:
            found = connection.execute(
                "SELECT id FROM applications WHERE account = 'acme' AND status = 'active'"
            )
            ids = [row[0] for row in found]
        with _serving(world.config) as url:
            _fetch(url)
            world.standing.advance(world.now + timedelta(hours=20))
            before, begun = len(slack.server.log), time.perf_counter()
            for one in ids:
                assert fake.sign_webhook is not None
                body, headers = fake.sign_webhook("application", one)
                connection_ = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
                connection_.request("POST", "/webhooks/acme", body, dict(headers))
                connection_.getresponse().read()
            while not _has_sent(slack.server.log[before:]):
                if time.perf_counter() - begun > 60:
                    break
                time.sleep(0.02)
            took = time.perf_counter() - begun
        world.close()
    return _say("message", f"{len(ids)} events to the first message: {took:.1f} s", took)


def _has_sent(log: Sequence[tuple[str, str, object]]) -> bool:
    return any(path.endswith(("chat.postMessage", "chat.update")) for _, path, _ in log)


# --- status ---------------------------------------------------------------------------------


def _measure_status(rounds: int) -> bool:
    """The command against a process that only imports what it imports, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        config = _settings(Path(name), StoreSize(50, 500, 400, 20, 20))
        status = [sys.executable, "-m", "atsbridge", "--config", str(config), "status"]
        listed = subprocess.run(
            [sys.executable, "-c", _LIST.format(config=str(config))],
            capture_output=True,
            text=True,
            check=False,
        )
        modules = listed.stdout.splitlines()[-1]
        imports = [sys.executable, "-c", _IMPORT.format(modules=modules)]
        pairs = [(_time(status), _time(imports)) for _ in range(rounds)]
    ours = min(one for one, _ in pairs)
    theirs = min(one for _, one in pairs)
    text = f"{ours * 1e3:.0f} ms, its imports {theirs * 1e3:.0f} ms: {ours / theirs:.2f}"
    return _say("status", text, ours / theirs)


_LIST = """
import sys
sys.argv = ["atsbridge", "--config", {config!r}, "status"]
from atsbridge.cli import main
try:
    main()
except SystemExit:
    pass
print(",".join(m for m in sorted(sys.modules) if not m.startswith("_")))
"""
_IMPORT = """
import gc, importlib
gc.disable()
for name in {modules!r}.split(","):
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""


def _time(command: Sequence[str]) -> float:
    """CPU seconds of a child: the machine may have other work."""
    before = os.times()
    subprocess.run(command, capture_output=True, check=False)
    after = os.times()
    used = after.children_user - before.children_user
    return used + after.children_system - before.children_system


def _say(name: str, text: str, value: float) -> bool:
    good = value <= GOALS[name]
    print(f"{name}: {text}")
    print(f"{'reached' if good else 'MISSED'}: at most {GOALS[name]:g}", flush=True)
    return good


if __name__ == "__main__":
    main()
