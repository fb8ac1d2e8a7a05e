"""Webhooks over HTTP: what is stored, what is refused, and what the answers say."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.server.conftest import SERVE, Site, opened, serving

from atsbridge.context import AccountSummary
from atsbridge.errors import StoreError

SECRET = "planted-webhooks-4711"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose account takes webhooks; nothing is fetched because of them."""
    calls: list[str] = []

    def record(_: object, account: str) -> AccountSummary:
        calls.append(account)
        return AccountSummary(account)

    monkeypatch.setattr("atsbridge.server.webhook_hints.hint_worker.refresh_hinted", record)
    variable = "ATSBRIDGE_ACCOUNTS__ACME__WEBHOOK_SECRET"
    monkeypatch.setenv(variable, SECRET)
    with opened(tmp_path, serve=SERVE) as services, serving(services, tmp_path) as site:
        site.calls = calls
        yield site


def signed(body: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"Signature": f"sha256 {digest}", "Content-Type": "application/json"}


def event(number: int, action: str = "application_updated") -> bytes:
    return json.dumps({"action": action, "payload": {"application": {"id": number}}}).encode()


def post(made: Site, body: bytes, headers: dict[str, str], account: str = "acme") -> Any:
    return requests.post(f"{made.url}/webhooks/{account}", data=body, headers=headers, timeout=20)


def waiting(made: Site) -> list[str]:
    found = made.services.store.hints.read_pending("acme", 100_000)
    return [id_ for one in found for id_ in one.ids]


def until(condition: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)  # polls a condition of another thread


def test_a_genuine_delivery_is_stored_then_answered(made: Site) -> None:
    """Exactly 200, which Greenhouse wants; the worker is called."""
    answer = post(made, event(7), signed(event(7)))
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert waiting(made) == ["7"]
    until(lambda: made.calls)
    assert made.calls[0] == "acme"


def test_the_same_delivery_again_is_one_hint(made: Site) -> None:
    """Also at the same moment; a different body is another one."""
    body = event(7)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(made, body, signed(body)).status_code, range(20)))
    assert set(answers) == {200}
    assert waiting(made) == ["7"]
    post(made, body + b" ", signed(body + b" "))
    assert waiting(made) == ["7", "7"]
    assert made.services.store.hints.read_state("acme").repeated == 19


def test_a_ping_is_genuine_and_asks_for_nothing(made: Site) -> None:
    body = event(7, "ping")
    assert post(made, body, signed(body)).status_code == 200
    assert waiting(made) == []
    assert made.services.store.hints.read_state("acme").received == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (event(7), {}, 401),
        (event(7), signed(event(8)), 401),
        (event(7) + b" ", signed(event(7)), 401),
        (b"", signed(b""), 401),
        (b"[" * 100_000, signed(b"[" * 100_000), 401),
        (b"\xff\xfe", signed(b"\xff\xfe"), 401),
        (event(7), {"Signature": "sha256 \u00e9".encode("latin-1").decode("latin-1")}, 401),
        (b"x" * 2_000_000, signed(b"x"), 413),
    ],
)
def test_what_is_not_genuine_gets_no_word(
    made: Site, body: bytes, headers: dict[str, str], status: int
) -> None:
    """It is counted with its reason, and nothing of it is in the log or the store."""
    answer = post(made, body, headers)
    assert (answer.status_code, answer.content) == (status, b"")
    assert waiting(made) == []
    state = made.services.store.hints.read_state("acme")
    assert (state.received, state.refused) == (0, 1)
    assert state.refusal
    assert SECRET not in made.log.getvalue()
    assert "webhook_refused" in made.log.getvalue()


def test_accounts_that_take_none_look_like_none(made: Site) -> None:
    for account in ("globex", "ACME", "%00", "a" * 300):
        answer = post(made, event(7), signed(event(7)), account)
        assert (answer.status_code, answer.content) == (404, b"")
    assert requests.get(f"{made.url}/webhooks/acme", timeout=20).status_code == 401


def test_without_a_secret_nothing_is_accepted(tmp_path: Path) -> None:
    """An empty secret signs nothing."""
    with opened(tmp_path) as services, serving(services, tmp_path) as site:
        digest = hmac.new(b"", event(7), hashlib.sha256).hexdigest()
        answer = post(site, event(7), {"Signature": f"sha256 {digest}"})
        assert answer.status_code == 404


def test_hostile_ids_are_not_stored(made: Site) -> None:
    """An id is digits; anything else is no hint."""
    for value in ("1; DROP", {"a": 1}, [1], -1, 1.5, None, "x" * 10_000, True):
        body = json.dumps({"action": "x", "payload": {"application": {"id": value}}}).encode()
        assert post(made, body, signed(body)).status_code == 200
    assert [one for one in waiting(made) if not one.isdigit()] == []


def test_a_store_that_takes_no_write_makes_the_vendor_repeat(
    made: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("atsbridge.store.records.sql_hints.SqlHints.receive", broken)
    answer = post(made, event(7), signed(event(7)))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    monkeypatch.undo()
    assert waiting(made) == []


def test_too_many_waiting_hints_are_refused(made: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atsbridge.server.webhook_hints.hint_writer.PENDING", 2)
    found = [post(made, event(n + 1), signed(event(n + 1))).status_code for n in range(3)]
    assert found == [200, 200, 503]
    assert post(made, event(0, "ping"), signed(event(0, "ping"))).status_code == 200


def test_nothing_is_lost_when_the_server_ends(made: Site) -> None:
    """What was answered with 200 is in the store."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: post(made, event(n + 1), signed(event(n + 1))).status_code, range(60)
            )
        )
    made.server.stop()
    assert answers == [200] * 60
    assert sorted(map(int, waiting(made))) == list(range(1, 61))
