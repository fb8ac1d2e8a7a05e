"""The fake signs webhooks as the connector verifies them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.errors import FatalError
from atsbridge.ports import WebhookDelivery
from atsbridge_lever.fake.webhook_deliveries import sign_webhook
from atsbridge_lever.settings import LeverSettings
from atsbridge_lever.spec import SPEC

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_a_signed_delivery_is_accepted_and_no_other() -> None:
    """Within its hour; each has a key of its own."""
    assert SPEC.webhooks is not None
    parse, keys = SPEC.webhooks.parse, set()
    for _ in range(2):
        body, headers = sign_webhook("application", "6b1d", "secret-1", NOW)
        (hint,) = parse(WebhookDelivery(headers, body, NOW), "secret-1")
        assert (hint.kind, hint.ids, hint.at) == ("application", ("6b1d",), NOW)
        keys.add(hint.key)
        for at, secret in ((NOW, "secret-2"), (NOW + timedelta(hours=2), "secret-1")):
            with pytest.raises(FatalError):
                parse(WebhookDelivery(headers, body, at), secret)
    assert len(keys) == 2
    body, headers = sign_webhook("test", "", "secret-1", NOW)
    assert parse(WebhookDelivery(headers, body, NOW), "secret-1") == ()


def test_the_secret_is_a_setting() -> None:
    assert SPEC.webhooks is not None
    assert SPEC.webhooks.secret in LeverSettings.model_fields
    assert SPEC.webhooks.window >= timedelta(hours=1)
