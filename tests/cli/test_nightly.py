"""The night's search for what vanished: once, whatever else is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any


def _searched(sandbox: Any) -> int:
    """How many lists of the one ATS were asked for ids alone."""
    log = sandbox.fake("acme").server.log
    return sum(query.get("fields") == ["id"] for _, _, query in log)


def test_the_search_is_made_once_a_night(sandbox: Any) -> None:
    """In the first tick after `nightly_at`, and not again because one list stays forbidden."""
    sandbox.fake("acme").server.faults.add("/v3/scorecards", None, status=403)
    sandbox.tick()
    assert _searched(sandbox) == 0
    night = sandbox.world.now - timedelta(minutes=1)
    sandbox.rewrite("[run]\n", f'[run]\nnightly_at = "{night:%H:%M} UTC"\n')
    sandbox.tick()
    lists = _searched(sandbox)
    assert lists > 5
    sandbox.tick()
    assert _searched(sandbox) == lists
