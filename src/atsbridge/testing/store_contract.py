"""StoreContract: what a store of records must do (`ports.RecordStore`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.model import Fragment
from atsbridge.ports import (
    PageCounts,
    PageWrite,
    RecordStore,
    RowWrite,
    StreamState,
    StreamStatus,
    Work,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, TWO = {"id": "1", "status": "active"}, {"id": "2", "status": "active"}


def written(
    store: RecordStore,
    *records: Mapping[str, Any],
    kind: str = "application",
    account: str = "acme",
    digest: bytes = b"1",
    **more: Any,
) -> PageCounts:
    """Write one page of a stream named after the kind. `more`: other members of `PageWrite`."""
    columns = tuple(k for k in records[0] if k != "id") if records else ()
    rows = [
        RowWrite(r["id"], digest, [Fragment(kind, r["id"], {c: r[c] for c in columns})])
        for r in records
    ]
    page = PageWrite(
        account=account,
        stream=f"{kind}s",
        owns={kind: columns},
        rows=rows,
        **{"at": NOON, **more},
    )
    return store.write_page(page)


class StoreContract:
    """The tests of every store of records. `store`: the author's fixture, an empty store."""

    def known(self, store: RecordStore, kind: str, ids: Sequence[str]) -> set[str]:
        """The stored digests of these rows."""
        return set(store.read_digests("acme", f"{kind}s", ids))

    def test_new_changed_and_equal_rows_are_counted(self, store: RecordStore) -> None:
        """Values decide what counts as changed, not digests."""
        assert written(store, ONE, TWO) == PageCounts(new=2)
        assert written(store, ONE, {**TWO, "status": "hired"}) == PageCounts(changed=1, unchanged=1)

    def test_digests_are_found_by_row(self, store: RecordStore) -> None:
        """A digest belongs to one stream of one account."""
        written(store, ONE)
        assert store.read_digests("acme", "applications", ["1", "2"]) == {"1": b"1"}
        assert store.read_digests("globex", "applications", ["1"]) == {}
        assert store.read_digests("acme", "others", ["1"]) == {}

    def test_accounts_do_not_touch(self, store: RecordStore) -> None:
        """The same id in two accounts is two rows."""
        written(store, ONE)
        assert written(store, {**ONE, "status": "hired"}, account="globex") == PageCounts(new=1)
        assert list(store.read_live_ids("acme", "applications")) == ["1"]

    def test_state_comes_with_the_last_page(self, store: RecordStore) -> None:
        """A state is stored with its page and read back unchanged."""
        assert store.read_state("acme", "applications") == StreamState(stream="applications")
        state = StreamState(
            stream="applications",
            status=StreamStatus.GOOD,
            bookmark=NOON,
            read_at=NOON + HOUR,
            detail="fine",
            fingerprints={"application.status": "f1"},
        )
        written(store, ONE, state=state)
        assert store.read_state("acme", "applications") == state
        store.save_state("acme", replace(state, status=StreamStatus.FAILED))
        assert store.read_state("acme", "applications").status is StreamStatus.FAILED

    def test_the_work_queue_gives_the_oldest_first(self, store: RecordStore) -> None:
        """A wanted parent is queued once; a page removes the parents that it has done."""
        written(store, TWO, wanted=[Work("stays", "2")])
        written(store, ONE, at=NOON + HOUR, wanted=[Work("stays", "1"), Work("stays", "2")])
        assert store.read_work("acme", "stays", 10) == [Work("stays", "2"), Work("stays", "1")]
        assert store.read_work("acme", "stays", 1) == [Work("stays", "2")]
        assert store.count_work("acme") == {"stays": 2}
        written(store, kind="stay", done=[Work("stays", "2")])
        assert store.read_work("acme", "stays", 10) == [Work("stays", "1")]
        assert store.count_work("globex") == {}

    def test_a_complete_page_deletes_the_other_children(self, store: RecordStore) -> None:
        """Only children of the named parent are deleted; unchanged rows are kept."""
        meetings = [{"id": str(n), "application": "aab"[n]} for n in range(3)]
        written(store, *meetings, kind="interview")
        complete = [("interview", "application", "a")]
        seen = written(store, kind="interview", seen=["0", "1"], complete=complete)
        assert seen == PageCounts()
        counts = written(store, meetings[0], kind="interview", at=NOON + HOUR, complete=complete)
        assert counts == PageCounts(unchanged=1, deleted=1)

    def test_deleted_rows_lose_their_digest_and_are_restored(self, store: RecordStore) -> None:
        """Deleted rows are not live, count once, and count as changed when they return."""
        written(store, ONE, TWO)
        assert store.delete_rows("acme", "applications", ["1"], NOON) == 1
        assert list(store.read_live_ids("acme", "applications")) == ["2"]
        assert self.known(store, "application", ["1", "2"]) == {"2"}
        assert written(store, ONE).changed == 1
        assert set(store.read_live_ids("acme", "applications")) == {"1", "2"}

    def test_only_a_list_that_creates_a_record_makes_it(self, store: RecordStore) -> None:
        """Values of other lists are kept until the record is shown, and never restore it."""

        def mention(reason: str) -> PageCounts:
            fragments = [Fragment("application", "1", {"reason": reason})]
            page = PageWrite(
                account="acme",
                stream="reasons",
                at=NOON,
                owns={"application": ("reason",)},
                rows=[RowWrite("r1", reason.encode(), fragments)],
                creates=frozenset(),
            )
            return store.write_page(page)

        assert mention("first") == PageCounts()
        assert written(store, ONE) == PageCounts(new=1)
        assert mention("first") == PageCounts(unchanged=1)
        assert store.delete_rows("acme", "applications", ["1"], NOON) == 1
        assert mention("second") == PageCounts()
        assert written(store, ONE) == PageCounts(changed=1)
        assert mention("second") == PageCounts(unchanged=1)
        assert list(store.read_live_ids("acme", "applications")) == ["1"]
        store.delete_rows("acme", "reasons", ["r1"], NOON)
        assert written(store, ONE) == PageCounts(unchanged=1)
