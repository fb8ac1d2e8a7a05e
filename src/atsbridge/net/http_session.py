"""One HTTP session of one account: limits, retries, new tokens, safe redirects, redaction."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urljoin

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception
from urllib3.exceptions import HTTPError

from atsbridge.errors import FatalError, RetryableError, SourceError
from atsbridge.net import retries
from atsbridge.net.charsets import read_text
from atsbridge.net.http_errors import ErrorFactory, HttpRequest, wrong_host
from atsbridge.net.rate_limits import Limiter, Unlimited, parse_http_date
from atsbridge.net.redaction import Secrets, remember
from atsbridge.net.response import HttpResponse, find_fault
from atsbridge.net.transport import Deadline, HeaderAuth, HostOrigin, connect, origin
from atsbridge.ports import HttpBounds, Refusal
from atsbridge.timesource import FixedNow, TimeSource

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class _Limits(NamedTuple):
    """How often one request is tried, and until when on the monotonic clock."""

    tries: int
    end: float


def _no_headers() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ApiCredential:
    """How a session authenticates.

    `headers()`: the headers of each request. `renew()`: called once per request after a 401.
    `secrets`: texts to redact from everything that is shown. `remedy`: what to do if the
    credential is refused.
    """

    headers: Callable[[], Mapping[str, str]] = _no_headers
    renew: Callable[[], None] | None = None
    secrets: Iterable[str] = ()
    remedy: str = ""

    @classmethod
    def basic(cls, user: str, password: str | None = None, *, remedy: str = "") -> ApiCredential:
        """HTTP Basic. Where a vendor takes an API key as the user name, leave `password` out.

        User, password and header are redacted from everything that is shown.
        """
        encoded = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
        headers = {"Authorization": f"Basic {encoded}"}
        secrets = tuple(filter(None, (user, password, encoded)))
        return cls(headers=lambda: headers, secrets=secrets, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves towards one host.

    `bounds`: limits of the host. `tries`: of one request, the first included. `timeouts`: (connect,
    read) in seconds. `hosts`: further host names that the vendor redirects to, https only.
    `classify(response)`: what the vendor means, called for every answer: a refusal inside a 200, or
    a 403 that means a wrong key. None: the status decides.
    `explain(response)`: the vendor's error body as one sentence.
    `advise(method, response)`: a remedy for a refusal, "" for the general one. `rng`: for jitter.
    """

    bounds: HttpBounds = field(default_factory=HttpBounds)
    tries: int = 5
    timeouts: tuple[float, float] = (5.0, 30.0)
    hosts: Iterable[str] = ()
    classify: Callable[[HttpResponse], Refusal | None] | None = None
    explain: Callable[[HttpResponse], str] | None = None
    advise: Callable[[str, HttpResponse], str] | None = None
    rng: random.Random = field(default_factory=random.Random)


