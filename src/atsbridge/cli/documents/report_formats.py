"""Exit codes, log actions and metrics, as docs/reference/json.md documents them."""

from __future__ import annotations

from typing import NamedTuple


class Described(NamedTuple):
    """A name, its meaning, and its members (of a log line) or labels (of a metric)."""

    name: str
    meaning: str
    members: tuple[str, ...] = ()


EXIT_CODES = (
    Described("0", "everything worked"),
    Described("1", "an account, a list, a delivery or a check failed"),
    Described("2", "settings, rules or the command line are wrong"),
    Described("3", "the circuit breaker holds notices until `notices release` or `notices drop`"),
    Described("4", "every account was locked by another run"),
    Described("130", "interrupted with Ctrl-C"),
)

LOG_ACTIONS = (
    Described(
        "sync",
        "a list was read; empty members are left out",
        (
            "stream",
            "status",
            "requests",
            "new",
            "changed",
            "deleted",
            "bad",
            "samples",
            "error",
            "lost",
            "doubt",
            "reread",
        ),
    ),
    Described(
        "evaluate",
        "rules were evaluated",
        ("verdicts", "full_pass", "opened", "resolved", "cancelled", "open"),
    ),
    Described(
        "send",
        "a message was sent; the recipient is never logged",
        ("rule", "case", "sink", "kind", "purpose", "key"),
    ),
    Described("deliver", "the outcome of all notices", ("notices", "breaker")),
    Described("erase", "records were erased by age; one member per kind"),
    Described("fail", "something failed", ("where", "what", "remedy")),
    Described("fault", "an error of atsbridge itself", ("kind", "traceback")),
    Described("skip", "another run held the account", ("why",)),
    Described("account", "the account is finished", ("requests", "seconds")),
    Described("tick", "the run is finished", ("exit", "accounts")),
    Described("metrics", "the metrics could not be written", ("what",)),
    Described("ping", "the ping could not be sent", ("what",)),
)
LOG_COMMON = ("ts", "level", "action", "run", "account")

METRICS = (
    Described("atsbridge_tick_timestamp_seconds", "when the last run ended"),
    Described("atsbridge_tick_exit_code", "the exit code of the last run"),
    Described("atsbridge_tick_failures", "failures in the last run"),
    Described(
        "atsbridge_account_success_timestamp_seconds",
        "when a run last did all its work for the account",
        ("account",),
    ),
    Described(
        "atsbridge_account_duration_seconds", "duration of the account's last run", ("account",)
    ),
    Described("atsbridge_account_requests", "requests of its last run to the ATS", ("account",)),
    Described("atsbridge_account_failures", "failures in its last run", ("account",)),
    Described(
        "atsbridge_stream_read_timestamp_seconds",
        "when a list was last read to its end",
        ("account", "stream"),
    ),
    Described(
        "atsbridge_open_cases", "open cases outside the backlog", ("account", "rule", "clock")
    ),
    Described(
        "atsbridge_backlog_cases",
        "open cases that were long overdue when their rule first ran: nobody is reminded of them",
        ("account", "rule"),
    ),
    Described(
        "atsbridge_notices", "notices by state; `dead` ones were given up", ("account", "state")
    ),
)
# Of `serve` and of workers: the present state of the store.
STORE_METRICS = (
    Described(
        "atsbridge_last_run_timestamp_seconds",
        "when a run was last at work on the account",
        ("account",),
    ),
    Described(
        "atsbridge_account_success_timestamp_seconds",
        "when a run last did all its work for the account",
        ("account",),
    ),
    Described(
        "atsbridge_open_cases", "open cases outside the backlog", ("account", "rule", "clock")
    ),
    Described(
        "atsbridge_notices", "notices by state; `dead` ones were given up", ("account", "state")
    ),
    Described("atsbridge_workers", "workers that are alive; only where workers were started"),
    Described("atsbridge_queue_jobs", "accounts in the queue of the workers", ("state",)),
    Described(
        "atsbridge_queue_wait_seconds", "how long the account that was queued first has waited"
    ),
)
