"""The ports: what connectors, sinks, rule kinds and stores promise to the rest.

Only shapes; the built-in implementations are in `net`, `sinks`, `rules.kinds` and `store`.
"""

from atsbridge.ports.connector import (
    Checked,
    Connector,
    ConnectorSpec,
    Guess,
    Guessing,
    Hint,
    Note,
    Reminder,
    Tools,
)
from atsbridge.ports.decision_store import CaseStore, Decision, Finder, Look
from atsbridge.ports.history_store import HistoryStore
from atsbridge.ports.http_bounds import Bounds
from atsbridge.ports.outbox_store import Admit, Admitted, OutboxStore, Spent, Waiting
from atsbridge.ports.record_store import (
    Doubt,
    PageCounts,
    PageWrite,
    RecordStore,
    RowWrite,
    StreamState,
    StreamStatus,
    Work,
)
from atsbridge.ports.rule_kind import RuleKind
from atsbridge.ports.sink import Answer, Answering, Checking, Sent, Sink, SinkSpec
from atsbridge.ports.stream import History, Page, Parent, Signal, Stream, Watch, creators

API = 1  # the number a plugin names in its module as ATSBRIDGE_API; see docs/architecture.md

__all__ = [
    "API",
    "Admit",
    "Admitted",
    "Answer",
    "Answering",
    "Bounds",
    "CaseStore",
    "Checked",
    "Checking",
    "Connector",
    "ConnectorSpec",
    "Decision",
    "Doubt",
    "Finder",
    "Guess",
    "Guessing",
    "Hint",
    "History",
    "HistoryStore",
    "Look",
    "Note",
    "OutboxStore",
    "Page",
    "PageCounts",
    "PageWrite",
    "Parent",
    "RecordStore",
    "Reminder",
    "RowWrite",
    "RuleKind",
    "Sent",
    "Signal",
    "Sink",
    "SinkSpec",
    "Spent",
    "Stream",
    "StreamState",
    "StreamStatus",
    "Tools",
    "Waiting",
    "Watch",
    "Work",
    "creators",
]
