"""A fake of Ashby's API over a sandbox company."""

from __future__ import annotations

from typing import Any, Literal

from atsbridge.api import Refusal, TimeSource
from atsbridge.sandbox import (
    Company,
    Fake,
    FakeServer,
    RateBucket,
    RefusalExample,
    Response,
)
from atsbridge_ashby.fake.api import KEY, PERMISSIONS, Api, FakeOptions
from atsbridge_ashby.fake.expected_values import tell
from atsbridge_ashby.fake.listing import refusal
from atsbridge_ashby.fake.truth import company_ids, stamp
from atsbridge_ashby.fake.webhook_deliveries import sign_webhook

__all__ = ["KEY", "PERMISSIONS", "PIPELINE", "company_ids", "serve", "tell"]

WEBHOOK_SECRET = "ashby-sandbox-webhooks-51c8"  # noqa: S105  signs the fake's deliveries only
PIPELINE: Literal["per_requisition"] = "per_requisition"  # jobs with the same stages share a plan
# The vendor publishes no limit; 1,000 a minute are often quoted. A refusal says how long to wait.
RATE, BURST = 1000 / 60, 50
# What the API answers instead of a list; most of it as 200.
REFUSALS = (
    RefusalExample(Refusal.CREDENTIAL, Response(401, refusal("unauthorized"))),
    RefusalExample(Refusal.CREDENTIAL, Response(403, refusal("invalid_api_key"))),
    RefusalExample(Refusal.PERMISSION, Response(403, refusal("missing_endpoint_permission"))),
    RefusalExample(Refusal.PERMISSION, Response(200, refusal("missing_endpoint_permission"))),
    RefusalExample(Refusal.NOT_FOUND, Response(200, refusal("application_not_found"))),
    RefusalExample(Refusal.RATE_LIMIT, Response(429, refusal("rate_limit_exceeded"))),
    RefusalExample(Refusal.TEMPORARY, Response(200, refusal("internal_server_error"))),
    RefusalExample(Refusal.SYNC_TOKEN, Response(200, refusal("sync_token_expired"))),
    RefusalExample(Refusal.PAGE_TOKEN, Response(200, refusal("next_cursor_expired"))),
    RefusalExample(Refusal.INVALID, Response(200, refusal("invalid_input"))),
    RefusalExample(Refusal.INVALID, Response(200, {"success": False})),
)


def serve(company: Company, time: TimeSource, *, port: int = 0, **options: Any) -> Fake:
    """Serve the company until the Fake is closed; the company goes on as `time` passes.

    It must have been made with `CompanyProfile(company_ids)`. `options`: those of `FakeOptions`.
    """
    chosen = FakeOptions(**options)
    server = FakeServer(
        Api(company, time, chosen),
        time=time,
        limiter=RateBucket(RATE, BURST, time, retry_after=True),
        refusal=refusal("rate_limit_exceeded", "Too many requests"),
        port=port,
    )
    settings = {
        "base_url": server.url,
        "app_url": "https://app.ashbyhq.example",
        "api_key": chosen.key,
    }
    return Fake(
        server,
        settings,
        company,
        webhook_secret=WEBHOOK_SECRET,
        refusals=REFUSALS,
        sign_webhook=lambda kind, id_: sign_webhook(
            kind, id_, WEBHOOK_SECRET, stamp(time.now()) or ""
        ),
    )
