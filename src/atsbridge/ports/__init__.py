"""The ports: what connectors, sinks, rule kinds and stores promise to the rest.

Only shapes; the built-in implementations are in `net`, `sinks`, `rules.kinds` and `store`.
"""

from atsbridge.ports.bounds import Bounds
from atsbridge.ports.connectors import (
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
from atsbridge.ports.decisions import CaseStore, Decision, Finder, Look
from atsbridge.ports.history import HistoryStore
from atsbridge.ports.kinds import RuleKind
from atsbridge.ports.outbox import Admit, Admitted, OutboxStore, Spent, Waiting
from atsbridge.ports.records import (
    Doubt,
    PageCounts,
    PageWrite,
    RecordStore,
    RowWrite,
    StreamState,
    StreamStatus,
    Work,
)
from atsbridge.ports.sinks import Answer, Answering, Checking, Sent, Sink, SinkSpec
from atsbridge.ports.streams import History, Page, Parent, Signal, Stream, Watch, creators

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
