"""Marks in the ATS: which of them we put there, and which another open case still needs.

The ATS sink puts them on and takes them off.
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


def find_mark(to: Destination) -> Mark | None:
    """The mark that a destination stands for; None for a note or a message."""
    return read(to.address)[1] if to.kind == "ats" else None


def public(to: Destination) -> bool:
    """Whether the mark is visible outside its requisition."""
    mark = find_mark(to)
    return mark is not None and mark.capability == TAG


def put_on(store: Store, to: Destination, receipt: Receipt, at: datetime) -> bool:
    """Record that we put the mark on; False where somebody else had put it there before."""
    record, mark = _find_marked_record(to, receipt), find_mark(to)
    if receipt.ids.get("had") and not _is_ours(store, record, str(mark)):
        return False
    store.own_writes.remember_write(record.account, record, str(mark), at)
    return True


def taken_off(store: Store, to: Destination, sent: Receipt, at: datetime) -> None:
    """Record that we took the mark off."""
    record = _find_marked_record(to, sent)
    store.own_writes.remember_write(record.account, record, f"{_OFF}{find_mark(to)}", at)


def find_keep_reason(store: Store, first: Notice) -> DropCode | None:
    """Why a mark is kept although its case has ended; None if it is to be taken off."""
    if first.foreign_tag:
        return DropCode.TAG_NOT_OURS
    on = first.receipt.get("on")
    for other in _standing(store, first):
        if (other.receipt.get("on"), find_mark(other.destination)) == (
            on,
            find_mark(first.destination),
        ):
            return DropCode.TAG_STILL_NEEDED
    return None


def _standing(store: Store, first: Notice) -> Iterator[Notice]:
    """The sent notices of other open cases."""
    for case, notices in store.outbox.read_open_notices(first.account).items():
        for one in notices if case != first.case else ():
            if one.state is NoticeState.SENT and one.purpose is not Purpose.RESOLVE:
                yield one


def _is_ours(store: Store, record: Key, mark: str) -> bool:
    """Whether we put it on and have not taken it off since."""
    written = dict(store.own_writes.read_own_writes(record.account, record))
    on, off = written.get(mark), written.get(f"{_OFF}{mark}")
    return on is not None and (off is None or off < on)


def _find_marked_record(to: Destination, receipt: Receipt) -> Key:
    """The record that shows the mark; the ATS may show it on another than the one addressed."""
    record, _ = read(to.address)
    kind, _, id_ = str(receipt.ids.get("on") or f"{record.kind}/{record.id}").partition("/")
    return Key(record.account, kind, id_)
