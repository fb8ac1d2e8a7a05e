"""What is tried again, and the message of each failure, by HTTP status and by exception."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum

from requests import exceptions as http
from urllib3 import exceptions as wire

from atsbridge.net.charsets import CharsetError
from atsbridge.net.transport import EncodingError, OversizedError


class RetryDecision(StrEnum):
    """What may follow a failed request."""

    AGAIN = "again"  # nothing happened, or happening twice does no harm
    UNSURE = "unsure"  # it may have happened: AmbiguousError, never repeated by itself
    STOP = "stop"  # another try would end the same way


@dataclass(frozen=True, slots=True)
class HttpFault:
    """One way to fail: the sentence, the remedy, and what follows for a read and for a write."""

    what: str
    remedy: str
    read: RetryDecision
    write: RetryDecision
    reached: bool = True  # whether the host answered


_LATER = "The next run tries again"

BUSY = HttpFault("asks to wait (429: rate limit)", _LATER, RetryDecision.AGAIN, RetryDecision.AGAIN)
SLOW = HttpFault(
    "gave up waiting for the request (408)", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
EARLY = HttpFault(
    "was not ready for the request (425)", _LATER, RetryDecision.AGAIN, RetryDecision.AGAIN
)
DOWN = HttpFault(
    "has a fault of its own ({status})", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
REFUSED = HttpFault(
    "refused the request ({status})",
    "Check base_url; if it is right, look for a newer connector",
    RetryDecision.STOP,
    RetryDecision.STOP,
)

STATUSES: dict[int, HttpFault] = {408: SLOW, 425: EARLY, 429: BUSY}

NO_NAME = HttpFault(
    "has no address: the host name could not be looked up",
    "Check base_url and this machine's DNS",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
NO_DNS = HttpFault(
    "could not be looked up: this machine's DNS does not answer",
    "Check this machine's network and its name servers (/etc/resolv.conf)",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
NO_CONNECTION = HttpFault(
    "cannot be reached: the connection was refused",
    "Check base_url, the port, and this machine's network and firewall",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
NO_ROUTE = HttpFault(
    "cannot be reached: this machine has no route to it",
    "Check this machine's network and firewall; a host with IPv6 addresses alone needs IPv6 here",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
NO_ANSWER_TO_CONNECT = HttpFault(
    "did not take the connection in time",
    "Check base_url and this machine's network and firewall",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
BAD_CERTIFICATE = HttpFault(
    "shows a TLS certificate this machine does not trust",
    "Check base_url, or name the company's CA file in REQUESTS_CA_BUNDLE",
    RetryDecision.STOP,
    RetryDecision.STOP,
    reached=False,
)
BROKEN_TLS = HttpFault(
    "broke off the TLS conversation",
    "Check that base_url is an https address and no proxy stands between",
    RetryDecision.AGAIN,
    RetryDecision.UNSURE,
    reached=False,
)
NO_PROXY = HttpFault(
    "cannot be reached through the proxy",
    "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
BAD_PROXY = HttpFault(
    "was not asked: the proxy this machine names is not an address",
    "Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: http://HOST:PORT",
    RetryDecision.STOP,
    RetryDecision.STOP,
    reached=False,
)
NO_SOCKS = HttpFault(
    "was not asked: this machine's proxy cannot be used, SOCKS support is not installed",
    "Install it (pip install 'requests[socks]'), or correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
    RetryDecision.STOP,
    RetryDecision.STOP,
    reached=False,
)
NO_CA_BUNDLE = HttpFault(
    "was not asked: this machine's file of trusted certificates cannot be used",
    "Correct or unset REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE: a readable PEM file;"
    " if none is set, reinstall certifi",
    RetryDecision.STOP,
    RetryDecision.STOP,
    reached=False,
)
NO_HANDLES = HttpFault(
    "was not asked: this machine lets the process open no more files",
    "Raise the limit of open files (ulimit -n), or run fewer accounts at once",
    RetryDecision.AGAIN,
    RetryDecision.AGAIN,
    reached=False,
)
SILENT = HttpFault(
    "took the request and did not answer in time", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
DROPPED = HttpFault(
    "dropped the connection before it answered", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
PARTIAL = HttpFault(
    "sent a part of the answer only (206)", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
TRUNCATED = HttpFault(
    "sent an answer that breaks off", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
OVERDUE = HttpFault(
    "took longer than {limit} to answer in full", _LATER, RetryDecision.AGAIN, RetryDecision.UNSURE
)
OVERSIZED = HttpFault(
    "sent more than {limit} in one answer, and the rest was not read",
    "Ask for smaller pages, or raise max_response of the account",
    RetryDecision.STOP,
    RetryDecision.UNSURE,
)
ENCODED = HttpFault(
    "packed its answer in a way that was not asked for (only gzip and deflate are)",
    "Check base_url, and whether a proxy stands between",
    RetryDecision.STOP,
    RetryDecision.UNSURE,
)
UNREADABLE_CHARSET = HttpFault(
    "sent text that cannot be read: it does not fit the charset that its Content-Type declares",
    "Ask whoever runs the host to send UTF-8, and check whether a proxy stands between",
    RetryDecision.STOP,
    RetryDecision.UNSURE,
)
WEB_PAGE = HttpFault(
    "answered with a web page instead of JSON",
    "Check base_url, and whether a proxy or log-in page stands between",
    RetryDecision.AGAIN,
    RetryDecision.UNSURE,
)
NO_URL = HttpFault(
    "is not an address that can be asked",
    "Check base_url in atsbridge.toml",
    RetryDecision.STOP,
    RetryDecision.STOP,
)
UNKNOWN = HttpFault(
    "could not be asked", "Run `atsbridge doctor`", RetryDecision.STOP, RetryDecision.STOP
)

# The first that fits counts: subclasses stand before what they derive from.
EXCEPTIONS: tuple[tuple[type[Exception], HttpFault], ...] = (
    (OversizedError, OVERSIZED),
    (EncodingError, ENCODED),
    (CharsetError, UNREADABLE_CHARSET),
    (http.InvalidProxyURL, BAD_PROXY),
    (http.ProxyError, NO_PROXY),
    (http.SSLError, BROKEN_TLS),
    (http.ConnectTimeout, NO_ANSWER_TO_CONNECT),
    (http.ReadTimeout, SILENT),
    (http.ChunkedEncodingError, TRUNCATED),
    (http.ContentDecodingError, TRUNCATED),
    (http.ConnectionError, DROPPED),
    (wire.SSLError, BROKEN_TLS),
    (wire.ReadTimeoutError, SILENT),
    (wire.DecodeError, TRUNCATED),
    (wire.ProtocolError, TRUNCATED),
    (http.InvalidURL, NO_URL),
    (http.MissingSchema, NO_URL),
    (http.InvalidSchema, NO_SOCKS),  # of the proxy: our own addresses are http or https
    (wire.ProxySchemeUnknown, BAD_PROXY),
    (wire.LocationParseError, NO_URL),
    (UnicodeError, NO_URL),
)
# What urllib3 names as the reason of a `requests.ConnectionError`, before anything was sent.
REASONS: tuple[tuple[type[Exception], HttpFault], ...] = (
    (wire.NameResolutionError, NO_NAME),
    (wire.NewConnectionError, NO_CONNECTION),
)
# The more precise error of the system, if there is one.
NUMBERS: dict[int, HttpFault] = {
    socket.EAI_AGAIN: NO_DNS,
    errno.ENETUNREACH: NO_ROUTE,
    errno.EHOSTUNREACH: NO_ROUTE,
    errno.EADDRNOTAVAIL: NO_ROUTE,
    errno.EAFNOSUPPORT: NO_ROUTE,
    errno.EMFILE: NO_HANDLES,
    errno.ENFILE: NO_HANDLES,
}
_PROXY_ADDRESS = (wire.LocationValueError, wire.ProxySchemeUnknown)


def of_status(status: int) -> HttpFault:
    """The fault behind an answer that is not 2xx (401 and 403 are the session's own)."""
    return STATUSES.get(status) or (DOWN if status >= 500 else REFUSED)


def of_exception(error: Exception) -> HttpFault:
    """The fault behind an exception of `requests`, of urllib3, or of this machine.

    Any other exception was raised before anything was sent: `requests` raises a bare OSError if
    there is no file of trusted certificates.
    """
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(error, http.SSLError):
        return _of_tls(reason)
    for kind, fault in REASONS:
        if isinstance(reason, kind):
            number = getattr(reason.__cause__, "errno", None)
            return NUMBERS.get(number or 0, fault)
    if isinstance(error, OSError) and not isinstance(error, http.RequestException):
        return NUMBERS.get(error.errno or 0, NO_CA_BUNDLE)
    if isinstance(error, http.InvalidURL) and isinstance(reason, _PROXY_ADDRESS):
        return BAD_PROXY  # our own address was read before it was asked for
    for kind, fault in EXCEPTIONS:
        if isinstance(error, kind):
            return fault
    return UNKNOWN


def _of_tls(reason: object) -> HttpFault:
    """The TLS fault: the certificate of the host, our trusted certificates, or the connection.

    `reason` is urllib3's SSLError around the error of the system.
    """
    found = reason
    while isinstance(found, wire.SSLError) and found.args:
        found = found.args[0]
    if isinstance(found, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(found):
        return BAD_CERTIFICATE
    ours = isinstance(found, OSError) and not isinstance(found, ssl.SSLError)
    if ours or getattr(found, "library", None) in ("X509", "PEM"):
        return NO_CA_BUNDLE
    return BROKEN_TLS
