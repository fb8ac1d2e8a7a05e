"""Webhooks as Lever sends them, about candidacies of the sandbox company."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from itertools import count

from atsbridge.sandbox import SignedWebhook

_TOKEN_LENGTH = 48
_DELIVERIES = count(1)


def sign_webhook(kind: str, id_: str, secret: str, now: datetime) -> SignedWebhook:
    """A delivery that says that a candidacy changed. `kind`: "application", or any other for a
    test, whose data is empty.
    """
    number = next(_DELIVERIES)
    token = hashlib.sha256(f"{number} {id_}".encode()).hexdigest()[:_TOKEN_LENGTH]
    triggered = int(now.timestamp() * 1000)
    signed = hmac.new(secret.encode(), f"{token}{triggered}".encode(), hashlib.sha256)
    data = {"opportunityId": id_, "candidateId": id_} if kind == "application" else {}
    event = {
        "id": f"70819203-0000-490a-8b2c-{number:012}",
        "event": "candidateStageChange",
        "triggeredAt": triggered,
        "token": token,
        "signature": signed.hexdigest(),
        "data": data,
    }
    headers = {"Content-Type": "application/json", "User-Agent": "Lever-Webhooks"}
    return SignedWebhook(json.dumps(event).encode(), headers)
