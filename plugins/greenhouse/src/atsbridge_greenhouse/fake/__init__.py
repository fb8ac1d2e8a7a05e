"""A fake of Harvest v3 over a sandbox company, as strict as the real one.

It is imported on demand (`spec.fake`), by the demo, the sandbox and tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from atsbridge.api import TimeSource
from atsbridge.sandbox import Fake, FakeServer, RateWindow
from atsbridge_greenhouse.fake.api import Api, all_scopes
from atsbridge_greenhouse.fake.expected_values import tell
from atsbridge_greenhouse.fake.identity import company_ids
from atsbridge_greenhouse.fake.signed_webhooks import sign_webhook
from atsbridge_greenhouse.fake.tokens import TokenHost
from atsbridge_greenhouse.fake.truth import Truth

if TYPE_CHECKING:
    from atsbridge.sandbox import Company

__all__ = ["company_ids", "serve", "tell"]

CLIENT_ID = "sandbox-client-4711"
WEBHOOK_SECRET = "sandbox-webhooks-5d21"  # noqa: S105  signs nothing but the fake's deliveries
CLIENT_SECRET = "sandbox-secret-3f9c1d"  # noqa: S105  opens nothing but this fake


def serve(
    company: Company,
    time: TimeSource,
    *,
    port: int = 0,
    limit: int = 50,
    scopes: Iterable[str] | None = None,
    admins: Iterable[str] = (),
    expiry: str = "expires_at",
    cursor_life: float = 600.0,
    past_dates: bool = False,
    stage_ids: bool = True,
    optional_slots: Iterable[int] = (),
    client_secret: str = CLIENT_SECRET,
) -> Fake:
    """Serve a company whose ids were made by `company_ids`.

    `limit` requests in each 30 seconds of `time`; `scopes` default to all; `admins` are users
    that may be acted for; `stage_ids=False` is a tenant from before July 2026; `past_dates`
    keeps the dates of stages that were left; `optional_slots` ask for no scorecard.
    """
    truth = Truth(company, past_dates, stage_ids, frozenset(optional_slots))
    granted = all_scopes() if scopes is None else set(scopes)
    who = frozenset(admins)
    tokens = TokenHost(truth, time, CLIENT_ID, client_secret, granted, who, expiry)
    server = FakeServer(
        Api(truth, tokens, time, cursor_life=cursor_life),
        time=time,
        limiter=RateWindow(limit, 30, time),
        unlimited=("/token", "/introspect"),  # that host counts by itself, a minute at a time
        port=port,
    )
    settings = {
        "base_url": f"{server.url}/v3",
        "token_url": f"{server.url}/token",
        "app_url": "https://app.greenhouse.example",
        "client_id": CLIENT_ID,
        "client_secret": client_secret,
    }
    return Fake(
        server,
        settings,
        company,
        webhook_secret=WEBHOOK_SECRET,
        sign_webhook=lambda kind, id_: sign_webhook(kind, id_, WEBHOOK_SECRET, time.now()),
    )
