"""Webhooks as Greenhouse sends them, about applications of the sandbox company."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from itertools import count
from typing import Any

from atsbridge.sandbox import SignedWebhook

_EVENT_IDS = count(1)


def sign_webhook(kind: str, id_: str, secret: str, now: datetime) -> SignedWebhook:
    """A delivery that says that a record changed at `now`. `kind`: "application", "requisition", or
    any other for a ping.

    Instants have whole seconds, and characters are escaped, as the vendor does it.
    """
    at = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    payload: dict[str, Any]
    if kind == "application":
        action, payload = (
            "application_updated",
            {"application": {"id": int(id_), "last_activity_at": at}},
        )
    elif kind == "requisition":
        action, payload = "job_updated", {"job": {"id": int(id_), "updated_at": at}}
    else:
        action, payload = "ping", {"web_hook_id": 1, "name": "R&D"}
    text = json.dumps({"action": action, "payload": payload}).replace("&", "\\u0026")
    body = text.encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "Signature": f"sha256 {digest}",
        "Greenhouse-Event-ID": str(next(_EVENT_IDS)),
    }
    return SignedWebhook(body, headers)
