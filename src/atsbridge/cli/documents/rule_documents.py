"""JSON about rules, their results and their backtests. Instants are ISO 8601 in UTC, or null."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from atsbridge.cli.documents.case_documents import HistoryEntry
from atsbridge.queries import RehearsedDocument


class ConditionDocument(TypedDict):
    """One condition of the rule, and whether it holds."""

    block: Annotated[str, "`any` or `none` if it is in such a block; else empty"]
    path: str
    asks: Annotated[str, "the comparison"]
    value: Annotated[str, "the present value"]
    holds: Annotated[bool | None, "null: unknown"]


class ClockEvent(TypedDict):
    """One event of the clock, such as its start."""

    event: str
    path: Annotated[str, "the field that supplies it"]
    at: str | None
    note: str


class ClockSegment(TypedDict):
    """A stretch of time, and how much of it counted."""

    start: str
    end: str
    counted: Annotated[float, "seconds"]
    reason: Annotated[str, "why it counted, or did not"]


class ClockDocument(TypedDict):
    """The clock of a rule that has one: `sla`, `quiet`, `order` or `celebrate`."""

    target: str
    calendar: str
    zone: str
    zone_from: Annotated[str, "where the zone comes from"]
    started_at: str | None
    due_at: str | None
    ended_at: str | None
    events: list[ClockEvent]
    segments: list[ClockSegment]


class AssigneeDocument(TypedDict):
    """Who has to act."""

    user: Annotated[str | None, "the user's id in the ATS"]
    name: str
    why: str


class StepDocument(TypedDict):
    """A step of the rule's escalation."""

    label: Annotated[str, "such as due or +1bd"]
    at: str | None
    via: str
    to: str
    why: Annotated[str, "why this recipient"]
    outcome: Annotated[str, "what became of the step"]


class ExplanationDocument(TypedDict):
    """How one rule came to its result on one subject."""

    rule: str
    status: str
    missing_signals: Annotated[list[str], "why a live rule is shadow here"]
    subject: Annotated[str, "account/kind/id"]
    about: str
    at: str | None
    state: Annotated[str, "the state of the verdict"]
    reason: str
    unknown: Annotated[list[str], "fields that are unknown"]
    case: int | None
    remark: Annotated[str, "who handled or silenced the case, until when and why"]
    conditions: list[ConditionDocument]
    clock: ClockDocument | None
    checked: Annotated[dict[str, str], "what a check reads of the subject: path -> value"]
    checked_below: Annotated[
        dict[str, dict[str, str]], "what it reads of other records: record -> path -> value"
    ]
    assignee: AssigneeDocument
    steps: list[StepDocument]
    messages: Annotated[list[RehearsedDocument], "with `--text`"]
    history: list[HistoryEntry]


class ExplanationList(TypedDict):
    """Explanations, in order of id."""

    explanations: list[ExplanationDocument]


class LintDocument(TypedDict):
    """Something in a rule that is probably a mistake."""

    code: str
    place: Annotated[str, "file:line:column"]
    message: str


class RuleErrorDocument(TypedDict):
    """An error in a pack, a brief file or a market table."""

    place: Annotated[str, "file:line:column"]
    message: str
    remedy: Annotated[str, "what to write instead; may be empty"]


class RulesCheck(TypedDict):
    """The result of `rules check`."""

    rules: Annotated[int, "rules without errors"]
    errors: list[RuleErrorDocument]
    lints: list[LintDocument]
    notes: list[str]
    not_checked: Annotated[str, "what `rules check FILE` cannot check without settings; else empty"]


class ConnectorCoverage(TypedDict):
    """How much of a rule works with one connector."""

    works: Annotated[str, "`full`, `since install`, `with mapping` or `no`"]
    why: Annotated[list[str], "what is missing or partial, and the reason"]


class PastPromotionDocument(TypedDict):
    """The last promotion of a rule."""

    change: Annotated[str, "from which status to which: `shadow -> live`"]
    at: str
    waived: Annotated[str | None, "why it did not wait for its days in shadow"]


