"""The HTTP session of one Lever account: credential, rate limit and redirects."""

from __future__ import annotations

from urllib.parse import urlsplit

from atsbridge.api import ApiCredential, HttpSession, SessionOptions, TokenBucket, Tools
from atsbridge_lever import problems
from atsbridge_lever.settings import LeverSettings

# Lever allows 10 requests a second and bursts of 20, per key, and promises neither. A little less
# leaves room for requests that leave evenly and arrive in a bunch.
RATE, BURST = 9.2, 16
_PRODUCTION = ("api.lever.co", "api.eu.lever.co")  # each may redirect to the other


def open_session(settings: LeverSettings, tools: Tools) -> HttpSession:
    """A session within Lever's limits, which follows redirects between its two regions."""
    key = settings.api_key.get_secret_value()
    host = urlsplit(settings.base_url).hostname
    return HttpSession(
        tools.name,
        settings.base_url,
        time=tools.time,
        limiter=TokenBucket(RATE, BURST, tools.time, tools.bounds.wait),
        options=SessionOptions(
            bounds=tools.bounds,
            explain=problems.explain,
            advise=problems.mend,
            hosts=_PRODUCTION if host in _PRODUCTION else (),
        ),
        credential=ApiCredential.basic(
            key,
            remedy=f"Make a key at {settings.app_url} under Settings, Integrations and API, API "
            f"Credentials, and set api_key of account {tools.name}",
        ),
    )
