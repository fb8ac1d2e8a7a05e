"""A check that looks below its subject is judged again when something below it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.model.query import Found, Query
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.tick.evaluation import find_subjects

PACK = """\
version: 1
rules:
  - id: off-target
    kind: ratio
    status: live
    title: Profiles miss the mark
    each: requisition
    of: application
    share: {application.status: rejected}
    by: application.decided_at
    over: 60%
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""
NOW = datetime(2026, 3, 3, tzinfo=UTC)


class Store:
    """One application changed; it belongs to requisition r7, and nothing else is due."""

    def __init__(self, touched: list[str] | None) -> None:
        self.changed = touched

    @property
    def subjects(self) -> Any:
        return self

    history = subjects

    def read_many_changes(self, *_: Any) -> dict[str, Any]:
        return {}

    def find_dirty(self, _account: str, kind: str, _refs: Any) -> list[str] | None:
        return self.changed if kind == "application" else []

    def find_due(self, _account: str, _kind: str, _now: datetime) -> list[str]:
        return ["r1"]

    def select(self, account: str, query: Query, *, ids: Any, filtered: bool) -> Iterator[Found]:
        assert (query.subject, filtered) == ("application", False)
        for one in ids:
            yield Found(account, "application", one, {"application.requisition": "r7"})


def _inputs(store: Any) -> Any:
    return SimpleNamespace(account="acme", store=store, now=NOW)


@pytest.mark.parametrize(
    ("touched", "wanted"), [(["a1"], frozenset({"r1", "r7"})), ([], {"r1"}), (None, None)]
)
def test_what_changed_below_is_looked_at_from_above(touched: Any, wanted: Any) -> None:
    """The requisition of a changed application joins the agenda; None stands for all."""
    rules = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    store: Any = Store(touched)
    assert find_subjects(_inputs(store), rules.values(), ()) == {"requisition": wanted}
