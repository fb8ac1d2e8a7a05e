"""JSON about runs, syncs and plans, and how a summary becomes such a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from atsbridge.context import FailureCode
from atsbridge.queries import RehearsedDocument, convert_rehearsed

if TYPE_CHECKING:
    from atsbridge.context import AccountSummary, RunFailure, Summary


# The number in every JSON document. It rises when a member is removed or changes its meaning.
DOCUMENT_VERSION = 1


class FailureDocument(TypedDict):
    """Something that failed, while the run went on."""

    where: Annotated[str, "the account, list, sink or plugin"]
    what: Annotated[str, "what happened"]
    remedy: Annotated[str, "what to do; may be empty"]
    code: Annotated[FailureCode, "the kind of failure"]


class StreamDocument(TypedDict):
    """What a sync did with one list of the ATS."""

    stream: Annotated[str, "the list's name"]
    status: str
    requests: int
    new: int
    changed: int
    deleted: int
    bad: Annotated[int, "rows that could not be decoded"]
    samples: Annotated[list[str], "the first of them"]
    error: Annotated[str, "why the list failed; empty if it did not"]
    lost: Annotated[list[str], "fields that cannot be read any more"]
    doubt: Annotated[str, "why the list is not believed; empty if it is"]
    reread: Annotated[str, "why the list was read whole instead of only its changes"]


class PlannedAction(TypedDict):
    """One thing that a run would do."""

    does: Literal["open", "change", "resolve", "send", "edit", "hold", "drop"]
    action: Annotated[str, "the transition or the purpose of the notice"]
    rule: str
    subject: Annotated[str, "account/kind/id"]
    to: Annotated[str, "sink: address; empty for a case"]
    why: Annotated[str, "why this recipient"]
    reason: Annotated[str, "in words"]
    state: Annotated[str, "the state of the notice; empty for a case"]
    hold: Annotated[str, "why the notice is held, as a code; empty if it is not"]
    baseline: Annotated[bool, "already overdue at the first evaluation of its rule"]
    backlog: Annotated[bool, "overdue for so long by then that nobody is reminded of it"]
    due_at: str


class AccountDocument(TypedDict):
    """One account's part of a run."""

    account: str
    locked: Annotated[bool, "another run held the account, so nothing was done"]
    rule_error: str
    streams: list[StreamDocument]
    requests: Annotated[int, "requests to the ATS"]
    confirmations: Annotated[int, "those that confirmed facts before sending"]
    verdicts: Annotated[dict[str, int], "state -> verdicts"]
    full_evaluation: Annotated[bool, "the nightly evaluation of everything"]
    opened: int
    resolved: int
    cancelled: int
    open: Annotated[int, "open cases after the run"]
    backlog: Annotated[int, "open cases in the backlog, which `open` leaves out"]
    notices: Annotated[dict[str, int], "outcome -> notices"]
    breaker: Annotated[list[str], "rules whose notices the circuit breaker holds"]
    failures: list[FailureDocument]
    planned_actions: Annotated[list[PlannedAction], "in a dry run"]
    planned_messages: Annotated[list[RehearsedDocument], "in a dry run with `--text`"]
    more_shadow_messages: Annotated[dict[str, int], "shadow rule -> messages that are not shown"]
    erased: Annotated[dict[str, int], "kind -> records erased by age"]
    seconds: float
    people_without_zone: Annotated[
        list[str], "e-mail addresses of people who have to act and whose zone is not known"
    ]
    people_without_country: Annotated[list[str], "the same, for the country"]
    clock_behind_seconds: Annotated[int, "how far the clock was behind the last run"]


class RunDocument(TypedDict):
    """What a run, a sync or a plan did."""

    at: Annotated[str, "the instant of the run"]
    run: Annotated[str, "the id of the run; every line of its log has it too"]
    exit_code: int
    dry_run: bool
    rule_error: Annotated[str, "errors in rules; empty if there are none"]
    plugins: Annotated[list[FailureDocument], "plugins that were left out"]
    report_failures: Annotated[list[FailureDocument], "log, metrics or ping that failed"]
    warnings: list[FailureDocument]
    accounts: list[AccountDocument]


