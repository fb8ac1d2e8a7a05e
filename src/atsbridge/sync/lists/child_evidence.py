"""Whether answers about children belong to the account: what they must show to be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from enum import Enum, auto
from itertools import islice
from typing import Any

from atsbridge.model import KINDS, Fragment
from atsbridge.ports import Stream, StreamState, StreamStatus, Work
from atsbridge.sync.lists.child_batches import (
    Batch,
    Spending,
    fetch_batch,
    links_to_parents,
    parent_kind,
    require_parent,
)
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Tally

_WITNESSES = 3  # other parents that are asked, one by one, until an answer shows evidence


class Confirmation(Enum):
    """What the children of other parents show about batches without evidence."""

    BELIEVED = auto()
    REFUSED = auto()
    NOBODY_ASKED = auto()  # the budget is spent, or no request was answered


class Evidence:
    """Whether the answers of one child stream belong to the account, in one sync.

    An answer is evidence if it contains a stored child, a child of a parent that was asked for (if
    the vendor names the parent in the row), or a child that refers to a record of another list.
    Until a batch shows evidence, batches that would change stored records wait. A stream that has
    never returned a believed row is handled by `doubt`.
    """

    def __init__(
        self, context: SyncContext, stream: Stream, state: StreamState, spending: Spending
    ) -> None:
        self._reading = context
        self._stream = stream
        self._spending = spending
        self._is_known = state.returned
        self._was_lost = state.status is StreamStatus.LOST
        self.shown = False

    def allows(self, batch: Batch) -> bool:
        """Whether the batch can be stored now. One batch with evidence admits all later ones."""
        if not self._is_known or self.shown:
            return True
        if not batch.rows:
            return not self._lost_children(batch)
        self.shown = self._is_ours(batch)
        return self.shown

    def confirm(self, waiting: Sequence[Batch]) -> Confirmation:
        """Read the children of up to three other parents to decide about the waiting batches."""
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
        """Decide where no other parent has stored children.

        Rows are believed if no child is stored at all, as in a first read. So are those of a single
        parent, unless they refer only to records that are not stored. That the only parent with
        children has none any more is believed at night, if an earlier sync found the same.
        """
        stored = any(self._lost_children(batch) for batch in waiting)
        if not stored and all(batch.rows for batch in waiting):
            return Confirmation.BELIEVED
        if len(waiting) > 1 or len(waiting[0].parents) > 1:
            return Confirmation.REFUSED
        options = self._reading.options
        if not waiting[0].rows and not (self._was_lost and (options.nightly or options.full)):
            return Confirmation.REFUSED
        shown = shows_account(self._reading, self._stream, waiting[0].rows)
        return Confirmation.REFUSED if shown is False else Confirmation.BELIEVED

    def is_address_right(self, missing: Sequence[Batch]) -> bool:
        """Whether the vendor finds any other live parent at its path."""
        parent = require_parent(self._stream)
        absent = {work.parent for batch in missing for work in batch.parents}
        live = self._reading.store.read_live_ids(self._reading.account, parent.stream)
        others = list(islice((one for one in live if one not in absent), _WITNESSES))
        return any(one.error is None for one in self._answers(others))

    def _answers(self, parents: Sequence[str]) -> Iterator[Batch]:
        """The children of each of these parents, one request at a time within the budget."""
        for parent in parents:
            if not self._spending.book():
                return
            yield fetch_batch(self._reading, self._stream, Batch([Work(self._stream.name, parent)]))

    def _other_parents(self, asked: set[str]) -> list[str]:
        """Parents with stored children that were not asked for yet."""
        links = links_to_parents(self._reading, self._stream)
        if not links:
            return []
        kind, ref = links[0]
        limit = len(asked) + _WITNESSES
        held = self._reading.store.find_parents(self._reading.account, kind, ref, None, limit)
        return [one for one in held if one not in asked][:_WITNESSES]

    def _lost_children(self, batch: Batch) -> bool:
        """Whether parents that had children, or must have some, have none in this answer."""
        context, stream = self._reading, self._stream
        ids = [work.parent for work in batch.parents]
        return parent_kind(context, stream) in stream.required_by or any(
            context.store.find_parents(context.account, kind, ref, ids, 1)
            for kind, ref in links_to_parents(context, stream)
        )

    def _is_ours(self, batch: Batch) -> bool:
        asked = [work.parent for work in batch.parents]
        return shows_account(self._reading, self._stream, batch.rows, asked) is True


def shows_account(
    context: SyncContext, stream: Stream, raws: Sequence[Any], asked: Sequence[str] | None = None
) -> bool | None:
    """Whether one of these raw rows shows that the answer belongs to the account.

    `asked`: the parents that were asked for. If None, any stored parent counts. Returns None if
    the rows are new and refer to nothing, so that nothing can be concluded.
    """
    rows = context.decoder(stream).decode(raws, Tally(), force=True)
    if context.store.read_digests(context.account, stream.name, rows.ids):
        return True
    fragments = [one for row in rows.writes for one in row.fragments]
    parent = stream.parent
    if parent is not None and parent.named_in_rows:
        links = frozenset(links_to_parents(context, stream))
        named = {
            one.values.get(ref) for one in fragments for kind, ref in links if kind == one.kind
        }
        ids = sorted(one for one in named if isinstance(one, str))
        if not ids:
            return None
        if asked is not None:
            return not set(ids).isdisjoint(asked)
        return bool(context.store.read_digests(context.account, parent.stream, ids))
    filled = {parent_kind(context, stream)} if parent is not None else set()
    references = find_named(fragments, {*stream.owns, *filled})
    if not references:
        return None
    return any(_is_stored(context, kind, ids) for kind, ids in references.items())


def _is_stored(context: SyncContext, kind: str, ids: Sequence[str]) -> bool:
    """Whether a list that creates records of that kind has returned one of these ids."""
    return any(
        context.store.read_digests(context.account, name, ids)
        for name, kinds in context.creates.items()
        if kind in kinds
    )


def find_named(fragments: Sequence[Fragment], excluded: Set[str]) -> dict[str, list[str]]:
    """Kind -> the ids of its records that the fragments refer to.

    The excluded kinds are left out: the connector fills the reference to a parent from the request,
    so it proves nothing.
    """
    found: dict[str, list[str]] = {}
    for one in fragments:
        for name, field in KINDS[one.kind].fields.items():
            value = one.values.get(name)
            if field.ref and field.ref not in excluded and isinstance(value, str):
                found.setdefault(field.ref, []).append(value)
    return found
