"""A fake of Harvest v3 over a sandbox company, as strict as the real one.

It is imported on demand (`spec.fake`), by the demo, the sandbox and tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """How the fake differs from a usual customer's account.

    `limit`: requests in 30 seconds. `scopes`: of the credential; None: all. `admins`: users for
    whom the credential may act. `expiry`: the member that says when a token ends, "expires_at" or
    "expires_in". `cursor_life`: seconds. `past_dates`: stages that were left keep their dates.
    `stage_ids`: applications name their plan stage (since July 2026). `optional_slots`: interviews
    that ask for no scorecard.
    """

    limit: int = 50
    scopes: Iterable[str] | None = None
    admins: Iterable[str] = ()
    expiry: str = "expires_at"
    cursor_life: float = 600.0
    past_dates: bool = False
    stage_ids: bool = True
    optional_slots: Iterable[int] = ()
    client_secret: str = CLIENT_SECRET


def serve(company: Company, time: TimeSource, *, port: int = 0, **options: Any) -> Fake:
    """Serve a company whose ids were made by `company_ids`. `options`: those of `FakeOptions`."""
    chosen = FakeOptions(**options)
    truth = Truth(company, chosen.past_dates, chosen.stage_ids, frozenset(chosen.optional_slots))
    tokens = TokenHost(
        truth,
        time,
        CLIENT_ID,
        chosen.client_secret,
        all_scopes() if chosen.scopes is None else set(chosen.scopes),
        frozenset(chosen.admins),
        chosen.expiry,
    )
    server = FakeServer(
        Api(truth, tokens, time, cursor_life=chosen.cursor_life),
        time=time,
        limiter=RateWindow(chosen.limit, 30, time),
        unlimited=("/token", "/introspect"),  # that host counts by itself, a minute at a time
        port=port,
    )
    settings = {
        "base_url": f"{server.url}/v3",
        "token_url": f"{server.url}/token",
        "app_url": "https://app.greenhouse.example",
        "client_id": CLIENT_ID,
        "client_secret": chosen.client_secret,
    }
    return Fake(
        server,
        settings,
        company,
        webhook_secret=WEBHOOK_SECRET,
        sign_webhook=lambda kind, id_: sign_webhook(kind, id_, WEBHOOK_SECRET, time.now()),
    )
