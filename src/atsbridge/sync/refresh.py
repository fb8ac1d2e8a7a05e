"""Newest facts of some records, just before a notice about them goes out.

They are stored like any page and move no bookmark; which records, and when, is delivery's question.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from atsbridge.errors import AtsbridgeError, PluginError, RetryableError
from atsbridge.ports import Connector, RecordStore, Stream, creators
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.lists import COUNT, Missing, shows_account
from atsbridge.sync.sync_context import SyncContext, page_write
from atsbridge.sync.sync_report import SyncOptions, Tally
from atsbridge.timesource import TimeSource

_WITNESSES = 3  # asked for one after the other, until one is shown


def refresh(
    account: str,
    connector: Connector,
    store: RecordStore,
    account_map: AccountMap,
    time: TimeSource,
    kind: str,
    ids: Sequence[str],
) -> Tally:
    """Ask for these records and what they lead to, and store what differs; the counts.

    A record the ATS says is deleted is marked gone. One that is missing from the answer is asked
    for once more, beside a record that must be there: missing again, where that one is shown, it
    is gone. Otherwise nothing is concluded.

    Raises SourceError or PluginError: then nothing is known to be fresh. So it is where an answer
    about children holds nothing that is known of the account: it may be another account's.
    """
    reading = SyncContext(
        account=account,
        connector=connector,
        streams=account_map.asked(connector.spec.streams),
        store=store,
        account_map=account_map,
        owned=account_map.owned(connector.spec.streams),
        creates=creators(connector.spec.streams),
        time=time,
        options=SyncOptions(),
    )
    tally = Tally()
    main = _main(connector.spec.streams, kind)
    seen = _ask(reading, main, kind, ids, tally)
    if main is not None:
        _bury(reading, main, kind, [one for one in dict.fromkeys(ids) if one not in seen], tally)
    return tally


def _main(streams: Sequence[Stream], kind: str) -> Stream | None:
    """The stream whose rows are records of that kind."""
    return next((s for s in streams if next(iter(s.owns), "") == kind), None)


def _ask(
    reading: SyncContext, main: Stream | None, kind: str, ids: Sequence[str], tally: Tally
) -> set[str]:
    """Ask once and store it; the ids that the main stream showed, or said to be deleted.

    All of them where a row came without an id: it may be anybody's.
    """
    seen: set[str] = set()
    connector, store = reading.connector, reading.store
    try:
        for stream, page in connector.refresh(kind, ids):
            _require_evidence(reading, stream, page.rows)
            reader = reading.rows(stream)
            rows = reader.read(page.rows, tally)
            if rows.writes:
                tally.add(store.write_page(page_write(reading, reader, rows)))
            _mark(reading, stream, page.deleted, tally)
            if main is not None and stream.name == main.name:
                seen.update(rows.ids, page.deleted, ids if rows.nameless else ())
    except AtsbridgeError:
        raise
    except Exception as error:
        name = connector.spec.name
        raise PluginError(
            f"connector {name} raised {type(error).__name__} while refreshing",
            where=f"{reading.account}/{kind}",
        ) from error
    return seen


def _require_evidence(reading: SyncContext, stream: Stream, raws: Sequence[Any]) -> None:
    """RetryableError where children of a list that is believed show nothing of the account."""
    if stream.parent is None or not raws:
        return
    state = reading.store.read_state(reading.account, stream.name)
    if state.returned and shows_account(reading, stream, raws) is False:
        raise RetryableError(
            "the answer holds nothing that is known of this account",
            where=f"{reading.account}/{stream.name}",
            remedy="The next sync compares it with the records of others",
        )


def _bury(
    reading: SyncContext, main: Stream, kind: str, absent: Sequence[str], tally: Tally
) -> None:
    """Mark those gone that are missing twice, the second time beside a witness that is not.

    An answer may lack rows because the credential sees less than it did. So many at once that
    sight may have been lost of them are left to the night's reconciliation. A witness that is
    not shown proves nothing, as what was listed need not be shown by its id: then the next.
    """
    absent = _known(reading, main, absent)
    if len(absent) > COUNT:
        stored = sum(1 for _ in reading.store.read_live_ids(reading.account, main.name))
        if Missing(tuple(absent), stored).lost:
            return
    live = reading.store.read_live_ids(reading.account, main.name) if absent else iter(())
    for witness in list(islice((one for one in live if one not in absent), _WITNESSES)):
        seen = _ask(reading, main, kind, [witness, *absent], tally)
        if witness in seen:
            _mark(reading, main, [one for one in absent if one not in seen], tally)
            return


def _known(reading: SyncContext, stream: Stream, ids: Sequence[str]) -> Sequence[str]:
    """Those of them that are stored and not gone."""
    if not ids:
        return ()
    known = reading.store.read_digests(reading.account, stream.name, ids)
    return [one for one in ids if one in known]


def _mark(reading: SyncContext, stream: Stream, ids: Sequence[str], tally: Tally) -> None:
    if found := _known(reading, stream, ids):
        account, now = reading.account, reading.time.now()
        tally.gone += reading.store.delete_rows(account, stream.name, found, now)
