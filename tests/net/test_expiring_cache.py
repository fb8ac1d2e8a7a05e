"""Answers that are believed for a while, what is absent for a shorter one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from atsbridge.net.expiring_cache import ExpiringCache
from atsbridge.timesource import ManualTime

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_an_answer_is_asked_for_again_once_it_is_old() -> None:
    """And None sooner: who is missing now may come."""
    time = ManualTime(datetime(2026, 3, 9, tzinfo=UTC))
    cache: ExpiringCache[str, str | None] = ExpiringCache(time, HOUR, MINUTE)
    there: dict[str, str] = {"mara": "U1"}
    asked: list[str] = []

    def find(name: str) -> str | None:
        return cache.find(name, lambda: asked.append(name) or there.get(name))

    assert [find("mara"), find("ravi"), find("mara"), find("ravi")] == ["U1", None, "U1", None]
    assert asked == ["mara", "ravi"]
    there |= {"mara": "U3", "ravi": "U2"}
    time.advance(MINUTE)
    assert [find("mara"), find("ravi")] == ["U1", "U2"]
    time.advance(HOUR)
    assert find("mara") == "U3"
    assert cache.forget("mara")
    assert not cache.forget("mara")
    there["mara"] = "U4"
    assert find("mara") == "U4"


def test_what_is_over_is_let_go(monkeypatch) -> None:
    """The cache of a process that lives for weeks does not grow without an end."""
    monkeypatch.setattr("atsbridge.net.expiring_cache._MOST", 3)
    time = ManualTime(datetime(2026, 3, 9, tzinfo=UTC))
    cache: ExpiringCache[int, str] = ExpiringCache(time, HOUR)
    for key in range(9):
        cache.keep(key, "here")
        time.advance(HOUR)
    assert len(cache._held) <= 3
