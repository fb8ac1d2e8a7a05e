"""Reasons of drops are stored as codes with parameters."""

from __future__ import annotations

import pytest

from atsbridge.model.notice import (
    Destination,
    DropCode,
    Notice,
    NoticeState,
    Purpose,
    drop_notice,
)
from atsbridge.model.record import Key


def notice(key: str) -> Notice:
    return Notice(
        key=key,
        account="acme",
        case=1,
        rule="late",
        subject=Key("acme", "seat", "s1"),
        destination=Destination("slack", "person", "ann@x.example"),
        purpose=Purpose.SEND,
    )


@pytest.mark.parametrize("code", DropCode)
def test_a_drop_reason_is_kept_with_its_parameters(store, code):
    """One text, several, or none."""
    one = drop_notice(notice("a"), code, text="it\0 says", capabilities=("tag", "note"))
    plain = drop_notice(notice("b"), code)
    store.outbox.queue([one, plain])
    kept, bare = store.outbox.read_notices("acme")
    assert (kept.state, kept.drop.code, kept.drop["capabilities"]) == (
        NoticeState.DROPPED,
        code,
        "tag, note",
    )
    assert bare == plain
