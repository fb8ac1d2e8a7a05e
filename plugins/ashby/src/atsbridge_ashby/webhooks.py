"""Ashby's webhooks: verify a delivery, and find the records to fetch.

A webhook is a hint only: nothing in it is stored. Feedback and approvals have no event. Neither the
body nor a header says when an event happened.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from atsbridge.api import FatalError, RefreshHint, WebhookDelivery, WebhookSpec, is_id

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
_HEADER = "ashby-signature"


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
    given = _verify(body, signature, secret)
    try:
        event = msgspec.json.decode(body, type=_Event)
    except (msgspec.DecodeError, RecursionError):
        raise _refused("the body is no webhook of Ashby's") from None
    if event.action not in EVENTS:
        return ()
    found = dict.fromkeys(_named(event.data))
    return tuple(RefreshHint(kind, (key,), key=given, at=None) for kind, key in found)


def _verify(body: bytes, signature: str, secret: str) -> str:
    """The hexadecimal digits of the signature. FatalError if it is missing or wrong."""
    method, _, given = signature.strip().partition("=")
    given = given.strip().lower()
    if not secret or method.strip().lower() != "sha256" or not given:
        raise _refused("it is not signed", "Give the webhook a secret token in Ashby")
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise _refused("its signature is wrong", "Compare the secret token with Ashby's")
    return given


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


def _refused(what: str, remedy: str = "") -> FatalError:
    return FatalError(f"a webhook was refused: {what}", where="ashby", remedy=remedy)


def _parse(delivery: WebhookDelivery, secret: str) -> tuple[RefreshHint, ...]:
    return hints(delivery.body, delivery.headers.get(_HEADER, ""), secret)


WEBHOOKS = WebhookSpec(
    parse=_parse,
    events=EVENTS,
    setup="Admin > Integrations > Webhooks, one webhook for each event, with a secret token",
    window=WINDOW,
)