class HttpSession:
    """Requests to one host for one account. Several threads may use it at once.

    `name`: of the account or sink, for errors.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        time: TimeSource,
        limiter: Limiter | None = None,
        credential: ApiCredential | None = None,
        options: SessionOptions | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.time = time
        self._now_is_fixed = isinstance(time, FixedNow)
        self.requests = 0
        self._limiter = limiter or Unlimited()
        self._credential = credential or ApiCredential()
        self._options = options or SessionOptions()
        self._known = tuple(self._credential.secrets)
        self.bounds = self._options.bounds
        self._deadline = Deadline(time, self.bounds.request)
        self._wire = connect(self._deadline)
        self._home = origin(self.base_url)
        allowed = (HostOrigin("https", host, 443) for host in self._options.hosts)
        self._origins = {self._home, *allowed} - {None}
        self._lock = threading.Lock()
        self.clock_lead: float | None = None  # seconds that our clock is ahead of the vendor's
        self._unreached = False  # the last request got no answer
        self._down = False  # the host does not answer: one try per request until it does again
        self._errors = self._make_errors()
        self.remedy = self._errors.remedy
        self._retrying = self._make_retrying()

    def _make_errors(self) -> ErrorFactory:
        known = self._known
        remember(*known)
        remedy = self._credential.remedy or f"Check the credential of account {self.name}"
        explain, advise = self._options.explain, self._options.advise
        return ErrorFactory(self.name, self.bounds, Secrets(*known), remedy, explain, advise)

    def get(self, path_or_url: str, params: Mapping[str, Any] | None = None) -> HttpResponse:
        """Read: a 2xx answer whose body is complete JSON or empty.

        AuthError: 401, after one renewal. DeniedError: 403. RetryableError: 429, 5xx, network
        errors, web pages and incomplete bodies, after all tries. FatalError: other 4xx, or another
        host.
        """
        return self.read("GET", path_or_url, params)

    def read(
        self, method: str, path_or_url: str, params: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """Read as `get` does, by any method: "GET" sends the parameters in the query, any other
        method as the members of a JSON body. It must change nothing: it may be sent twice.
        """
        url = self._url(path_or_url)
        if method == "GET":
            return self._request(HttpRequest(method, url, params))
        return self._request(HttpRequest(method, url, json=dict(params or {})))

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> HttpResponse:
        """Write: a 2xx answer. The body is `json`, or `data` (bytes as they are, or a form).

        `safe`: sending it twice does no harm. Raises the errors of `get`, and AmbiguousError if the
        write may or may not have happened (timeout, 5xx, lost connection): such a request is
        repeated only if it is `safe`.
        """
        request = HttpRequest(method, self._url(path), None, json, data, not safe, headers)
        return self._request(request)

    def share_limit(self, share: Callable[[Limiter, str], Limiter]) -> None:
        """Replace the limiter by `share(limiter, digest of host and credential)`."""
        known = sorted(self._known) or [self.name]
        digest = hashlib.sha256("\0".join(["rate", str(self._home), *known]).encode())
        self._limiter = share(self._limiter, digest.hexdigest()[:32])

    def redact(self, text: str) -> str:
        """The text, cut, without secrets, query strings and people's e-mail addresses."""
        return self._errors.redact(text)

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"HttpSession({self.name!r}, {self.redact(self.base_url)!r})"

    # --- retries ------------------------------------------------------------------------------

    def _request(self, asked: HttpRequest) -> HttpResponse:
        tries = 1 if self._down else self._options.tries
        limits = _Limits(tries, self.time.monotonic() + self.bounds.request)
        try:
            return self._retrying(self._try, asked, limits)
        finally:
            self._down = self._unreached

    def _make_retrying(self) -> Retrying:
        """One for all requests and threads: each is a cycle of twenty objects that stays in memory
        until the garbage collector looks for it."""
        return Retrying(
            sleep=lambda seconds: self.time.sleep(seconds),
            wait=self._wait,
            stop=self._gives_up,
            retry=retry_if_exception(lambda error: type(error) is RetryableError),
            reraise=True,
        )

    def _gives_up(self, state: RetryCallState) -> bool:
        """Whether the request is not tried again: by its `_Limits`, the last argument of a try."""
        limits: _Limits = state.args[-1]
        longer = state.upcoming_sleep > self.bounds.wait
        late = self.time.monotonic() >= limits.end
        return state.attempt_number >= limits.tries or longer or late

    def _wait(self, state: RetryCallState) -> float:
        """Seconds: what the vendor asks for, else 1, 2, 4, 8… (at most 30) less up to half."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RetryableError) and error.retry_after:
            return error.retry_after
        with self._lock:
            share = self._options.rng.uniform(0.5, 1.0)
        return float(min(30.0, 2.0 ** (state.attempt_number - 1)) * share)

    def _try(self, asked: HttpRequest, limits: _Limits) -> HttpResponse:
        del limits  # for `_gives_up`
        answer, refusal = self._classified(asked)
        refused = answer.status == 401 or refusal is Refusal.CREDENTIAL
        if refused and self._credential.renew is not None:
            self._credential.renew()
            answer, refusal = self._classified(asked)
        if refusal is not None:
            raise self._errors.from_refusal(asked, refusal, answer, self.time.now())
        if not 200 <= answer.status < 300:
            raise self._errors.from_status(asked, answer, self.time.now())
        if not asked.write and (fault := find_fault(answer)):
            raise self._errors.from_fault(asked, fault, self.time.now(), answer)
        return answer

    def _classified(self, asked: HttpRequest) -> tuple[HttpResponse, Refusal | None]:
        """The answer, and what it means if the vendor's own words say so."""
        answer, classify = self._follow(asked), self._options.classify
        if classify is None:
            return answer, None
        try:
            return answer, classify(answer)
        except (ValueError, TypeError, LookupError, AttributeError, SourceError):
            return answer, None  # the body has another shape than the vendor documents

    # --- requests -----------------------------------------------------------------------------

    def _url(self, path_or_url: str) -> str:
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", path_or_url):
            return path_or_url
        return f"{self.base_url}/{path_or_url.lstrip('/')}"

    def _follow(self, asked: HttpRequest) -> HttpResponse:
        """Send the request, and follow redirects that stay with the vendor."""
        url, params = asked.url, asked.params
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(asked, url, params)
            target = answer.headers.get("Location", "")
            if answer.status not in _REDIRECTS or not target:
                return answer
            if asked.method != "GET" and answer.status not in (307, 308):
                break
            try:
                url, params = urljoin(url, target), None
            except ValueError:
                error = wrong_host(self._home, target)
                raise self._errors.place(error, asked, answer.status) from None
        what = f"redirects too often, or a write ({answer.status})"
        error = FatalError(what, remedy="Check base_url")
        raise self._errors.place(error, asked, answer.status)

    def _send(self, asked: HttpRequest, url: str, params: Mapping[str, Any] | None) -> HttpResponse:
        """One exchange with the host, within the rate limit."""
        if origin(url) not in self._origins:
            raise self._errors.place(wrong_host(self._home, url), asked, 0)
        auth = self._authenticate()
        try:
            self._limiter.acquire()
        except RetryableError as error:
            raise self._errors.place(error, asked, 429) from None
        with self._lock:
            self.requests += 1
        answer: HttpResponse | None = None
        try:
            answer, fault = self._exchange(asked, url, params, auth)
        finally:
            self._limiter.learn(answer.status if answer else 0, answer.headers if answer else {})
        # Raised here, so that it has no exception with an address as its cause.
        if fault is not None or answer is None:
            fault = fault or retries.UNKNOWN
            self._unreached = not fault.reached
            raise self._errors.from_fault(asked, fault, self.time.now())
        self._unreached = False
        self._compare_clocks(answer)
        return answer

    def _authenticate(self) -> HeaderAuth:
        headers = dict(self._credential.headers())
        tokens = [value.rpartition(" ")[2] for value in headers.values()]
        self._errors.secrets.add(*tokens)
        remember(*tokens, lasting=False)
        return HeaderAuth(headers)

    def _exchange(
        self, asked: HttpRequest, url: str, params: Mapping[str, Any] | None, auth: HeaderAuth
    ) -> tuple[HttpResponse | None, retries.HttpFault | None]:
        """The answer if one began, and the fault if there was one."""
        answer: HttpResponse | None = None
        self._deadline.start()
        try:
            got = self._wire.request(
                asked.method,
                url,
                params=params,
                json=asked.json,
                data=asked.data,
                headers=asked.headers,
                auth=auth,
                timeout=self._options.timeouts,
                allow_redirects=False,
                stream=True,
            )
            answer = HttpResponse(got.status_code, got.headers, b"", got.url or url)
            return replace(answer, body=read_text(got, self.bounds.response)), None
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            overdue = self._deadline.left <= 0
            return answer, retries.OVERDUE if overdue else retries.of_exception(error)

    def _compare_clocks(self, answer: HttpResponse) -> None:
        theirs = parse_http_date(answer.headers.get("Date", ""))
        if theirs is not None and not self._now_is_fixed:
            self.clock_lead = (self.time.now() - theirs).total_seconds()
