"""The fake signs webhooks as the connector verifies them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from atsbridge.errors import FatalError
from atsbridge.ports import WebhookDelivery
from atsbridge_greenhouse.fake.signed_webhooks import sign_webhook
from atsbridge_greenhouse.settings import GreenhouseSettings
from atsbridge_greenhouse.spec import SPEC

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_a_signed_delivery_is_accepted_and_no_other() -> None:
    assert SPEC.webhooks is not None
    body, headers = sign_webhook("application", "5601001", "secret-1", NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    (hint,) = SPEC.webhooks.parse(WebhookDelivery(lower, body, NOW), "secret-1")
    assert (hint.kind, hint.ids) == ("application", ("5601001",))
    with pytest.raises(FatalError):
        SPEC.webhooks.parse(WebhookDelivery(lower, body, NOW), "secret-2")
    body, headers = sign_webhook("ping", "1", "secret-1", NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    assert b"\\u0026" in body
    assert SPEC.webhooks.parse(WebhookDelivery(lower, body, NOW), "secret-1") == ()


def test_the_secret_is_a_setting() -> None:
    assert SPEC.webhooks is not None
    assert SPEC.webhooks.secret in GreenhouseSettings.model_fields
