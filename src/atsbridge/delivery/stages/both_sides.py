"""Messages to the two sides of a requisition: to these two only, made from what is stored now."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.side_messages import PairComposer
from atsbridge.errors import AtsbridgeError
from atsbridge.model import DropCode, Purpose, drop_notice

_RATED = (Purpose.COMPARISON, Purpose.PULSE_RESULT)
_ONLY_THEM = AtsbridgeError(
    "a message to the two sides of a role is sent to these two alone, and one cannot be reached",
    remedy="Give the person an address that a sink reaches",
)


def guard_pair(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop a message that would reach anybody else, and ratings that would be redirected."""
    notice, route = draft.notice, require(draft.route)
    rated = notice.purpose is Purpose.COMPARISON and isinstance(route.sink, Redirected)
    if notice.destination.kind == "ats":
        return draft
    if route.to.address == notice.destination.address and route.to.kind == "person" and not rated:
        return draft
    env.report(notice, _ONLY_THEM)
    return Settled(drop_notice(notice, DropCode.NOT_REACHED))


def hide_ratings(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Show no ratings in a rehearsal: it is read by whoever runs atsbridge."""
    if draft.notice.purpose not in _RATED:
        return draft
    return Settled(drop_notice(draft.notice, DropCode.NOT_REACHED))


def compose(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Make the message; drop the notice if there is nothing to say any more."""
    notice, route = draft.notice, require(draft.route)
    composer = PairComposer(env.store, env.make_context(notice, route))
    message = composer.compose(notice, route.to)
    if message is None:
        return Settled(drop_notice(notice, DropCode.SUPERSEDED))
    return replace(draft, message=message)


def note_sent(draft: Draft, env: DeliveryEnv) -> Draft:
    """Note that the version was sent: it is no draft any more."""
    notice = draft.notice
    if notice.purpose is Purpose.AGREEMENT:
        at = notice.sent_at or env.time.now()
        env.store.briefs.mark_sent(notice.subject, notice.edition, at)
    return draft
