"""Webhooks as Ashby sends them, about records of the sandbox company."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from atsbridge.sandbox import SignedWebhook


def sign_webhook(kind: str, id_: str, secret: str, changed: str) -> SignedWebhook:
    """A delivery that says that a record changed. `kind`: "application", "requisition", or any
    other for a ping. `changed`: the instant in the record, by which two deliveries differ.
    """
    data: dict[str, Any]
    if kind == "application":
        action, data = "applicationUpdate", {"application": {"id": id_, "updatedAt": changed}}
    elif kind == "requisition":
        action, data = "jobUpdate", {"job": {"id": id_, "updatedAt": changed}}
    else:
        action, data = "ping", {"webhookActionType": "applicationUpdate"}
    body = json.dumps({"action": action, "data": data}).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Ashby-Signature": f"sha256={digest}"}
    return SignedWebhook(body, headers)