class RuleDocument(TypedDict):
    """One rule."""

    rule: Annotated[str, "its id"]
    status: str
    kind: str
    each: Annotated[str, "the kind of record"]
    side: str
    title: str
    shadow_on: Annotated[dict[str, list[str]], "account -> why the rule is shadow there"]
    not_allowed: Annotated[dict[str, list[str]], "account -> writes that it does not allow"]
    connectors: Annotated[dict[str, ConnectorCoverage], "connector -> coverage"]
    promotion: Annotated[PastPromotionDocument | None, "its last one by `rules promote`"]


class RuleListEntry(RuleDocument):
    """One rule of the list."""

    false_alarms: Annotated[int, "how often people answered `false alarm`"]


class RuleList(TypedDict):
    """All configured rules."""

    rules: list[RuleListEntry]


class RuleDetails(RuleDocument):
    """One rule in full."""

    why: str
    place: Annotated[str, "file:line:column"]
    message: str
    message_ahead: Annotated[str, "the text before due; empty: the message"]
    message_late: Annotated[str, "the text of steps after due; empty: the message"]
    where: Annotated[list[str], "its conditions"]
    clock: Annotated[dict[str, Any] | None, "the keys of its clock"]
    steps: Annotated[list[dict[str, Any]], "the keys of its steps"]
    tests: int


class BacktestSearchDocument(TypedDict):
    """The cases that would have opened on one requisition."""

    requisition: Annotated[str | None, "its code"]
    title: str | None
    cases: int
    examples: Annotated[list[str], "the first of them in words"]


class BacktestDocument(TypedDict):
    """What a rule would have done in a window of the past."""

    rule: str
    account: str
    variant: Annotated[str, "the changed keys"]
    start: str
    end: str
    subjects: int
    opened: Annotated[int, "cases that would have opened"]
    baseline: Annotated[int, "already overdue when the window began"]
    backlog: Annotated[int, "overdue for so long by then that nobody is reminded"]
    still_open: int
    messages: Annotated[int, "sent at once"]
    in_digest: int
    to_channels: int
    spared: Annotated[int, "not sent, because the case ended before"]
    weeks: float
    cleared: Annotated[dict[str, float], "hours -> share of cases that ended within them"]
    busiest: Annotated[dict[str, Any] | None, "day and messages of the busiest day"]
    readers: Annotated[list[dict[str, Any]], "people, those with most messages first"]
    unsure: Annotated[int, "subjects with gaps in their history"]
    unknown: Annotated[dict[str, int], "path -> subjects without history"]
    put_off: Annotated[int, "messages that a silence, a hold or another rule's breach put off"]
    held: Annotated[int, "messages that the circuit breaker held"]
    capped: Annotated[int, "messages that joined a digest because of the daily limit"]
    trips: Annotated[list[dict[str, Any]], "runs in which the breaker tripped: run, cases"]
    searches: Annotated[list[BacktestSearchDocument], "where cases opened, most first"]
    changes_since: Annotated[str | None, "the first stored change"]
    not_replayed: list[str]
    partly: Annotated[dict[str, list[str]], "connector -> what it supplies in part"]
    per_person_and_week: float
    over_budget: Annotated[int, "people with more messages in a day than allowed"]
    operands: Annotated[dict[str, dict[str, Any]], "path -> where its past comes from"]


class SampledBacktest(BacktestDocument):
    """What a rule would have done, and some of its messages."""

    samples: Annotated[list[RehearsedDocument], "with `--samples`; facts are those of now"]


class BacktestList(TypedDict):
    """Backtests, by account and variant."""

    backtests: list[SampledBacktest]


class EvidenceDocument(TypedDict):
    """One requirement of a promotion."""

    good: bool
    what: str


class PromotionDocument(TypedDict):
    """A change of a rule's status."""

    rule: str
    from_status: str
    to_status: str
    evidence: list[EvidenceDocument]
    waived: Annotated[str | None, "why the rule does not wait for its days in shadow"]
    file: Annotated[str | None, "the pack that was changed; null: nothing was written"]
