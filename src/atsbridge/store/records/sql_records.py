"""`RecordStore` on SQL, composed of its parts."""

from __future__ import annotations

from atsbridge.store.database import Database
from atsbridge.store.records.doubt_evidence import DoubtEvidence
from atsbridge.store.records.page_writer import PageWriter
from atsbridge.store.records.stream_states import StreamStates
from atsbridge.store.records.work_queue import WorkQueue


class SqlRecords:
    """What a sync reads and writes. See `ports.RecordStore`."""

    def __init__(self, database: Database) -> None:
        pages = PageWriter(database)
        self.write_page = pages.write_page
        self.delete_rows = pages.delete_rows
        streams = StreamStates(database)
        self.read_state = streams.read_state
        self.read_states = streams.read_states
        self.save_state = streams.save_state
        self.read_digests = streams.read_digests
        self.read_live_ids = streams.read_live_ids
        queue = WorkQueue(database)
        self.read_work = queue.read_work
        self.count_work = queue.count_work
        self.find_child_reads = queue.find_child_reads
        self.find_watched = queue.find_watched
        evidence = DoubtEvidence(database)
        self.count_references = evidence.count_references
        self.count_row_references = evidence.count_row_references
        self.find_unstored = evidence.find_unstored
        self.find_parents = evidence.find_parents
        self.has_records = evidence.has_records
