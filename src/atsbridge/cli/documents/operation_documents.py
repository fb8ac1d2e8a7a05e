"""JSON about the installation, candidates and briefs. Instants are ISO 8601 in UTC, or null."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict


class CheckDocument(TypedDict):
    """One check of `doctor`."""

    what: str
    good: bool
    detail: str
    remedy: str
    warning: Annotated[bool, "not good, but a run works without it"]


class DoctorDocument(TypedDict):
    """All checks."""

    sections: Annotated[dict[str, list[CheckDocument]], "section or account -> checks"]


class ProblemDocument(TypedDict):
    """Something to repair."""

    where: str
    what: str
    remedy: str


class AccountStatusDocument(TypedDict):
    """The state of one account."""

    account: str
    connector: str
    health: Annotated[str, "good, attention or failed"]
    last_run: str | None
    next_run: Annotated[str | None, "null where no run is expected"]
    overdue: Annotated[bool, "no run started for three times the interval"]
    lists_read: Annotated[int, "lists that were read to their end"]
    oldest_list: Annotated[str | None, "the list that was read longest ago"]
    oldest_read_at: str | None
    unread_lists: Annotated[list[str], "lists that could not be read yet"]
    stale_lists: Annotated[
        list[str], "lists that live rules need and do not use now: too old or not believed"
    ]
    open_cases: Annotated[int, "of live rules"]
    late_cases: int
    shadow_cases: int
    backlog_cases: Annotated[int, "of live rules; long overdue when their rule first ran"]
    cases_by_side: Annotated[
        dict[str, int], "hiring manager, recruiter, interviewer or other -> open cases"
    ]
    notices: Annotated[dict[str, int], "state -> messages in the outbox"]
    breaker: Annotated[list[str], "rules whose messages the circuit breaker holds"]
    webhooks_quiet: Annotated[bool, "webhooks came before and stopped"]
    problems: list[ProblemDocument]


class WorkersDocument(TypedDict):
    """The workers that gave a sign of life within a day, and their queue."""

    alive: int
    silent: Annotated[int, "without a sign of life for a minute"]
    versions: Annotated[list[str], "versions of those that are alive"]
    accounts_at_once: Annotated[int, "how many accounts they can serve at once"]
    running: Annotated[int, "accounts at work"]
    waiting: Annotated[int, "accounts in the queue"]
    longest_wait_seconds: Annotated[float, "how long the account that was queued first has waited"]
    failed: Annotated[int, "jobs of the last week whose worker died"]
    last_heard: str | None


class StatusDocument(TypedDict):
    """The state of the installation."""

    at: str
    accounts: list[AccountStatusDocument]
    workers: Annotated[WorkersDocument | None, "null where none was at work within a day"]
    problems: Annotated[list[ProblemDocument], "of the settings, plugins, rules and workers"]


class PluginDocument(TypedDict):
    """One installed plugin."""

    name: str
    version: str | None
    hooks: list[str]


class PluginProblem(TypedDict):
    """A plugin that was left out."""

    plugin: str
    what: str
    remedy: str


class PluginList(TypedDict):
    """What is installed."""

    plugins: list[PluginDocument]
    connectors: list[str]
    sinks: list[str]
    rule_kinds: list[str]
    rule_packs: list[str]
    coverage: Annotated[
        dict[str, dict[str, int]], "connector -> level of coverage -> number of built-in rules"
    ]
    problems: list[PluginProblem]


class ErasureDocument(TypedDict):
    """What `forget` erased."""

    account: str
    candidate: Annotated[str, "the candidate's id"]
    erased: Annotated[dict[str, int], "kind -> rows"]
    sent: Annotated[dict[str, int], "sink -> messages that cannot be erased"]
    copies: Annotated[list[str], "copies of the store that still hold the data"]
    remains: Annotated[str, "where erased bytes may still be; empty: nowhere"]


class PersonChoiceDocument(TypedDict):
    """What a colleague chose about their own messages."""

    person: Annotated[str, "e-mail address"]
    messages: Annotated[str, '"as configured", "each when due", "daily summary" or "stopped"']
    shares: Annotated[bool | None, "weekly message and pair figures; null: did not say"]
    by: Annotated[str, "who chose it"]
    since: Annotated[str | None, "null: by the settings"]


class PeopleDocument(TypedDict):
    """Everybody who chose something."""

    people: list[PersonChoiceDocument]


class PersonErasureDocument(TypedDict):
    """What `forget` erased of a colleague."""

    person: Annotated[str, "e-mail address"]
    erased: Annotated[int, "choices and answers"]


class RestorationDocument(TypedDict):
    """A candidate who is allowed again: the next full sync reads them."""

    account: str
    candidate: Annotated[str, "the candidate's id"]
    allowed: bool


class ErrorDocument(TypedDict):
    """What every command with `--json` prints if it fails before it has its own document."""

    error: Annotated[str, "the text on stderr"]
    exit_code: int


class AgreementDocument(TypedDict):
    """Who agreed to a brief."""

    name: str
    at: str | None


class VersionChangeDocument(TypedDict):
    """What changed between a version of a brief and the one before."""

    part: Annotated[str, "`section`, `criteria`, `pay_range`, `priority` or `headcount`"]
    section: Annotated[str, "its name; empty for other parts"]
    text: Annotated[str, "old and new value, for people"]


class VersionAgreementDocument(TypedDict):
    """Who agreed to a version."""

    side: Annotated[str, "`recruiter` or `hiring_manager`"]
    name: str
    at: str
    source: Annotated[str, "`reply`, `command` or `written`"]


class VersionDocument(TypedDict):
    """A version of a brief, with criteria, pay range, priority and headcount."""

    number: int
    made_at: str
    made_by: Annotated[str, "who changed it; empty: not known"]
    sent_at: Annotated[str | None, "when both were asked to agree"]
    changes: list[VersionChangeDocument]
    assessed: Annotated[int | None, "applications with feedback under the earlier version"]
    rejected: Annotated[
        dict[str, int | None], "dropped criterion -> applications rejected for it; null: not known"
    ]
    agreed: list[VersionAgreementDocument]
    waiting: Annotated[dict[str, str], "side -> name of who has to agree to the newest version"]


class BriefDocument(TypedDict):
    """The intake brief of a requisition."""

    requisition: Annotated[str, "account/requisition/id"]
    title: str
    source: Annotated[str, "where it was written; empty: there is none"]
    sections: Annotated[dict[str, Any], "section -> text or list of texts"]
    completeness: Annotated[dict[str, str], "section -> `written`, `thin` or `missing`"]
    missing: Annotated[list[str], "sections without text"]
    agreed: Annotated[dict[str, AgreementDocument], "role -> agreement"]
    agreed_at: Annotated[str | None, "when both sides had agreed"]
    readable: Annotated[bool, "false: its file has errors"]
    versions: Annotated[list[VersionDocument], "oldest first"]
    market: Annotated[str, "pay and days to fill in the market tables; empty: there is no table"]


class StoreBackupDocument(TypedDict):
    """A backup that was written and checked."""

    path: str
    bytes: Annotated[int, "the size of the file"]


class TableCopyDocument(TypedDict):
    """A table that was copied."""

    rows: int
    digest: Annotated[str, "of all values in order of the key; equal in the original and the copy"]


class StoreCopyDocument(TypedDict):
    """A copy of the store, compared with the original."""

    tables: Annotated[dict[str, TableCopyDocument], "table -> what was copied"]


class StoreFinding(TypedDict):
    """The result of one check of the store."""

    check: Annotated[
        str, "`database`, `tables`, `history`, `entries`, `cases`, `records` or `accounts`"
    ]
    looked_at: Annotated[int, "how many rows, tables or accounts were looked at"]
    count: Annotated[int, "how many of them are wrong"]
    examples: list[str]
    remedy: Annotated[str, "empty if nothing is wrong"]
    warning: Annotated[bool, "whether the command succeeds nevertheless"]


class StoreCheckDocument(TypedDict):
    """All checks. After damage to the database or a missing table the others are left out."""

    findings: list[StoreFinding]


class WebhookDocument(TypedDict):
    """The webhooks of one account."""

    account: str
    url: Annotated[str | None, "what to configure; null if `public_url` is not set"]
    events: Annotated[list[str], "the vendor's names of the events to choose"]
    secret_is_set: bool
    received: Annotated[int, "genuine deliveries, tests included"]
    received_at: Annotated[str | None, "the last one"]
    repeated: Annotated[int, "hints that were known already"]
    refused: int
    refused_at: Annotated[str | None, "the last one"]
    refusal: Annotated[str | None, "why it was refused"]
    waiting: Annotated[int, "hints whose records have not been read yet"]
    missed: Annotated[int, "new applications that runs found since the last delivery"]
    quiet: Annotated[bool, "webhooks came before and stopped"]
