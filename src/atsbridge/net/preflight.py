"""What the first request to a vendor tells: host, TLS, clock, credential. For `doctor`.

What may be read with the credential is each connector's own list of lists.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from atsbridge.errors import AuthError, SourceError
from atsbridge.net.http_session import Session
from atsbridge.net.retries import BAD_CERTIFICATE, BROKEN_TLS
from atsbridge.ports import Checked

AMISS = 60.0  # seconds of clock skew that a person should look at
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TLS = (BAD_CERTIFICATE.what, BROKEN_TLS.what)


def greeted(session: Session, error: SourceError | None) -> list[Checked]:
    """The lines that come before any list, from how the first request ended.

    One that is not good is the last: nothing further can work.
    """
    parts = urlsplit(session.base_url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if error is not None and error.status == 0 and error.what not in _TLS:
        return [Checked("host", good=False, detail=f"{host} {error.what}", remedy=error.remedy)]
    lines = [Checked("host", good=True, detail=host)]
    if error is not None and error.what in _TLS:
        return [*lines, Checked("TLS", good=False, detail=error.what, remedy=error.remedy)]
    if not secure and host not in _LOOPBACK:
        remedy = "Write https:// in base_url, and change the credential"
        what = "none: the credential went over the network for all to read"
        return [*lines, Checked("TLS", good=False, detail=what, remedy=remedy)]
    trusted = "the certificate is trusted" if secure else "none, and none needed on this machine"
    lines += [Checked("TLS", good=True, detail=trusted), _clock(session.ahead)]
    if isinstance(error, AuthError):
        return [*lines, Checked("credential", False, error.what, error.remedy)]
    return [*lines, Checked("credential", good=True)]


def ends(lines: list[Checked]) -> bool:
    """Whether nothing further can work. A wrong clock is bad, and yet much else can be told."""
    return not all(line.good or line.what == "clock" for line in lines)


def _clock(ahead: float | None) -> Checked:
    if ahead is None:
        return Checked("clock", good=True, detail="the vendor does not tell its time")
    way = "ahead of" if ahead > 0 else "behind"
    detail = f"{abs(ahead):.0f} s {way} the vendor's"
    if abs(ahead) <= AMISS:
        return Checked("clock", good=True, detail=detail)
    remedy = "Set this machine's clock (NTP): every due instant hangs on it"
    return Checked("clock", good=False, detail=detail, remedy=remedy)