class ActionChange(PlannedAction):
    """One difference between two plans."""

    change: Annotated[Literal["+", "-"], "+: only with the new rules; -: only with the old ones"]


class PlanDifference(TypedDict):
    """What other rules would change in a plan."""

    rules: Annotated[str, "the pack file"]
    accounts: Annotated[dict[str, list[ActionChange]], "account -> differences"]
    rule_error: str


class StreamEstimate(TypedDict):
    """The expected requests for one list."""

    stream: str
    requests: Annotated[int | None, "null: unknown"]
    why: str


class RequestPlan(TypedDict):
    """The expected requests of the next sync."""

    accounts: Annotated[dict[str, list[StreamEstimate]], "account -> lists"]


def make_run_document(summary: Summary, *, texts: bool = True) -> RunDocument:
    """Convert a summary; instants become ISO 8601 in UTC. `texts`: with the messages of a plan."""
    return {
        "at": summary.at.isoformat(),
        "run": summary.run_id,
        "exit_code": summary.exit_code,
        "dry_run": summary.dry_run,
        "rule_error": summary.rule_error,
        "plugins": _convert_failures(summary.plugins),
        "report_failures": _convert_failures(summary.asides),
        "warnings": _convert_failures(summary.warnings),
        "accounts": [_convert_account(account, texts=texts) for account in summary.accounts],
    }


def convert_action(line: Any) -> PlannedAction:
    """Convert a line of a plan."""
    return {
        "does": line["does"],
        "action": str(line["action"]),
        "rule": line["rule"],
        "subject": line["subject"],
        "to": line["to"],
        "why": line["why"],
        "reason": line["reason"],
        "state": line["state"],
        "hold": str(line["hold"]),
        "baseline": line["first_look"],
        "backlog": line["backlog"],
        "due_at": line["due_at"],
    }


def _convert_account(account: AccountSummary, *, texts: bool) -> AccountDocument:
    messages = account.messages if texts else None
    return {
        "account": account.account,
        "locked": account.locked,
        "rule_error": account.rule_error,
        "streams": [_convert_stream(stream) for stream in account.streams],
        "requests": account.requests,
        "confirmations": account.confirming,
        "verdicts": {str(state): count for state, count in account.evaluated.items()},
        "full_evaluation": account.full_pass,
        "opened": account.opened,
        "resolved": account.resolved,
        "cancelled": account.cancelled,
        "open": account.open,
        "backlog": account.backlog,
        "notices": {str(outcome): count for outcome, count in account.notices.items()},
        "breaker": list(account.breaker),
        "failures": _convert_failures(account.failures),
        "planned_actions": [convert_action(line) for line in account.would],
        "planned_messages": [convert_rehearsed(one) for one in messages.shown] if messages else [],
        "more_shadow_messages": dict(messages.more_shadow) if messages else {},
        "erased": dict(account.erased),
        "seconds": account.seconds,
        "people_without_zone": list(account.without_zone),
        "people_without_country": list(account.without_country),
        "clock_behind_seconds": account.behind,
    }


def _convert_stream(stream: Any) -> StreamDocument:
    return {
        "stream": stream["stream"],
        "status": str(stream["status"]),
        "requests": stream["requests"],
        "new": stream["new"],
        "changed": stream["changed"],
        "deleted": stream["deleted"],
        "bad": stream["bad"],
        "samples": list(stream.get("samples", ())),
        "error": stream["error"],
        "lost": list(stream["lost"]),
        "doubt": stream.get("doubt", ""),
        "reread": stream.get("reread", ""),
    }


def _convert_failures(failures: list[RunFailure]) -> list[FailureDocument]:
    return [
        {"where": one.where, "what": one.what, "remedy": one.remedy, "code": one.code}
        for one in failures
    ]
