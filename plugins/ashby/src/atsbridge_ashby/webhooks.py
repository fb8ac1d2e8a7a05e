"""Ashby's webhooks: verify a delivery, and find the records to fetch.

A webhook is a hint only: nothing in it is stored. Feedback and approvals have no event. Neither the
body nor a header says when an event happened.
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
    is_id,
    verify_hmac,
)

# How often and how long Ashby tries again is not documented. A delivery that is played again later
# costs a request and changes nothing.
WINDOW = timedelta(hours=24)
# Of the 22 kinds, those about records that are read.
EVENTS = (
    *("applicationSubmit", "applicationUpdate", "candidateStageChange", "candidateHire"),
    *("interviewScheduleCreate", "interviewScheduleUpdate"),
    *("offerCreate", "offerUpdate", "offerDelete"),
    *("jobCreate", "jobUpdate", "interviewPlanTransition"),
)
_HEADER, _VENDOR = "ashby-signature", "ashby"


class _Event(msgspec.Struct, frozen=True):
    action: str = ""
    data: dict[str, Any] = {}


def hints(body: bytes, signature: str, secret: str) -> tuple[RefreshHint, ...]:
    """What to fetch now because of one delivery; nothing for a ping or what nobody stores.

    `body`: the bytes as received, for they are what is signed. `signature`: the header
    `Ashby-Signature`, "sha256=<hex>". FatalError, which names no content, for a body that is no
    webhook or is not signed with the secret. `RefreshHint.key` is the digest: the same for a
    repeated delivery.
    """
    given = verify_hmac(
        body, _digits(signature), secret, where=_VENDOR, key_name="secret token of the webhook"
    )
    event = decode_webhook(body, _Event, where=_VENDOR)
    if event.action not in EVENTS:
        return ()
    found = dict.fromkeys(_named(event.data))
    return tuple(RefreshHint(kind, (key,), key=given, at=None) for kind, key in found)


def _digits(signature: str) -> str:
    method, _, given = signature.partition("=")
    return given if method.strip().lower() == "sha256" else ""


def _named(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, id) of each record that the event is about.

    Offers and interviews are reached through their application.
    """
    yield from _ids("application", _part(data, "application").get("id"))
    for name in ("interviewSchedule", "offer"):
        yield from _ids("application", _part(data, name).get("applicationId"))
    yield from _ids("requisition", _part(data, "job").get("id"))
    yield from _ids("requisition", data.get("jobId"))


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _ids(kind: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value and is_id(value):
        yield kind, value


def _parse(delivery: WebhookDelivery, secret: str) -> tuple[RefreshHint, ...]:
    return hints(delivery.body, delivery.headers.get(_HEADER, ""), secret)


WEBHOOKS = WebhookSpec(
    parse=_parse,
    events=EVENTS,
    setup="Admin > Integrations > Webhooks, one webhook for each event, with a secret token",
    window=WINDOW,
)
