"""Which accounts take webhooks, and the secret with which each delivery is verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import WebhookSpec


@dataclass(frozen=True, slots=True)
class AccountWebhooks:
    """How one account's webhooks are verified."""

    spec: WebhookSpec
    secret: str = field(repr=False)


def find_webhook_accounts(
    services: Services, note: Callable[[Mapping[str, Any]], None]
) -> dict[str, AccountWebhooks]:
    """The accounts whose connector knows webhooks and whose settings have the secret.

    A secret that cannot be read costs its account only; `note` logs why.
    """
    found: dict[str, AccountWebhooks] = {}
    for name in sorted(services.settings.accounts):
        try:
            spec = services.spec(name).webhooks
            if spec is None:
                continue
            secret = getattr(services.read_connector_settings(name), spec.secret, None)
        except AtsbridgeError as error:
            note({"action": "webhooks_off", "account": name, "what": error.what})
            continue
        if isinstance(secret, SecretStr) and secret.get_secret_value():
            found[name] = AccountWebhooks(spec, secret.get_secret_value())
    return found
