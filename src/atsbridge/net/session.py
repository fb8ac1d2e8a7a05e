"""One HTTP session of one account: limits, retries, re-authorisation, safe redirects, redaction.

What is retried stands in `retries`, how lists continue in `pagination`; no vendor is known here.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import msgspec
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
from atsbridge.net import retries
from atsbridge.net.limits import Limiter, Unlimited, date_of, retry_after
from atsbridge.net.retries import PERMISSION, Fault, Then
from atsbridge.net.secrets import Secrets
from atsbridge.net.wire import Credential, Origin, body_of, connect, origin
from atsbridge.timesource import FixedNow, TimeSource

PATIENCE = 120.0  # seconds; who asks for a longer wait is asked again at the next tick
HOPS = 5  # redirects followed
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")  # of e-mail: it may be a candidate's
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back. `url` is where it came from, query included: never show it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body decoded; None when empty. RetryableError if it is no JSON."""
        if not self.body:
            return None
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            raise RetryableError("the answer is not JSON") from None

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request as asked for, before credentials."""

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
    `remedy` is what to do about a refused credential. Time-outs are (connect, read) in seconds.
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
        wire: requests.Session | None = None,
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
        self._wire = connect(wire)
        self._explain = explain
        self._mend = mend
        self._secrets = Secrets(*secrets)
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
        """The text without secrets of this session and without query strings."""
        return self._secrets.hide(text)

    def close(self) -> None:
        """Give back the connections."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {self.redact(self.base_url)!r})"

    # --- trying -------------------------------------------------------------------------------

    def _ask(self, ask: _Ask) -> Answer:
        tries = 1 if self._down else self._tries
        retrying = Retrying(
            sleep=self.time.sleep,
            wait=self._wait,
            stop=lambda s: s.attempt_number >= tries or s.upcoming_sleep > PATIENCE,
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
        if isinstance(error, RetryableError) and error.retry_after is not None:
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
            if not ask.write and (fault := _unreadable(answer)):
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
        what, remedy = fault.what.format(status=answer.status if answer else 0), fault.remedy
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
            error = RetryableError(what, remedy=remedy, retry_after=wait)
        return self._place(error, ask, answer.status if answer else 0)

    def _said(self, answer: Answer) -> str:
        """What the vendor says of its refusal, cut and without secrets; "" if nothing."""
        if self._explain is None:
            return ""
        try:
            said = self._explain(answer)
        except (ValueError, TypeError, LookupError, AttributeError, SourceError):
            return ""  # an error body of a shape nobody foresaw says nothing
        said = re.sub(r"\s+", " ", _ADDRESS.sub("(an address)", self.redact(said))).strip()
        return f": {said[:200]}" if said else ""

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
            url, params = urljoin(url, target), None
        what = f"redirects too often, or a write ({answer.status})"
        raise self._place(FatalError(what, remedy="Check base_url"), ask, answer.status)

    def _send(self, ask: _Ask, url: str, params: Mapping[str, Any] | None) -> Answer:
        if origin(url) not in self._origins:
            raise self._place(_elsewhere(self._home, url), ask, 0)
        headers = dict(self._authorise()) if self._authorise else {}
        self._secrets.add(*(value.rpartition(" ")[2] for value in headers.values()))
        self._limiter.acquire()
        with self._lock:
            self.requests += 1
        answer: Answer | None = None
        fault: Fault | None = None
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
            answer = Answer(got.status_code, got.headers, body_of(got), got.url or url)
        except (requests.RequestException, HTTPError) as error:
            fault = retries.of_exception(error)
        finally:
            status, told = (answer.status, answer.headers) if answer else (0, {})
            self._limiter.learn(status, told)
        if answer is None:  # raised out here so that no exception with an address hangs on it
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


def _unreadable(answer: Answer) -> Fault | None:
    """Why a 2xx body cannot be the JSON asked for, without decoding it."""
    first, last = answer.body[:64].lstrip()[:1], answer.body[-64:].rstrip()[-1:]
    if first == b"<" or "html" in answer.headers.get("Content-Type", ""):
        return retries.WEB_PAGE
    if (first, last) in ((b"[", b"]"), (b"{", b"}")) or first not in (b"[", b"{"):
        return None
    return retries.TRUNCATED


def _elsewhere(home: Origin | None, url: str) -> FatalError:
    if home is None:
        return FatalError("base_url is no http or https address", remedy="Check base_url")
    there = origin(url)
    host = f"{there.scheme}://{there.host}:{there.port}" if there else "an unreadable address"
    return FatalError(
        f"points to {host}: nothing was sent there, credentials stay with {home.host}",
        remedy="If the vendor moved, set base_url to its new address",
    )


def _bare(url: str) -> str:
    """The address without query, fragment and user."""
    return re.sub(r"//[^/@]*@", "//", re.split(r"[?#]", url, maxsplit=1)[0])
