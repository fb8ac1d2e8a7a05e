"""Messages to one of a pair: their reader alone may read them, while both agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import DropCode, Message, Purpose, drop_notice
from atsbridge.presentation import reader_notes

# Of weekly figures nobody wants last week's; the next message comes after seven days.
_STALE = timedelta(days=6)
_AGREED = (Purpose.WEEKLY, Purpose.STREAK)  # they need the consent of both
_DATED = (*_AGREED, Purpose.OFFER)


def drop_withdrawn(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop it if one of the pair no longer agrees, or its figures are old by now."""
    notice = draft.notice
    if draft.was_tried:
        return draft
    if notice.purpose in _AGREED and not set(notice.pair) <= env.request.sharers:
        return Settled(drop_notice(notice, DropCode.WITHDRAWN))
    made = notice.created_at
    if notice.purpose in _DATED and made is not None and env.time.now() - made > _STALE:
        return Settled(drop_notice(notice, DropCode.OUTDATED))
    return draft


def guard_reader(draft: Draft, env: DeliveryEnv) -> Draft | Settled:  # noqa: ARG001
    """Drop it if it would reach anybody else: no delegate, no team, no channel."""
    to, meant = require(draft.route).to, draft.notice.destination
    if to.kind == "person" and to.address == meant.address:
        return draft
    return Settled(drop_notice(draft.notice, DropCode.NOT_REACHED))


def render_apart(draft: Draft, env: DeliveryEnv) -> Draft:
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
