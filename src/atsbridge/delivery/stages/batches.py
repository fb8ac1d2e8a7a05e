"""Messages that belong to no single case: summaries, digests and messages to the operators."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery.batch_messages import compose
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import DropCode, drop_notice


def compose_batch(draft: Draft, env: DeliveryEnv) -> Draft:
    """Collect the lines that still apply, and render them."""
    batch = compose(draft.notice, require(draft.route), env)
    return replace(draft, batch=batch, message=batch.message)


def drop_empty_batch(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the message if none of its lines applies any more."""
    batch = require(draft.batch)
    if batch.message is not None:
        return draft
    return Settled(drop_notice(draft.notice, DropCode.CASE_ENDED), batch.dropped)
