"""Whether answers about children are our account's: what must be seen before they are believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import islice
from typing import Any

from atsbridge.model import KINDS, Fragment
from atsbridge.ports import Stream, StreamState, Work
from atsbridge.sync.lists.child_batches import (
    Batch,
    Spending,
    fetch_batch,
    links_to_parents,
    parent_kind,
)
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Tally

_WITNESSES = 3  # other parents that are asked, one after the other, until one shows evidence


class Confirmation(Enum):
    """What other parents' children say of batches that showed no evidence."""

    BELIEVED = auto()
    REFUSED = auto()
    NOBODY_ASKED = auto()  # no request is left, or none was answered


class Evidence:
    """What one sync has seen of one stream of children.

    An answer is evidence where it holds a child that is stored, a child of a parent that was asked
    for (where the vendor names it in the row), or a child that refers to a record that another list
    has shown. Until a batch shows evidence, batches that would change what is believed have to
    wait. A stream that never returned a row that fits is left to `doubt`.
    """

    def __init__(
        self, reading: SyncContext, stream: Stream, state: StreamState, spending: Spending
    ) -> None:
        self._reading = reading
        self._stream = stream
        self._spending = spending
        self._is_known = state.returned
        self.shown = False

    def allows(self, batch: Batch) -> bool:
        """Whether the batch can be stored at once; one that shows evidence lets all others in."""
        if not self._is_known or self.shown:
            return True
        if not batch.rows:
            return not self._lost_children(batch)
        self.shown = self._is_ours(batch)
        return self.shown

    def confirm(self, waiting: Sequence[Batch]) -> Confirmation:
        """Ask for other parents' children, to see whether the waiting batches may be believed.

        At most three others are asked.
        """
        if self.shown or self._stream.name in self._reading.options.accept_deleted:
            return Confirmation.BELIEVED
        asked = {work.parent for batch in waiting for work in batch.parents}
        others = self._other_parents(asked)
        if not others:
            return self._confirm_alone(waiting)
        outcome = Confirmation.NOBODY_ASKED
        for answer in self._answers(others):
            if answer.error is None:
                outcome = Confirmation.REFUSED
                if self._is_ours(answer):
                    self.shown = True
                    return Confirmation.BELIEVED
        return outcome

    def _confirm_alone(self, waiting: Sequence[Batch]) -> Confirmation:
        """Where no other parent has stored children: rows are believed if there are none stored at
        all, as those of a first read are, and so is one single parent, unless all that its rows
        refer to is unknown."""
        stored = any(self._lost_children(batch) for batch in waiting)
        if not stored and all(batch.rows for batch in waiting):
            return Confirmation.BELIEVED
        if len(waiting) > 1 or len(waiting[0].parents) > 1:
            return Confirmation.REFUSED
        shown = shows_account(self._reading, self._stream, waiting[0].rows)
        return Confirmation.REFUSED if shown is False else Confirmation.BELIEVED

    def is_address_right(self, missing: Sequence[Batch]) -> bool:
        """Whether any other live parent is found at its address."""
        parent = self._stream.parent
        assert parent is not None
        absent = {work.parent for batch in missing for work in batch.parents}
        live = self._reading.store.read_live_ids(self._reading.account, parent.stream)
        others = list(islice((one for one in live if one not in absent), _WITNESSES))
        return any(one.error is None for one in self._answers(others))

    def _answers(self, parents: Sequence[str]) -> Iterator[Batch]:
        """The children of each of these parents, asked for one at a time within the budget."""
        for parent in parents:
            if not self._spending.book():
                return
            yield fetch_batch(self._reading, self._stream, Batch([Work(self._stream.name, parent)]))

    def _other_parents(self, asked: set[str]) -> list[str]:
        """Parents beside those asked for that have stored children."""
        links = links_to_parents(self._reading, self._stream)
        if not links:
            return []
        kind, ref = links[0]
        limit = len(asked) + _WITNESSES
        held = self._reading.store.find_parents(self._reading.account, kind, ref, None, limit)
        return [one for one in held if one not in asked][:_WITNESSES]

    def _lost_children(self, batch: Batch) -> bool:
        """Whether parents that had children, or must have some, have none by this answer."""
        reading, stream = self._reading, self._stream
        ids = [work.parent for work in batch.parents]
        return parent_kind(reading, stream) in stream.required_by or any(
            reading.store.find_parents(reading.account, kind, ref, ids, 1)
            for kind, ref in links_to_parents(reading, stream)
        )

    def _is_ours(self, batch: Batch) -> bool:
        asked = [work.parent for work in batch.parents]
        return shows_account(self._reading, self._stream, batch.rows, asked) is True


def shows_account(
    reading: SyncContext, stream: Stream, raws: Sequence[Any], asked: Sequence[str] | None = None
) -> bool | None:
    """Whether one of these raw rows of children shows that the answer is our account's.

    `asked`: the parents that were asked for; None if that is not known: then a parent that is
    stored counts. None: the rows are new and refer to nothing by which it could be seen.
    """
    rows = reading.rows(stream).read(raws, Tally(), force=True)
    if reading.store.read_digests(reading.account, stream.name, rows.ids):
        return True
    fragments = [one for row in rows.writes for one in row.fragments]
    links = frozenset(links_to_parents(reading, stream))
    parent = stream.parent
    if parent is not None and parent.param:
        named = {
            one.values.get(ref) for one in fragments for kind, ref in links if kind == one.kind
        }
        ids = sorted(one for one in named if isinstance(one, str))
        if not ids:
            return None
        if asked is not None:
            return not set(ids).isdisjoint(asked)
        return bool(reading.store.read_digests(reading.account, parent.stream, ids))
    references = _find_references(fragments, {*stream.owns, parent_kind(reading, stream)})
    if not references:
        return None
    return any(
        _is_stored(reading, KINDS[kind].fields[ref].ref, ids)
        for (kind, ref), ids in references.items()
    )


def _is_stored(reading: SyncContext, kind: str, ids: Sequence[str]) -> bool:
    """Whether a list that shows records of that kind has shown one of these ids."""
    return any(
        reading.store.read_digests(reading.account, name, ids)
        for name, kinds in reading.creates.items()
        if kind in kinds
    )


def _find_references(
    fragments: Sequence[Fragment], excluded: set[str]
) -> dict[tuple[str, str], list[str]]:
    """The ids that the fragments refer to by each ref, but for refs to kinds that are excluded:
    the connector fills a ref to the parent from the request."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in fragments:
        for name, field in KINDS[one.kind].fields.items():
            value = one.values.get(name)
            if field.ref and field.ref not in excluded and isinstance(value, str):
                found.setdefault((one.kind, name), []).append(value)
    return found
