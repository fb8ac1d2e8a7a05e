"""Messages to one of a pair: their reader alone may read them, while both agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import DropCode, Message, Notice, Purpose, drop_notice
from atsbridge.presentation import reader_notes, weekly_message

# Of weekly figures nobody wants last week's; the next message comes after seven days.
_STALE = timedelta(days=6)
_AGREED = (Purpose.WEEKLY, Purpose.STREAK)  # they need the consent of both
_DATED = (*_AGREED, Purpose.OFFER)


def drop_withdrawn(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop it if one of the pair no longer agrees, or its figures are old by now.

    Of a message about several pairs, only what is about such a pair is left out.
    """
    notice = draft.notice
    if draft.was_tried:
        return draft
    if notice.purpose in _AGREED and not set(notice.pair) <= env.request.sharers:
        left = _keep_agreed(notice, env.request.sharers)
        if left is None:
            return Settled(drop_notice(notice, DropCode.WITHDRAWN))
        notice, draft = left, replace(draft, notice=left)
    made = notice.created_at
    if notice.purpose in _DATED and made is not None and env.time.now() - made > _STALE:
        return Settled(drop_notice(notice, DropCode.OUTDATED))
    return draft


def _keep_agreed(notice: Notice, sharers: frozenset[str]) -> Notice | None:
    """The notice with the pairs of which both still agree; None where there is none."""
    pairs = zip(notice.pair[::2], notice.pair[1::2], strict=False)
    parts = notice.text.parts if notice.text else ()
    kept = [one for one in zip(pairs, parts, strict=False) if set(one[0]) <= sharers]
    if not kept:
        return None
    people = tuple(person for pair, _ in kept for person in pair)
    return replace(notice, pair=people, text=weekly_message.join_weekly([text for _, text in kept]))


def guard_reader(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop it if it would reach anybody else: no delegate, no team, no channel."""
    to, meant = require(draft.route).to, draft.notice.destination
    if to.kind == "person" and to.address == meant.address:
        return draft
    return Settled(drop_notice(draft.notice, DropCode.NOT_REACHED))


def render_personal(draft: Draft, env: DeliveryEnv) -> Draft:
    """Take the text that the notice carries."""
    notice, route = draft.notice, require(draft.route)
    text = require(notice.text) if draft.receipt is None else notice.text
    if text is None:
        return draft
    context = env.make_context(notice, route)
    message = Message(
        notice.key,
        text.headline,
        text.body,
        tone="glad" if notice.purpose is Purpose.STREAK else "done",
        hint=text.hint if context.takes_replies else "",
        intro=reader_notes.intro(route.to, context),
        chart=text.chart,
    )
    return replace(draft, message=message)
