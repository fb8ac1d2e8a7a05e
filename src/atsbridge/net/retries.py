"""What is tried again, and what is said when it fails, by status and by exception, as data.

Waiting and sending are `session`'s; a vendor's own error bodies are explained by its connector.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from requests import exceptions as http
from urllib3 import exceptions as wire


class Then(StrEnum):
    """What may follow a failed request."""

    AGAIN = "again"  # nothing happened, or happening twice does no harm
    UNSURE = "unsure"  # it may have happened: AmbiguousError, never repeated by itself
    STOP = "stop"  # another try would end the same way


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail: the sentence, the remedy, what follows for a read and for a write."""

    what: str
    remedy: str
    read: Then
    write: Then
    reached: bool = True  # whether somebody answered at the other end


_LATER = "The next tick tries again"
PERMISSION = "the permission for it"  # in a remedy: whoever knows its name puts it there

BUSY = Fault("asks to wait (429: rate limit)", _LATER, Then.AGAIN, Then.AGAIN)
SLOW = Fault("gave up waiting for the request (408)", _LATER, Then.AGAIN, Then.UNSURE)
EARLY = Fault("was not ready for the request (425)", _LATER, Then.AGAIN, Then.AGAIN)
DOWN = Fault("has a fault of its own ({status})", _LATER, Then.AGAIN, Then.UNSURE)
REFUSED = Fault(
    "refused the request ({status})",
    "Check base_url; if it is right, look for a newer connector",
    Then.STOP,
    Then.STOP,
)

STATUSES: dict[int, Fault] = {408: SLOW, 425: EARLY, 429: BUSY}

NO_NAME = Fault(
    "has no address: the host name could not be looked up",
    "Check base_url and this machine's DNS",
    Then.AGAIN,
    Then.AGAIN,
    reached=False,
)
NO_CONNECTION = Fault(
    "cannot be reached: the connection was refused or has no route",
    "Check base_url, the port, and this machine's network and firewall",
    Then.AGAIN,
    Then.AGAIN,
    reached=False,
)
NO_ANSWER_TO_CONNECT = Fault(
    "did not take the connection in time",
    "Check base_url and this machine's network and firewall",
    Then.AGAIN,
    Then.AGAIN,
    reached=False,
)
BAD_CERTIFICATE = Fault(
    "shows a TLS certificate this machine does not trust",
    "Check base_url, or name the company's CA file in REQUESTS_CA_BUNDLE",
    Then.STOP,
    Then.STOP,
    reached=False,
)
BROKEN_TLS = Fault(
    "broke off the TLS conversation",
    "Check that base_url is an https address and no proxy stands between",
    Then.AGAIN,
    Then.UNSURE,
    reached=False,
)
NO_PROXY = Fault(
    "cannot be reached through the proxy",
    "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    Then.AGAIN,
    Then.AGAIN,
    reached=False,
)
SILENT = Fault("took the request and did not answer in time", _LATER, Then.AGAIN, Then.UNSURE)
DROPPED = Fault("dropped the connection before it answered", _LATER, Then.AGAIN, Then.UNSURE)
TRUNCATED = Fault("sent an answer that breaks off", _LATER, Then.AGAIN, Then.UNSURE)
WEB_PAGE = Fault(
    "answered with a web page instead of JSON",
    "Check base_url, and whether a proxy or log-in page stands between",
    Then.AGAIN,
    Then.UNSURE,
)
NO_URL = Fault(
    "is not an address that can be asked", "Check base_url in atsbridge.toml", Then.STOP, Then.STOP
)
UNKNOWN = Fault("could not be asked", "Run `atsbridge doctor`", Then.STOP, Then.STOP)

# The first that fits counts: subclasses stand before what they derive from.
EXCEPTIONS: tuple[tuple[type[Exception], Fault], ...] = (
    (http.ProxyError, NO_PROXY),
    (http.SSLError, BROKEN_TLS),
    (http.ConnectTimeout, NO_ANSWER_TO_CONNECT),
    (http.ReadTimeout, SILENT),
    (http.ChunkedEncodingError, TRUNCATED),
    (http.ContentDecodingError, TRUNCATED),
    (http.ConnectionError, DROPPED),
    (wire.ReadTimeoutError, SILENT),
    (wire.DecodeError, TRUNCATED),
    (wire.ProtocolError, TRUNCATED),
    (http.InvalidURL, NO_URL),
    (http.MissingSchema, NO_URL),
    (http.InvalidSchema, NO_URL),
)
# What urllib3 names as the reason of a `requests.ConnectionError`, before anything was sent.
REASONS: tuple[tuple[type[Exception], Fault], ...] = (
    (wire.NameResolutionError, NO_NAME),
    (wire.NewConnectionError, NO_CONNECTION),
)


def of_status(status: int) -> Fault:
    """The fault behind an answer that is not 2xx (401 and 403 are the session's own)."""
    return STATUSES.get(status) or (DOWN if status >= 500 else REFUSED)


def of_exception(error: Exception) -> Fault:
    """The fault behind an exception of `requests`."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(error, http.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return BAD_CERTIFICATE
    for kind, fault in REASONS:
        if isinstance(reason, kind):
            return fault
    for kind, fault in EXCEPTIONS:
        if isinstance(error, kind):
            return fault
    return UNKNOWN
