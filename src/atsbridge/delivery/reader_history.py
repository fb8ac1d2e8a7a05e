"""What has reached a reader before: how often on a case, which reasons, or nothing at all.

One value per reader in the run state, under a hash of their address. A value that is lost costs a
repeated reason, never a message.
"""

from __future__ import annotations

import json

from atsbridge.cases import hash_parts
from atsbridge.model import BOUND, Destination, Notice, NoticeState
from atsbridge.ports import Store
from atsbridge.presentation import ReaderHistory

_FIRST = ""  # among the rules: the first message of all


def read(store: Store, notice: Notice, to: Destination) -> ReaderHistory:
    """What had reached the reader at `to` before this notice, also if it was sent since."""
    seen = _read(store, to)
    earlier = [
        one
        for one in store.outbox.read_notices(
            notice.account, case=notice.case, states=[NoticeState.SENT]
        )
        if one.destination.place == to.place and one.purpose not in BOUND and _before(one, notice)
    ]
    return ReaderHistory(
        is_first=to.kind == "person" and seen.get(_FIRST, notice.key) == notice.key,
        knows_why=seen.get(notice.rule, notice.key) != notice.key,
        reminder=len(earlier) + 1 if notice.case else 1,
    )


def remember(store: Store, notice: Notice, to: Destination) -> None:
    """The notice has reached the reader at `to`."""
    if to.kind == "ats":
        return
    seen = _read(store, to)
    added = {rule: notice.key for rule in (_FIRST, notice.rule) if rule not in seen}
    if added:
        store.run_state.put(_key(to), json.dumps({**seen, **added}).encode())


def _before(one: Notice, notice: Notice) -> bool:
    if one.key == notice.key:
        return False
    return notice.sent_at is None or (one.sent_at is not None and one.sent_at < notice.sent_at)


def _read(store: Store, to: Destination) -> dict[str, str]:
    """Rule -> the key of the notice that brought its reason."""
    kept = store.run_state.get(_key(to))
    try:
        seen = json.loads(kept) if kept else {}
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _key(to: Destination) -> str:
    address = to.address.lower() if to.kind == "person" else "/".join(to.place)
    return f"reader/{hash_parts('reader', to.kind, address)}"
