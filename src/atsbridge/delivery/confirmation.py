"""Stale facts are read again before a person is notified; what cannot be confirmed is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from atsbridge.model import DropCode, Hold, Notice, NoticeState, Purpose, drop_notice, hold_notice
from atsbridge.ports import Store
from atsbridge.presentation import digest_message

_CONFIRMED = (Purpose.SEND, Purpose.FOLLOW_UP)
_NEXT_RUN = timedelta(minutes=1)  # not claimed again in this run


@dataclass(frozen=True, slots=True)
class RecheckResult:
    """`moved`: numbers of cases that changed. `unsure`: unconfirmed cases, with the reason."""

    moved: frozenset[int] = frozenset()
    unsure: Mapping[int, str] = field(default_factory=dict)


class ConfirmFacts(Protocol):
    """Reads stale facts of these cases again, evaluates them and stores the result.

    `unsent`: keys of claimed notices that were not sent to anybody. They are dropped if their case
    ends or changes its assignee. Raises StoreError only.
    """

    def __call__(self, cases: Sequence[int], unsent: frozenset[str]) -> RecheckResult: ...


@dataclass(frozen=True, slots=True)
class ConfirmedBatch:
    """The claimed notices that are sent, and the others as they were stored."""

    going: Sequence[Notice]
    settled: Sequence[Notice] = ()


def confirm(
    claimed: Sequence[Notice], store: Store, confirm_facts: ConfirmFacts, now: datetime
) -> ConfirmedBatch:
    """Confirm the notices that go to people, as messages of their own or as lines of a digest.

    Notices that no longer apply were dropped in the transaction that ended their case. Unconfirmed
    notices are held until the next run, line by line in a digest.
    """
    single = {n.key: n for n in claimed if n.purpose in _CONFIRMED and _is_personal(n)}
    lines = _read_lines(
        [n for n in claimed if n.purpose is Purpose.DIGEST and _is_personal(n)], store
    )
    of_lines = chain.from_iterable(its for _, its in lines)
    cases = dict.fromkeys(n.case for n in chain(single.values(), of_lines))
    if not cases:
        return ConfirmedBatch(claimed)
    unsent = frozenset(n.key for n in single.values() if not (n.departed or n.attempts))
    result = confirm_facts(list(cases), unsent)
    dropped = _read_dropped(store, [single[key] for key in sorted(unsent)], result.moved)
    held = [
        _hold(n, now) for n in single.values() if n.key not in dropped and n.case in result.unsure
    ]
    for digest, its in lines:
        held += _put_off(digest, its, result, now)
    if held:
        store.outbox.settle(*held)
    settled = [*dropped.values(), *held]
    keys = {n.key for n in settled}
    return ConfirmedBatch([n for n in claimed if n.key not in keys], settled)


def _read_lines(digests: Sequence[Notice], store: Store) -> list[tuple[Notice, list[Notice]]]:
    """Each digest with those of its lines that are confirmed."""
    if not digests:
        return []
    held = store.outbox.read_notices(digests[0].account, states=[NoticeState.HELD])
    return [
        (one, [n for n in digest_message.find_digest_lines(one, held) if n.purpose in _CONFIRMED])
        for one in digests
    ]


def _read_dropped(
    store: Store, unsent: Sequence[Notice], moved: frozenset[int]
) -> dict[str, Notice]:
    """Those of the notices that were dropped with what became of their case, by key."""
    keys = {one.key for one in unsent}
    cases = sorted({one.case for one in unsent} & moved)
    account = unsent[0].account if unsent else ""
    now = (n for number in cases for n in store.outbox.read_notices(account, case=number))
    return {n.key: n for n in now if n.key in keys and n.state is NoticeState.DROPPED}


def _hold(notice: Notice, now: datetime) -> Notice:
    """The notice, held to the next run; one that may have arrived is looked up then."""
    held = hold_notice(notice, Hold.UNCONFIRMED, now + _NEXT_RUN)
    return replace(held, attempts=max(notice.attempts, int(notice.departed)))


def _put_off(
    digest: Notice, lines: Sequence[Notice], result: RecheckResult, now: datetime
) -> list[Notice]:
    """The unsure lines, put off to the next run; the digest is dropped if it has no other.

    One that may have arrived waits with all its lines: it is looked up once they are confirmed.
    """
    unsure = [n for n in lines if n.case in result.unsure]
    if unsure and (digest.departed or digest.attempts):
        return [_hold(digest, now)]
    late = [replace(line, not_before=now + _NEXT_RUN) for line in unsure]
    if late and len(late) == len(lines):
        late.append(drop_notice(digest, DropCode.UNCONFIRMED))
    return late


def _is_personal(notice: Notice) -> bool:
    return notice.destination.kind == "person"
