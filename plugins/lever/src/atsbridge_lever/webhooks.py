"""Lever's webhooks: verify sender and age of a delivery, and find the records to fetch.

A webhook is a hint only: nothing in it is stored, and the next sync finds what a lost one reported.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from atsbridge.api import (
    RefreshHint,
    WebhookDelivery,
    WebhookSpec,
    decode_webhook,
    refuse_webhook,
    verify_hmac,
)
from atsbridge_lever.wire import Ms, instant

WINDOW = timedelta(hours=1)  # Lever tries five times again with growing gaps; a poll is sooner
_VENDOR, _KEY = "lever", "signature token"
_UNSIGNED = "Switch the signature token on in Lever's settings"
AHEAD = timedelta(minutes=5)  # how far the vendor's clock may be ahead of ours
# Of the ten events, those about a candidacy; the shape of the others is not documented.
EVENTS = (
    *("applicationCreated", "candidateHired", "candidateStageChange", "candidateArchiveChange"),
    "candidateDeleted",
)
_NOTHING_TO_FETCH = frozenset({"candidateDeleted"})  # deleted: the list of deletions returns it


class _Data(msgspec.Struct, rename="camel", frozen=True):
    opportunity_id: str | None = None
    candidate_id: str | None = None  # older name of the same id


class _Event(msgspec.Struct, rename="camel", frozen=True):
    """The envelope. `token` and `signature` are there once the account has a signing token."""

    event: str = ""
    id: str | None = None
    triggered_at: Ms = None
    token: str | None = None
    signature: str | None = None
    data: _Data | None = None


def hints(
    body: bytes, secret: str, now: datetime, window: timedelta = WINDOW
) -> tuple[RefreshHint, ...]:
    """What to fetch now, because of one delivery; nothing for a test or an event without a
    candidacy. `RefreshHint.key` is the same for a delivery that comes again.

    `secret` is the webhook's signature token. FatalError, which names no content, for a body that
    is no webhook, is not signed with the secret, or was triggered before `window`. Lever signs
    `token` + `triggeredAt` and not the rest: an id in it may be anybody's, and is only looked up.
    """
    event = decode_webhook(body, _Event, where=_VENDOR)  # it holds its own signature
    at = instant(event.triggered_at)
    if not (event.token and at):
        raise refuse_webhook(_VENDOR, "it is not signed", _UNSIGNED)
    signed = f"{event.token}{event.triggered_at}".encode("utf-8", "replace")
    verify_hmac(signed, event.signature or "", secret, where=_VENDOR, key_name=_KEY)
    if not now - window <= at <= now + AHEAD:
        remedy = "If this goes on, set the clock (NTP)"
        raise refuse_webhook(_VENDOR, "it is too old, or from the future", remedy)
    data = event.data or _Data()
    id_ = data.opportunity_id or data.candidate_id
    if not id_ or event.event in _NOTHING_TO_FETCH:
        return ()
    return (RefreshHint("application", (id_,), key=event.token, at=at),)


def _parse(delivery: WebhookDelivery, secret: str) -> tuple[RefreshHint, ...]:
    return hints(delivery.body, secret, delivery.at)


WEBHOOKS = WebhookSpec(
    parse=_parse,
    events=EVENTS,
    setup="Settings > Integrations and API > Webhooks, with the signature token switched on",
    window=WINDOW * 2,  # what came just within the window may be played again until it has passed
)
