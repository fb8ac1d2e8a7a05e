"""A sink that posts each message as signed JSON to one address of the customer.

The schema is described in docs/webhook.md; a receiver escapes for its own display.
"""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from atsbridge.model import Destination, Message, Receipt, cut
from atsbridge.ports import SinkSpec, Tools
from atsbridge.presentation import describe_recipient
from atsbridge.sinks.plain_text import harmless, without_emphasis
from atsbridge.sinks.secret_endpoint import Endpoint, checked

SCHEMA = 1
_LINE, _BODY = 500, 20_000  # characters
_FACTS, _LINKS = 50, 200  # how many
_SHORTEST = 16  # bytes of a key
_PREFIX = "whsec_"  # of a secret in base64, as Standard Webhooks writes it


def _long_enough(secret: SecretStr) -> SecretStr:
    try:
        key = decode_secret(secret)
    except binascii.Error:
        raise ValueError(f"what follows {_PREFIX} is not base64") from None
    if len(key) < _SHORTEST:
        raise ValueError(f"a secret has at least {_SHORTEST} characters")
    return secret


class WebhookSettings(BaseModel):
    """`secret` signs; `people`: the receiver passes on to any person."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: Annotated[SecretStr, AfterValidator(checked)]
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
    people: bool = False


class Webhook:
    """One receiver. A message that may have been lost is posted again with the same `key`."""

    def __init__(self, settings: WebhookSettings, tools: Tools) -> None:
        self.spec = SPEC
        self._time = tools.time
        self._people = settings.people
        self._key = decode_secret(settings.secret)
        self._endpoint = Endpoint(tools.name, settings.url, tools.time)

    def find_address(self, email: str) -> str | None:
        """The address itself, if the settings say that the receiver reaches people."""
        return email if self._people else None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        now = self._time.now()
        root = thread.ids.get("thread") or thread.ids.get("key") if thread else None
        body = json.dumps(payload(to, message, now, root), ensure_ascii=False).encode()
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._key, message.key, stamp, body),
        }
        self._endpoint.post(body, headers)
        return Receipt({"key": message.key, "thread": root or message.key}, now)

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return sent  # a posted message cannot be changed

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def close(self) -> None:
        """Close all connections."""
        self._endpoint.close()


def payload(to: Destination, message: Message, now: datetime, thread: str | None) -> dict[str, Any]:
    """The posted body; docs/webhook.md describes each member."""
    message = harmless(message)
    return {
        "schema": SCHEMA,
        "key": message.key,
        "thread": thread,
        "sent_at": now.isoformat().replace("+00:00", "Z"),
        "to": {"kind": to.kind, "address": to.address, "why": cut(describe_recipient(to), _LINE)},
        "tone": message.tone,
        "headline": cut(message.headline, _LINE),
        "body": cut(message.body, _BODY),
        "facts": [
            {"label": cut(label, _LINE), "value": cut(value, _LINE)}
            for label, value in message.facts[:_FACTS]
        ],
        "why": cut(message.why, 2 * _LINE),
        "link": message.link,
        "link_text": cut(message.link_text, _LINE),
        "links": [link or None for link in message.links[:_LINKS]],
        "hint": cut(without_emphasis(message.hint), _LINE),
        "intro": cut(message.intro, 2 * _LINE),
    }


def signature(key: bytes, id_: str, stamp: str, body: bytes) -> str:
    """ "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body" (Standard Webhooks 1.0)."""
    digest = hmac.new(key, f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def decode_secret(secret: SecretStr) -> bytes:
    """The bytes of the key: the base64 after "whsec_", or any other text as UTF-8."""
    text = secret.get_secret_value()
    if text.startswith(_PREFIX):
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    return text.encode()


SPEC = SinkSpec(
    name="webhook",
    title="Webhook (signed JSON)",
    settings=WebhookSettings,
    open=Webhook,
    threads=True,
    direct_messages=True,
)
