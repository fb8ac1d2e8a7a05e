"""What keeps people from being told, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.context.suppression import Suppression
from atsbridge.model.case import Silence
from atsbridge.model.query import All, Condition, Found, Operator, Query
from atsbridge.model.record import Key
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
SEAT = Key("acme", "seat", "s1")
REQ = Key("acme", "requisition", "r1")


@dataclass
class Kept:
    """A seat of an application on one requisition, and what is silenced."""

    on_hold: bool = False
    silenced: list[Silence] = field(default_factory=list)
    asked: int = 0

    @property
    def silences(self) -> Any:
        return self

    @property
    def subjects(self) -> Any:
        return self

    def read_silences(self, account: str, at: datetime) -> Sequence[Silence]:
        return [one for one in self.silenced if one.account == account and one.end > at]

    def select(self, account: str, query: Query, **_: Any) -> Iterator[Found]:
        self.asked += 1
        if isinstance(query.where, Condition):
            here = {"seat": "s1", "requisition": "r1"}.get(query.subject)
            if self.on_hold and here:
                yield Found(account, query.subject, here, {})
            return
        facts = dict.fromkeys(query.columns) | {"application.requisition": "r1"}
        yield Found(account, query.subject, "s1", facts)


@pytest.fixture(scope="module")
def rule() -> Rule:
    text = (builtin_folder() / "responsiveness.yaml").read_text("utf-8")
    found = load([("responsiveness.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS})
    return found.rules["feedback-late"]


def why(kept: Kept, rule: Rule, breaches: set[tuple[str, Key]] | None = None) -> str:
    return Suppression(kept, "acme", NOW).find_reason(rule, SEAT, breaches or set())  # type: ignore[arg-type]


def silence(rule: str, subject: Key | None) -> Silence:
    return Silence(
        account="acme",
        rule=rule,
        subject=subject,
        start=NOW,
        end=NOW + timedelta(days=1),
        author="bo",
        comment="we move offices",
    )


def test_a_requisition_on_hold_mutes_its_symptoms(rule: Rule) -> None:
    """All but news, and rules that speak of the status themselves."""
    assert why(Kept(), rule) == ""
    assert why(Kept(on_hold=True), rule) == "the requisition is on hold"
    status = Condition("requisition.status", Operator.IN, ("open", "on_hold"))
    assert why(Kept(on_hold=True), replace(rule, where=All((status,)))) == ""
    assert why(Kept(on_hold=True), replace(rule, news=True)) == ""


def test_a_silence_says_by_whom_until_when_and_why(rule: Rule) -> None:
    """On the rule, on the subject, or on what it belongs to."""
    said = "silenced by bo until 2026-03-10 16:05 UTC: we move offices"
    for one in (silence("feedback-late", None), silence("", SEAT), silence("", REQ)):
        assert why(Kept(silenced=[one]), rule) == said
    assert why(Kept(silenced=[silence("stalled-in-stage", None)]), rule) == ""


def test_a_cause_mutes_below_it_unless_it_is_silenced_itself(rule: Rule) -> None:
    """A breach of the requisition is told for all that follows; silenced, it is told to nobody."""
    effect = replace(rule, muted_by=("dry-pipeline",))
    breached = {("dry-pipeline", REQ)}
    assert why(Kept(), effect, breached) == "it follows from dry-pipeline, which is told already"
    assert why(Kept(silenced=[silence("dry-pipeline", None)]), effect, breached) == ""


def test_where_nothing_is_on_hold_one_question_is_enough(rule: Rule) -> None:
    """However many subjects are judged."""
    kept = Kept()
    suppression = Suppression(kept, "acme", NOW)  # type: ignore[arg-type]
    for number in range(5):
        suppression.find_reason(rule, Key("acme", "seat", f"s{number}"), set())
    assert kept.asked == 1
