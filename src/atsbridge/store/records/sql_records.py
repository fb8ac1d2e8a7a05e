"""`RecordStore` on SQL: pages in, the states of streams, the work queue."""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.store.records.doubt_evidence import DoubtEvidence
from atsbridge.store.records.page_writer import PageWriter
from atsbridge.store.records.stream_states import StreamStates


@dataclass(frozen=True)
class SqlRecords(StreamStates, DoubtEvidence, PageWriter):
    """What `sync` reads and writes. See `ports.RecordStore`."""
