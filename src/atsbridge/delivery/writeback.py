"""Marks in the ATS: which of them are ours, and which another case of ours still needs.

Putting them on and taking them off is the sink's; what a mark is, `model.writing`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from atsbridge.model import (
    TAG,
    Destination,
    DropCode,
    Key,
    Mark,
    Notice,
    NoticeState,
    Purpose,
    Receipt,
    read,
)
from atsbridge.ports import Store

_OFF = "-"  # before what was taken off, among our own writes


def of(to: Destination) -> Mark | None:
    """The mark that is put there; None for a note or a message."""
    return read(to.address)[1] if to.kind == "ats" else None


def public(to: Destination) -> bool:
    """Whether it is seen beyond the requisition it is about."""
    mark = of(to)
    return mark is not None and mark.capability == TAG


def put_on(store: Store, to: Destination, receipt: Receipt, at: datetime) -> bool:
    """Remember that the mark is ours; False where somebody else had put it there before."""
    bearer, mark = _bearer(to, receipt), of(to)
    if receipt.ids.get("had") and not _ours(store, bearer, str(mark)):
        return False
    store.own_writes.remember_write(bearer.account, bearer, str(mark), at)
    return True


def taken_off(store: Store, to: Destination, sent: Receipt, at: datetime) -> None:
    """Remember that it is no longer ours."""
    bearer = _bearer(to, sent)
    store.own_writes.remember_write(bearer.account, bearer, f"{_OFF}{of(to)}", at)


def stays(store: Store, first: Notice) -> DropCode | None:
    """Why a mark stays though its case has ended; None if it is to be taken off."""
    if first.foreign_tag:
        return DropCode.TAG_NOT_OURS
    on = first.receipt.get("on")
    for other in _standing(store, first):
        if (other.receipt.get("on"), of(other.destination)) == (on, of(first.destination)):
            return DropCode.TAG_STILL_NEEDED
    return None


def _standing(store: Store, first: Notice) -> Iterator[Notice]:
    """What was put on for other cases that are open."""
    for case, notices in store.outbox.read_open_notices(first.account).items():
        for one in notices if case != first.case else ():
            if one.state is NoticeState.SENT and one.purpose is not Purpose.RESOLVE:
                yield one


def _ours(store: Store, bearer: Key, mark: str) -> bool:
    """Whether we put it on and have not taken it off since."""
    written = dict(store.own_writes.read_own_writes(bearer.account, bearer))
    on, off = written.get(mark), written.get(f"{_OFF}{mark}")
    return on is not None and (off is None or off < on)


def _bearer(to: Destination, receipt: Receipt) -> Key:
    """The record that shows the mark: perhaps not the one it was put on."""
    record, _ = read(to.address)
    kind, _, id_ = str(receipt.ids.get("on") or f"{record.kind}/{record.id}").partition("/")
    return Key(record.account, kind, id_)
