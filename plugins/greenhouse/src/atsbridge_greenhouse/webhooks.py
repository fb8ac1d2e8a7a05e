"""Greenhouse's webhooks: verify a delivery, and find the records to fetch.

A webhook is a hint only: its body has the shape of v1 and may be old, so nothing in it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from atsbridge.api import (
    RefreshHint,
    WebhookDelivery,
    WebhookSpec,
    decode_webhook,
    verify_hmac,
)
from atsbridge_greenhouse.values import ident

# How long a listener must remember keys: Greenhouse tries seven times within some 15 hours. What
# is played again after that costs a request and changes nothing.
WINDOW = timedelta(hours=24)
_VENDOR = "greenhouse"


# Of the 29 events, those about records that are read. There is none for feedback that was given, an
# interview that was scheduled, or an approval step.
EVENTS = (
    *("new_candidate_application", "new_prospect_application", "application_updated"),
    *("candidate_stage_change", "hire_candidate", "unhire_candidate", "reject_candidate"),
    *("unreject_candidate", "delete_application", "delete_candidate", "merge_candidate"),
    *("offer_created", "offer_updated", "offer_approved", "offer_deleted"),
    *("job_created", "job_updated", "job_approved", "job_deleted"),
    *("interview_deleted", "scorecard_deleted"),
)


class _Event(msgspec.Struct, frozen=True):
    action: str = ""
    payload: dict[str, Any] = {}


def hints(body: bytes, signature: str, secret: str) -> tuple[RefreshHint, ...]:
    """What to fetch now, because of one delivery; nothing for a ping or what nobody stores.

    `body`: the bytes as received, for they are what is signed. `signature`: the header of that
    name, "sha256 <hex>". `secret`: the webhook's secret key. FatalError, which names no content,
    for a body that is no webhook or is not signed with the secret.

    The signed body does not say when the event happened, so `RefreshHint.at` is None.
    `RefreshHint.key` is the signature: the same for the same bytes, whatever the headers are. A
    listener that remembers keys for WINDOW takes no delivery twice.
    """
    given = verify_hmac(
        body, _digits(signature), secret, where=_VENDOR, key_name="secret key of the web hook"
    )
    event = decode_webhook(body, _Event, where=_VENDOR)
    found: dict[str, dict[str, None]] = {}
    for kind, key in _named(event):
        found.setdefault(kind, {})[key] = None
    return tuple(RefreshHint(kind, tuple(ids), key=given, at=None) for kind, ids in found.items())


def _digits(signature: str) -> str:
    method, _, given = signature.strip().partition(" ")
    return given if method.lower() == "sha256" else ""


def _named(event: _Event) -> Iterator[tuple[str, str]]:
    """(kind, id) of every record the event is about, deleted ones too."""
    payload = event.payload
    if event.action == "ping":
        return
    if event.action.startswith("offer_"):
        offer = _part(payload, "offer") or payload  # events of created and updated records are flat
        yield from _ids("offer", offer.get("id"))
        yield from _ids("application", offer.get("application_id"))
    for name, kind in _PARTS.items():
        yield from _ids(kind, _part(payload, name).get("id"))
    candidate = _part(payload, "candidate")
    for name in ("application_ids", "deleted_application_ids"):
        many = payload.get(name) or candidate.get(name)
        for one in many if isinstance(many, list) else ():
            yield from _ids("application", one)


_PARTS: Mapping[str, str] = {
    "application": "application",
    "job": "requisition",
    "interview": "interview",
    "scorecard": "scorecard",
}


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _ids(kind: str, value: Any) -> Iterator[tuple[str, str]]:
    known = ident(value) if isinstance(value, int | str) else None
    if known is not None and known.isdigit():
        yield kind, known


def _parse(delivery: WebhookDelivery, secret: str) -> tuple[RefreshHint, ...]:
    return hints(delivery.body, delivery.headers.get("signature", ""), secret)


WEBHOOKS = WebhookSpec(
    parse=_parse,
    events=EVENTS,
    setup="Configure > Dev Center > Web Hooks, one web hook for each event",
    window=WINDOW,
)
