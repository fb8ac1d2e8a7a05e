"""Newest facts of some records, just before a notice about them goes out.

They are stored like any page and move no mark; which records, and when, is delivery's question.
"""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.errors import AtsbridgeError, PluginError
from atsbridge.ports import Connector, RecordStore
from atsbridge.sync.mapping import AccountMap
from atsbridge.sync.outcome import Options, Tally
from atsbridge.sync.reading import Reading, page_write
from atsbridge.timesource import TimeSource


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

    Raises SourceError or PluginError: then nothing is known to be fresh.
    """
    owned = account_map.owned(connector.spec.streams)
    reading = Reading(
        account=account,
        connector=connector,
        store=store,
        account_map=account_map,
        owned=owned,
        time=time,
        options=Options(),
    )
    tally = Tally()
    try:
        for stream, page in connector.refresh(kind, ids):
            reader = reading.rows(stream)
            rows = reader.read(page.rows, tally)
            if rows.writes:
                tally.add(store.write(page_write(reading, reader, rows)))
    except AtsbridgeError:
        raise
    except Exception as error:
        name = connector.spec.name
        raise PluginError(
            f"connector {name} raised {type(error).__name__} while refreshing",
            where=f"{account}/{kind}",
        ) from error
    return tally
