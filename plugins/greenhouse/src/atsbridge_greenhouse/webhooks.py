"""Greenhouse's webhooks: verify a delivery, and find the records to fetch.

A webhook is a hint only: its body has the shape of v1 and may be old, so nothing in it is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from atsbridge.api import FatalError, RefreshHint, WebhookDelivery, WebhookSpec
from atsbridge_greenhouse.values import ident

# How long a listener must remember keys: Greenhouse tries seven times within some 15 hours. What
# is played again after that costs a request and changes nothing.
WINDOW = timedelta(hours=24)


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
    given = _signed(body, signature, secret)
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.DecodeError:
        raise _refused("the body is no webhook of Greenhouse's") from None
    found: dict[str, dict[str, None]] = {}
    for kind, key in _named(event):
        found.setdefault(kind, {})[key] = None
    return tuple(RefreshHint(kind, tuple(ids), key=given, at=None) for kind, ids in found.items())


def _signed(body: bytes, signature: str, secret: str) -> str:
    """Verify the signature; return its hexadecimal digits."""
    method, _, given = signature.strip().partition(" ")
    given = given.strip().lower()
    if method.lower() != "sha256" or not given:
        raise _refused("it is not signed", "Give the webhook a secret key in Greenhouse")
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise _refused("its signature is wrong", "Compare the secret key with Greenhouse's")
    return given


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


def _refused(what: str, remedy: str = "") -> FatalError:
    return FatalError(f"a webhook was refused: {what}", where="greenhouse", remedy=remedy)


def _parse(delivery: WebhookDelivery, secret: str) -> tuple[RefreshHint, ...]:
    return hints(delivery.body, delivery.headers.get("signature", ""), secret)


WEBHOOKS = WebhookSpec(
    parse=_parse,
    events=EVENTS,
    setup="Configure > Dev Center > Web Hooks, one web hook for each event",
    window=WINDOW,
)
