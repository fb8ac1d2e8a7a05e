"""Ask by id for records that a list did not return, although they may exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from atsbridge.errors import DeniedError, FatalError, RetryableError
from atsbridge.ports import Stream
from atsbridge.sync.lists.child_evidence import find_named, shows_account
from atsbridge.sync.rows import raw_id
from atsbridge.sync.sync_context import SyncContext, main_stream, page_write
from atsbridge.sync.sync_report import Tally

_ASKED = 500  # ids in one read of a list, at most: ten requests of a vendor that takes fifty
_SAMPLE = 20  # records of one kind: an answer that is the account's shows some of any twenty
_LOOKED_AT = 50  # rows of an answer: one of the account shows it in any fifty
_WITNESSES = 3  # records that are asked for one by one, until one is shown
FOREIGN = (
    "none of its rows is known, and none refers to a known record: they may be another account's,"
    " so none was stored"
)


@dataclass(slots=True)
class ById:
    """What a vendor answers about single records: rows by id, and ids of deleted records."""

    rows: dict[str, Any] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def ask_by_id(context: SyncContext, stream: Stream, ids: Sequence[str]) -> ById | None:
    """The rows of the list that the vendor shows of these records. Nothing is stored.

    None if the vendor cannot be asked for them by id, or does not allow it. Raises SourceError and
    PluginError if it does not answer.
    """
    kind = next(iter(stream.owns), "")
    main = main_stream(context.connector.spec.streams, kind) if kind else None
    if main is None or main.name != stream.name:
        return None
    found: ById | None = None
    try:
        for source, page in context.pages_by_id(kind, ids):
            if source.name == stream.name:
                found = found or ById()
                found.deleted.update(page.deleted)
                found.rows.update((raw_id(row), row) for row in page.rows)
    except (FatalError, DeniedError):
        return None
    return found


def confirm_missing(
    context: SyncContext, stream: Stream, missing: Sequence[str], tally: Tally
) -> Sequence[str]:
    """The ids among `missing` of records that the vendor does not show by id either.

    `missing`: ids of stored records that the list did not return; it may have left them out by
    mistake. Rows that the vendor shows are stored, because no other request of this sync brings
    them. Records of a list that cannot be asked by id are all taken for deleted. So are those
    beyond the first 500, if none of the 500 exists.

    Raises SourceError and PluginError if the vendor does not answer.
    """
    asked, rest = missing[:_ASKED], missing[_ASKED:]
    answer = ask_by_id(context, stream, asked) if asked else None
    if answer is None:
        return missing
    silent = [one for one in asked if one not in answer.rows and one not in answer.deleted]
    nameless = "" in answer.rows  # that row may be any of them
    unclear = set(silent) if nameless else _confirm_silent(context, stream, silent, answer)
    shown = [answer.rows[one] for one in asked if one in answer.rows]
    _store(context, stream, shown, tally)
    deleted = [one for one in asked if one not in answer.rows and one not in unclear]
    return deleted if len(deleted) < len(asked) else [*deleted, *rest]


def may_be_new(context: SyncContext, stream: Stream, raws: Sequence[Any]) -> bool:
    """Whether rows of a window, or of a slice of the past, may be new rows of the account.

    So it is unless they refer to records, none of which is stored or shown by the vendor. A record
    that was created since its own list was read is shown. Raises SourceError and PluginError if the
    vendor does not answer.
    """
    sample = raws[:_LOOKED_AT]
    if shows_account(context, stream, sample) is not False:
        return True
    return _shows_what_is_named(context, stream, sample) is not False


def foreign_error(context: SyncContext, stream: Stream) -> RetryableError:
    """The error for rows that cannot be new rows of the account; nothing of them is stored."""
    return RetryableError(
        FOREIGN,
        where=f"{context.account}/{stream.name}",
        remedy="The next sync asks again. If this stays, check that the credential and the"
        " address of the account belong together",
    )


def _shows_what_is_named(context: SyncContext, stream: Stream, raws: Sequence[Any]) -> bool | None:
    """Whether the vendor shows by id one of the records that these rows refer to.

    None if it cannot be asked for any of them. Raises SourceError and PluginError if it does not
    answer.
    """
    rows = context.decoder(stream).decode(raws, Tally(), force=True)
    fragments = [one for row in rows.writes for one in row.fragments]
    outcome: bool | None = None
    for kind, ids in find_named(fragments, stream.owns.keys()).items():
        main = main_stream(context.connector.spec.streams, kind)
        wanted = list(dict.fromkeys(ids))[:_SAMPLE]
        answer = ask_by_id(context, main, wanted) if main is not None else None
        if answer is not None:
            if not answer.rows.keys().isdisjoint({*wanted, ""}):
                return True
            outcome = False
    return outcome


def _confirm_silent(
    context: SyncContext, stream: Stream, silent: Sequence[str], answer: ById
) -> set[str]:
    """Ask again for ids of which the answer says nothing, together with a record that must exist.

    Adds their rows to `answer`. Returns the ids of which still nothing is known, because no answer
    shows the record that must exist.
    """
    for witness in _witnesses(context, stream, silent):
        again = ask_by_id(context, stream, [witness, *silent])
        if again is not None and witness in again.rows:
            answer.rows.update((one, again.rows[one]) for one in silent if one in again.rows)
            return set()
    return set(silent)


def _witnesses(context: SyncContext, stream: Stream, silent: Sequence[str]) -> Iterator[str]:
    if not silent:
        return iter(())
    absent = frozenset(silent)
    live = context.store.read_live_ids(context.account, stream.name)
    return iter(list(islice((one for one in live if one not in absent), _WITNESSES)))


def _store(context: SyncContext, stream: Stream, raws: Sequence[Any], tally: Tally) -> None:
    """Store rows that were read by id."""
    decoder = context.decoder(stream)
    rows = decoder.decode(raws, tally)
    if rows.writes:
        tally.add(context.store.write_page(page_write(context, decoder, rows)))
