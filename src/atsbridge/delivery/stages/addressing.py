"""Which sink and address a notice goes to."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery import routing
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import BOUND, ENDS, queue_notice


def find_route(draft: Draft, env: DeliveryEnv) -> Draft:
    """Find the sink and address, past the routes that are closed."""
    notice, directory = draft.notice, env.directory
    owner = directory.owner(draft.rule) if draft.rule else directory.ops
    bound = notice.purpose in BOUND and not notice.sent_anew
    closed = None if bound else env.failover.closed
    route = routing.find(notice.destination, owner, env.sinks, directory, draft.facts, closed)
    return replace(draft, route=route)


def queue_for_stand_in(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Queue the notice for a person who stands in for the reader: their attention counts too.

    The end of a case is a new message for them, because the first one went to the reader.
    """
    notice, to = draft.notice, require(draft.route).to
    if to.kind != "person" or to.address == notice.destination.address or draft.was_tried:
        return draft
    anew = notice.refused_edit or notice.purpose in ENDS
    handed = replace(notice, destination=to, refused_edit=anew)
    return Settled(queue_notice(handed, notice.not_before))
