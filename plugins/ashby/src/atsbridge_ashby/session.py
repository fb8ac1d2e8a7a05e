"""The HTTP session of one Ashby account: credential, rate limit and refusals."""

from __future__ import annotations

from atsbridge.api import ApiCredential, HttpSession, SessionOptions, TokenBucket, Tools
from atsbridge_ashby import refusals
from atsbridge_ashby.settings import AshbySettings

# Ashby publishes no general limit; 1,000 requests a minute are often quoted. A little less leaves
# room for other integrations. A refusal says how long to wait.
RATE, BURST = 15.0, 15


def open_session(settings: AshbySettings, tools: Tools) -> HttpSession:
    """A session that sends the key as the user name of HTTP Basic."""
    key = settings.api_key.get_secret_value()
    return HttpSession(
        tools.name,
        settings.base_url,
        time=tools.time,
        limiter=TokenBucket(RATE, BURST, tools.time, tools.bounds.wait),
        options=SessionOptions(
            bounds=tools.bounds,
            classify=refusals.classify,
            explain=refusals.explain,
            advise=refusals.advise,
        ),
        credential=ApiCredential.basic(
            key,
            remedy=f"Check api_key of account {tools.name} (in Ashby: Admin > API Keys)",
        ),
    )
