"""The end of a case for one reader: their message is edited, or they get a new one."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.delivery.routing import Route
from atsbridge.delivery.stages.rendering import render_notice
from atsbridge.errors import DeniedError, FatalError
from atsbridge.model import DropCode, Notice, Receipt, drop_notice, queue_notice
from atsbridge.presentation import secret


def find_ended_message(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Find the message that the reader got first; drop the notice if there is none.

    An end that is sent anew may be for a person who stands in for its reader, and has none.
    """
    first = env.find_sent_message(draft.notice, draft.notice.destination)
    if first is None and not draft.notice.sent_anew:
        return Settled(drop_notice(draft.notice, DropCode.NOTHING_SENT))
    return replace(draft, first=first)


def edit_first_message(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Edit the first message, in a sink that can edit; queue a new message where it refuses."""
    if draft.notice.sent_anew:
        return draft
    first = require(draft.first)
    sink = env.sinks.get(first.destination.sink)
    if sink is None or not sink.spec.edits:
        return draft
    routed = replace(draft, route=Route(sink, first.destination))
    message = render_notice(draft.notice, routed, env)
    try:
        edited = replace(message, key=first.key)
        receipt = sink.edit(first.destination, Receipt(first.receipt), edited)
    except (DeniedError, FatalError):
        return Settled(queue_anew(draft.notice))
    return replace(routed, message=message, receipt=receipt)


def queue_anew(notice: Notice) -> Notice:
    """The end of a case as a new message, on any open route; the reader's attention counts."""
    return queue_notice(replace(notice, attempts=0, refused_edit=True))


def guard_confidential(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the end of a confidential case, if only a channel can be reached."""
    if secret(require(draft.route).to, require(draft.facts).facts):
        return Settled(drop_notice(draft.notice, DropCode.CONFIDENTIAL_CHANNEL))
    return draft


def drop_if_sent_elsewhere(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the notice if its reader already has a message of the case of their own."""
    to = require(draft.route).to
    elsewhere = to.place != draft.notice.destination.place
    if elsewhere and env.find_sent_message(draft.notice, to):
        return Settled(drop_notice(draft.notice, DropCode.ANOTHER_MESSAGE))
    return draft


def find_thread(draft: Draft, env: DeliveryEnv) -> Draft:
    """Reply to the first message, if the end goes to the same place."""
    if draft.notice.sent_anew:
        return draft
    route, first = require(draft.route), require(draft.first)
    same_place = route.to.place == first.destination.place
    if not (route.sink.spec.threads and same_place):
        return draft
    return replace(draft, thread=Receipt(first.receipt))
