"""One HTTP session of one account: limits, retries, re-authorisation, safe redirects, redaction.

What is retried stands in `retries`, how lists continue in `pagination`; no vendor is known here.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception
from urllib3.exceptions import HTTPError

from atsbridge.errors import (
    AmbiguousError,
    AuthError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
)
from atsbridge.model import clean
from atsbridge.net import retries
from atsbridge.net.json_body import legible
from atsbridge.net.rate_limits import Limiter, Unlimited, date_of, duration, retry_after
from atsbridge.net.redaction import Secrets, hide, remember
from atsbridge.net.response import Answer, unreadable
from atsbridge.net.retries import PERMISSION, Fault, Then
from atsbridge.net.transport import Credential, Deadline, Origin, body_of, connect, origin
from atsbridge.ports import Bounds
from atsbridge.timesource import FixedNow, TimeSource

__all__ = ["Answer", "Session"]

HOPS = 5  # redirects followed
_QUOTED = 200  # characters of what a vendor says of a refusal
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, repr=False)
class _Ask:
    """A request as asked for, before credentials. What is in it may be secret: it has no repr."""

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    json: Any = None
    form: Mapping[str, str] | None = None
    write: bool = False
    body: bytes | None = None
    headers: Mapping[str, str] | None = None

    def then(self, fault: Fault) -> Then:
        return fault.write if self.write else fault.read


class Session:
    """Requests to one host for one account. Safe to use from a few threads at once.

    `name` is the account's; `authorise` gives the credential's headers for each request,
    `reauthorise` renews it after a 401, once per request. `hosts` are further host names the
    vendor redirects to (https only). `explain` makes one sentence of a vendor's error body, and
    `mend` says what to do about a refusal (method, answer) where more is known than in general.
    `remedy` is what to do about a refused credential. Time-outs are (connect, read) in seconds,
    and whatever its host sends or asks for is kept within `bounds`.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        time: TimeSource,
        limiter: Limiter | None = None,
        authorise: Callable[[], Mapping[str, str]] | None = None,
        reauthorise: Callable[[], None] | None = None,
        tries: int = 5,
        timeouts: tuple[float, float] = (5.0, 30.0),
        bounds: Bounds | None = None,
        explain: Callable[[Answer], str] | None = None,
        mend: Callable[[str, Answer], str] | None = None,
        secrets: Iterable[str] = (),
        hosts: Iterable[str] = (),
        remedy: str = "",
        rng: random.Random | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.time = time
        self.requests = 0
        self._limiter = limiter or Unlimited()
        self._authorise = authorise
        self._reauthorise = reauthorise
        self._tries = tries
        self._timeouts = timeouts
        self.bounds = bounds or Bounds()
        self._deadline = Deadline(time, self.bounds.request)
        self._wire = connect(self._deadline)
        self._explain = explain
        self._mend = mend
        self._secrets = Secrets(*(known := tuple(secrets)))
        remember(*known)
        self._home = origin(self.base_url)
        self._origins = {self._home, *(Origin("https", host, 443) for host in hosts)} - {None}
        self.remedy = remedy or f"Check the credential of account {name}"
        self._rng = rng or random.Random()  # noqa: S311  jitter, not a secret
        self._lock = threading.Lock()
        self.ahead: float | None = None  # seconds our clock is ahead of the vendor's, if it tells
        self._unreached = False  # the last request reached nobody
        self._down = False  # given up on the host: one try each until it answers again

    def get(self, path_or_url: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read something: a 2xx answer whose body is whole JSON (or empty).

        AuthError (401, after one renewal), DeniedError (403), RetryableError (429, 5xx, network,
        web pages, broken bodies: after all tries), FatalError (other 4xx, another host).
        """
        return self._ask(_Ask("GET", self._url(path_or_url), params))

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> Answer:
        """Write something: a 2xx answer. `safe`: doing it twice does no harm.

        The body is one of `json`, `form` and `body`, which goes out as it is.

        Besides the errors of `get`: AmbiguousError when it may or may not have happened (time-out,
        5xx, lost connection); such a request is never repeated here unless it is `safe`.
        """
        url = self._url(path)
        return self._ask(_Ask(method, url, params, json, form, not safe, body, headers))

    def redact(self, text: str) -> str:
        """The text, cut, without secrets, query strings and people's e-mail."""
        return hide(text, self._secrets)

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {self.redact(self.base_url)!r})"

    # --- trying -------------------------------------------------------------------------------

    def _ask(self, ask: _Ask) -> Answer:
        tries = 1 if self._down else self._tries
        end = self.time.monotonic() + self.bounds.request

        def given_up(state: RetryCallState) -> bool:
            longer = state.upcoming_sleep > self.bounds.wait
            return state.attempt_number >= tries or longer or self.time.monotonic() >= end

        retrying = Retrying(
            sleep=self.time.sleep,
            wait=self._wait,
            stop=given_up,
            retry=retry_if_exception(lambda error: type(error) is RetryableError),
            reraise=True,
        )
        try:
            return retrying(self._once, ask)
        finally:
            self._down = self._unreached

    def _wait(self, state: RetryCallState) -> float:
        """Seconds: what the vendor asks for, else 1, 2, 4, 8… (at most 30) less up to half."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RetryableError) and error.retry_after:
            return error.retry_after
        with self._lock:
            share = self._rng.uniform(0.5, 1.0)
        return float(min(30.0, 2.0 ** (state.attempt_number - 1)) * share)

    def _once(self, ask: _Ask) -> Answer:
        answer = self._follow(ask)
        if answer.status == 401 and self._reauthorise is not None:
            self._reauthorise()
            answer = self._follow(ask)
        if 200 <= answer.status < 300:
            if not ask.write and (fault := unreadable(answer)):
                raise self._error(ask, fault, answer)
            return answer
        if answer.status == 401:
            what = f"refused the credential (401){self._said(answer)}"
            raise self._place(AuthError(what, remedy=self.remedy), ask, answer.status)
        if answer.status == 403:
            what = f"does not allow this (403){self._said(answer)}"
            remedy = f"Give the credential of account {self.name} {PERMISSION}"
            remedy = self._mended(ask, answer) or remedy
            raise self._place(DeniedError(what, remedy=remedy), ask, answer.status)
        raise self._error(ask, retries.of_status(answer.status), answer)

    def _error(self, ask: _Ask, fault: Fault, answer: Answer | None = None) -> SourceError:
        """The fault as the error its caller can act on."""
        what, remedy = self._sentence(fault, answer), fault.remedy
        if answer is not None and not 200 <= answer.status < 300:
            what += self._said(answer)
            remedy = self._mended(ask, answer) or remedy
        error: SourceError
        if ask.then(fault) is Then.STOP:
            error = FatalError(what, remedy=remedy)
        elif ask.then(fault) is Then.UNSURE:
            error = AmbiguousError(what, remedy=remedy)
        else:
            wait = retry_after(answer.headers, self.time.now()) if answer else None
            if wait is not None and wait > self.bounds.wait:
                longest = duration(self.bounds.wait)
                what += f"; it asks to wait {duration(wait)}, and a run waits {longest} at most"
            error = RetryableError(what, remedy=remedy, retry_after=wait)
        return self._place(error, ask, answer.status if answer else 0)

    def _sentence(self, fault: Fault, answer: Answer | None) -> str:
        """What happened, with the number or the bound it is about."""
        limit = duration(self.bounds.request)
        if fault is retries.OVERSIZED:
            limit = f"{self.bounds.response / 2**20:.3g} MB"
        return fault.what.format(status=answer.status if answer else 0, limit=limit)

    def _said(self, answer: Answer) -> str:
        """What the vendor says of its refusal, cut and without secrets; "" if nothing."""
        if self._explain is None:
            return ""
        try:
            said = self._explain(answer)
        except (ValueError, TypeError, LookupError, AttributeError, SourceError):
            return ""  # an error body of a shape nobody foresaw says nothing
        said = clean(self.redact(str(said)), _QUOTED)
        return f": {said}" if said else ""

    def _mended(self, ask: _Ask, answer: Answer) -> str:
        """What the vendor's own connector says is to be done; "" if it says nothing."""
        return self._mend(ask.method, answer) if self._mend is not None else ""

    def _place(self, error: SourceError, ask: _Ask, status: int) -> SourceError:
        error.where = self.redact(f"{self.name}: {ask.method} {_bare(ask.url)}")
        error.status = status
        return error

    # --- sending ------------------------------------------------------------------------------

    def _url(self, path_or_url: str) -> str:
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", path_or_url):
            return path_or_url
        return f"{self.base_url}/{path_or_url.lstrip('/')}"

    def _follow(self, ask: _Ask) -> Answer:
        """Send it, and follow redirects that stay with the vendor."""
        url, params = ask.url, ask.params
        for _ in range(HOPS + 1):
            answer = self._send(ask, url, params)
            target = answer.headers.get("Location", "")
            if answer.status not in _MOVED or not target:
                return answer
            if ask.method != "GET" and answer.status not in (307, 308):
                break
            try:
                url, params = urljoin(url, target), None
            except ValueError:
                raise self._place(_elsewhere(self._home, target), ask, answer.status) from None
        what = f"redirects too often, or a write ({answer.status})"
        raise self._place(FatalError(what, remedy="Check base_url"), ask, answer.status)

    def _send(self, ask: _Ask, url: str, params: Mapping[str, Any] | None) -> Answer:
        if origin(url) not in self._origins:
            raise self._place(_elsewhere(self._home, url), ask, 0)
        headers = dict(self._authorise()) if self._authorise else {}
        tokens = [value.rpartition(" ")[2] for value in headers.values()]
        self._secrets.add(*tokens)
        remember(*tokens, lasting=False)
        try:
            self._limiter.acquire()
        except RetryableError as error:
            raise self._place(error, ask, 429) from None
        with self._lock:
            self.requests += 1
        answer: Answer | None = None
        fault: Fault | None = None
        self._deadline.start()
        try:
            got = self._wire.request(
                ask.method,
                url,
                params=params,
                json=ask.json,
                data=ask.body or ask.form,
                headers=ask.headers,
                auth=Credential(headers),
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            )
            answer = Answer(got.status_code, got.headers, b"", got.url or url)
            answer = replace(answer, body=legible(body_of(got, self.bounds.response)))
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            fault = retries.OVERDUE if self._deadline.left <= 0 else retries.of_exception(error)
        finally:
            status, told = (answer.status, answer.headers) if answer else (0, {})
            self._limiter.learn(status, told)
        # Raised out here so that no exception with an address hangs on it.
        if fault is not None or answer is None:
            fault = fault or retries.UNKNOWN
            self._unreached = not fault.reached
            raise self._error(ask, fault)
        self._unreached = False
        self._compare_clocks(answer)
        return answer

    def _compare_clocks(self, answer: Answer) -> None:
        theirs = date_of(answer.headers.get("Date", ""))
        if theirs is not None and not isinstance(self.time, FixedNow):
            self.ahead = (self.time.now() - theirs).total_seconds()


def _elsewhere(home: Origin | None, url: str) -> FatalError:
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
