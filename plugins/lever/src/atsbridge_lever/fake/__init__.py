"""A fake of Lever's Data API over a sandbox company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from atsbridge.api import TimeSource
from atsbridge.sandbox import Company, Fake, FakeServer, RateBucket
from atsbridge_lever.fake.api import Api
from atsbridge_lever.fake.desk import PERMISSIONS
from atsbridge_lever.fake.expected_values import tell
from atsbridge_lever.fake.truth import company_ids
from atsbridge_lever.fake.webhook_deliveries import sign_webhook

__all__ = ["KEY", "PERMISSIONS", "PIPELINE", "company_ids", "serve", "tell"]

WEBHOOK_SECRET = "lever-sandbox-webhooks-77a0"  # noqa: S105  signs the fake's deliveries only
KEY = "lever-sandbox-key-5f2b7c1d9e"
PIPELINE: Literal["shared"] = "shared"  # one row of stages for all postings
RATE, BURST = 10.0, 20  # per key, as documented; refusals carry no header


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """How the fake differs from a usual customer's account.

    `denied`: permissions (of PERMISSIONS) that the key lacks. `confidential`: the key may see
    confidential rows. `disposition`: the account has `/disposition_stages`.
    """

    key: str = KEY
    denied: frozenset[str] = frozenset()
    confidential: bool = False
    disposition: bool = True


def serve(company: Company, time: TimeSource, *, port: int = 0, **options: Any) -> Fake:
    """Serve the company until the Fake is closed; the company goes on as `time` passes.

    It must have been made with `CompanyProfile(company_ids, "shared")`. `options`: those of
    `FakeOptions`.
    """
    chosen = FakeOptions(**options)
    api = Api(
        company,
        time,
        key=chosen.key,
        denied=chosen.denied,
        confidential=chosen.confidential,
        disposition=chosen.disposition,
    )
    server = FakeServer(
        api,
        time=time,
        limiter=RateBucket(RATE, BURST, time),
        refusal={"code": "RateLimitExceeded", "message": "Too many requests"},
        port=port,
    )
    settings = {
        "base_url": f"{server.url}/v1",
        "app_url": "https://hire.lever.example",
        "api_key": chosen.key,
        "confidential": chosen.confidential,
    }
    return Fake(
        server,
        settings,
        company,
        webhook_secret=WEBHOOK_SECRET,
        sign_webhook=lambda kind, id_: sign_webhook(kind, id_, WEBHOOK_SECRET, time.now()),
    )
