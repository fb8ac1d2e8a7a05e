"""Tags, fields and notes in the ATS: which are ours, and which another open case still needs."""

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


def read_mark(to: Destination) -> Mark | None:
    """The tag or field value that is set there; None for a note or a message."""
    return read(to.address)[1] if to.kind == "ats" else None


def is_public(to: Destination) -> bool:
    """Whether it is seen outside the requisition it is about."""
    mark = read_mark(to)
    return mark is not None and mark.capability == TAG


def remember_note(store: Store, to: Destination, key: str, at: datetime) -> None:
    """Store a note as ours, so that no clock counts it as activity."""
    record, _ = read(to.address)
    store.own_writes.remember_write(record.account, record, key, at)


def claim_mark(store: Store, to: Destination, receipt: Receipt, at: datetime) -> bool:
    """Store that the tag is ours; False if somebody else had set it before."""
    record, mark = _marked_record(to, receipt), read_mark(to)
    if receipt.ids.get("had") and not _is_ours(store, record, str(mark)):
        return False
    store.own_writes.remember_write(record.account, record, str(mark), at)
    return True


def release_mark(store: Store, to: Destination, sent: Receipt, at: datetime) -> None:
    """Store that the tag is no longer ours."""
    record = _marked_record(to, sent)
    store.own_writes.remember_write(record.account, record, f"{_OFF}{read_mark(to)}", at)


def find_reason_to_keep(store: Store, first: Notice) -> DropCode | None:
    """Why a tag stays although its case has ended; None if it is to be removed."""
    if first.foreign_tag:
        return DropCode.TAG_NOT_OURS
    place = (first.receipt.get("on"), read_mark(first.destination))
    for other in _sent_for_other_cases(store, first):
        if (other.receipt.get("on"), read_mark(other.destination)) == place:
            return DropCode.TAG_STILL_NEEDED
    return None


def _sent_for_other_cases(store: Store, first: Notice) -> Iterator[Notice]:
    """Sent notices of other open cases."""
    for case, notices in store.outbox.read_open_notices(first.account).items():
        for one in notices if case != first.case else ():
            if one.state is NoticeState.SENT and one.purpose is not Purpose.RESOLVE:
                yield one


def _is_ours(store: Store, record: Key, mark: str) -> bool:
    """Whether atsbridge set it and has not removed it since."""
    written = dict(store.own_writes.read_own_writes(record.account, record))
    on, off = written.get(mark), written.get(f"{_OFF}{mark}")
    return on is not None and (off is None or off < on)


def _marked_record(to: Destination, receipt: Receipt) -> Key:
    """The record that shows the tag, which may be another than the one it was set on."""
    record, _ = read(to.address)
    kind, _, id_ = str(receipt.ids.get("on") or f"{record.kind}/{record.id}").partition("/")
    return Key(record.account, kind, id_)
