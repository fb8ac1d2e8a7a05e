"""The message of the same case that a notice follows."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import DropCode, Receipt, drop_notice


def find_first_message(draft: Draft, env: DeliveryEnv) -> Draft:
    """Find the message of the case that was sent to the same place first."""
    first = env.find_sent_message(draft.notice, require(draft.route).to)
    return replace(draft, first=first)


def find_thread(draft: Draft, env: DeliveryEnv) -> Draft:
    """Reply to the first message, in a sink with threads."""
    if draft.first is None or not require(draft.route).sink.spec.threads:
        return draft
    return replace(draft, thread=Receipt(draft.first.receipt))


def drop_without_thread(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop an answer to a message that no longer exists."""
    if draft.thread is None:
        return Settled(drop_notice(draft.notice, DropCode.MESSAGE_DELETED))
    return draft
