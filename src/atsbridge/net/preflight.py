"""What the first request to a vendor shows of host, TLS, clock and credential, for `doctor`."""

from __future__ import annotations

from urllib.parse import urlsplit

from atsbridge.errors import AuthError, SourceError
from atsbridge.net.http_session import HttpSession
from atsbridge.net.retries import BAD_CERTIFICATE, BROKEN_TLS
from atsbridge.ports import CheckResult

MAX_SKEW_SHOWN = 60.0  # seconds of clock skew that a person should look at
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TLS = (BAD_CERTIFICATE.what, BROKEN_TLS.what)


def check_connection(session: HttpSession, error: SourceError | None) -> list[CheckResult]:
    """The lines of `doctor` from the first request. `error`: how it failed, None if it did not.

    Stops after the first line after which no further check can succeed.
    """
    parts = urlsplit(session.base_url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if error is not None and error.status == 0 and error.what not in _TLS:
        return [CheckResult("host", good=False, detail=f"{host} {error.what}", remedy=error.remedy)]
    lines = [CheckResult("host", good=True, detail=host)]
    if error is not None and error.what in _TLS:
        return [*lines, CheckResult("TLS", good=False, detail=error.what, remedy=error.remedy)]
    if not secure and host not in _LOOPBACK:
        remedy = "Write https:// in base_url, and change the credential"
        what = "none: the credential went over the network for all to read"
        return [*lines, CheckResult("TLS", good=False, detail=what, remedy=remedy)]
    trusted = "the certificate is trusted" if secure else "none, and none needed on this machine"
    lines += [CheckResult("TLS", good=True, detail=trusted), _clock(session.clock_lead)]
    if isinstance(error, AuthError):
        return [*lines, CheckResult("credential", False, error.what, error.remedy)]
    return [*lines, CheckResult("credential", good=True)]


def is_fatal(lines: list[CheckResult]) -> bool:
    """Whether no further check can succeed. A wrong clock does not prevent other checks."""
    return not all(line.good or line.what == "clock" for line in lines)


def _clock(ahead: float | None) -> CheckResult:
    if ahead is None:
        return CheckResult("clock", good=True, detail="the vendor does not tell its time")
    way = "ahead of" if ahead > 0 else "behind"
    detail = f"{abs(ahead):.0f} s {way} the vendor's"
    if abs(ahead) <= MAX_SKEW_SHOWN:
        return CheckResult("clock", good=True, detail=detail)
    remedy = "Set this machine's clock (NTP): every due instant hangs on it"
    return CheckResult("clock", good=False, detail=detail, remedy=remedy)
