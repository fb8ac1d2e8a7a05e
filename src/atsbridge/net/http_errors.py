"""Failed requests as the errors that their caller can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from atsbridge.errors import (
    AmbiguousError,
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
    SyncTokenError,
)
from atsbridge.model import clean
from atsbridge.net import retries
from atsbridge.net.rate_limits import duration, retry_after
from atsbridge.net.redaction import Secrets, hide
from atsbridge.net.response import HttpResponse
from atsbridge.net.retries import HttpFault, RetryDecision
from atsbridge.net.transport import HostOrigin, origin
from atsbridge.ports import HttpBounds, Refusal

# What passes by itself, and what does not: the sentence, the error, and its usual status.
_PASSING = {
    Refusal.RATE_LIMIT: replace(retries.BUSY, what="asks to wait (rate limit)"),
    Refusal.TEMPORARY: replace(retries.DOWN, what="has a fault of its own ({status})"),
}
_FINAL: Mapping[Refusal, tuple[str, type[FatalError], int]] = {
    Refusal.NOT_FOUND: ("does not know this", FatalError, 404),
    Refusal.SYNC_TOKEN: ("no longer accepts the sync token", SyncTokenError, 410),
    Refusal.PAGE_TOKEN: ("no longer accepts the page token", CursorError, 410),
    Refusal.INVALID: ("refused the request", FatalError, 422),
}
_QUOTED = 200  # characters of a vendor's own error message


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request before credentials are added. Its parts may be secret: it has no repr."""

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    json: Any = None
    data: bytes | Mapping[str, str] | None = None
    write: bool = False
    headers: Mapping[str, str] | None = None

    def decide(self, fault: HttpFault) -> RetryDecision:
        """What may follow this failure of the request."""
        return fault.write if self.write else fault.read


@dataclass(slots=True)
class ErrorFactory:
    """Makes the errors of one session, without secrets. `remedy`: for a refused credential."""

    name: str
    bounds: HttpBounds
    secrets: Secrets
    remedy: str
    explain: Callable[[HttpResponse], str] | None
    advise: Callable[[str, HttpResponse], str] | None

    def from_status(self, asked: HttpRequest, answer: HttpResponse, now: datetime) -> SourceError:
        """The error for an answer whose status is not 2xx."""
        if answer.status == 401:
            return self._unauthorized(asked, answer)
        if answer.status == 403:
            return self._denied(asked, answer)
        return self.from_fault(asked, retries.of_status(answer.status), now, answer)

    def from_refusal(
        self, asked: HttpRequest, refusal: Refusal, answer: HttpResponse, now: datetime
    ) -> SourceError:
        """The error for a refusal that the vendor's own words name, whatever its status.

        The status of the error is the one that a refusal of this meaning usually has.
        """
        if refusal is Refusal.CREDENTIAL:
            return self._unauthorized(asked, answer)
        if refusal is Refusal.PERMISSION:
            return self._denied(asked, answer)
        if refusal in (Refusal.RATE_LIMIT, Refusal.TEMPORARY):
            fault = _PASSING[refusal]
            return self.from_fault(asked, fault, now, answer)
        what, kind, status = _FINAL[refusal]
        remedy = self._advise(asked, answer) or retries.REFUSED.remedy
        error = kind(f"{what} ({answer.status}){self._quote(answer)}", remedy=remedy)
        return self.place(error, asked, status)

    def _unauthorized(self, asked: HttpRequest, answer: HttpResponse) -> AuthError:
        what = f"refused the credential ({answer.status}){self._quote(answer)}"
        error = AuthError(what, remedy=self.remedy)
        self.place(error, asked, 401)
        return error

    def _denied(self, asked: HttpRequest, answer: HttpResponse) -> DeniedError:
        remedy = self._advise(asked, answer)
        general = f"Give the credential of account {self.name} the permission for it"
        what = f"does not allow this ({answer.status}){self._quote(answer)}"
        error = DeniedError(what, remedy=remedy or general)
        error.names_permission = bool(remedy)
        self.place(error, asked, 403)
        return error

    def from_fault(
        self,
        asked: HttpRequest,
        fault: HttpFault,
        now: datetime,
        answer: HttpResponse | None = None,
    ) -> SourceError:
        """The error for a fault. `now` is only used to read a date in `Retry-After`."""
        what, remedy = self._describe(fault, answer), fault.remedy
        spoken = fault in _PASSING.values()  # inside a 2xx too
        if answer is not None and (spoken or not 200 <= answer.status < 300):
            what += self._quote(answer)
            remedy = self._advise(asked, answer) or remedy
        error: SourceError
        if asked.decide(fault) is RetryDecision.STOP:
            error = FatalError(what, remedy=remedy)
        elif asked.decide(fault) is RetryDecision.UNSURE:
            error = AmbiguousError(what, remedy=remedy)
        else:
            wait = retry_after(answer.headers, now) if answer else None
            if wait is not None and wait > self.bounds.wait:
                longest = duration(self.bounds.wait)
                what += f"; it asks to wait {duration(wait)}, and a run waits {longest} at most"
            error = RetryableError(what, remedy=remedy, retry_after=wait)
        return self.place(error, asked, answer.status if answer else 0)

    def place(self, error: SourceError, asked: HttpRequest, status: int) -> SourceError:
        """The error with where it happened and the HTTP status."""
        error.where = self.redact(f"{self.name}: {asked.method} {_bare(asked.url)}")
        error.status = status
        return error

    def redact(self, text: str) -> str:
        """The text, cut, without secrets, query strings and people's e-mail addresses."""
        return hide(text, self.secrets)

    def _describe(self, fault: HttpFault, answer: HttpResponse | None) -> str:
        """What happened, with the status or the bound that was hit."""
        limit = duration(self.bounds.request)
        if fault is retries.OVERSIZED:
            limit = f"{self.bounds.response / 2**20:.3g} MB"
        return fault.what.format(status=answer.status if answer else 0, limit=limit)

    def _quote(self, answer: HttpResponse) -> str:
        """The vendor's own error message, cut and without secrets; "" if there is none."""
        if self.explain is None:
            return ""
        try:
            message = self.explain(answer)
        except (ValueError, TypeError, LookupError, AttributeError, SourceError):
            return ""  # the body has another shape than the vendor documents
        message = clean(self.redact(str(message)), _QUOTED)
        return f": {message}" if message else ""

    def _advise(self, asked: HttpRequest, answer: HttpResponse) -> str:
        """The connector's own remedy for a refusal; "" if it has none."""
        return self.advise(asked.method, answer) if self.advise is not None else ""


def wrong_host(home: HostOrigin | None, url: str) -> FatalError:
    """The error for an address that is not the vendor's."""
    if home is None:
        what = "base_url is no http or https address, or has a user name or password in it"
        return FatalError(what, remedy="Check base_url; credentials have keys of their own")
    there = origin(url)
    host = "an address that is no http or https address, or has a user name or password in it"
    if there is not None:
        host = f"{there.scheme}://{clean(there.host)}:{there.port}"
    return FatalError(
        f"points to {host}: nothing was sent there, credentials stay with {home.host}",
        remedy="If the vendor moved, set base_url to its new address",
    )


def _bare(url: str) -> str:
    """The address without query, fragment and user."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])
