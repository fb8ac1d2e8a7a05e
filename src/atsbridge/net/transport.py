"""A `requests.Session` with bounds on the size of a body and the time of an exchange.

A body is bounded compressed and decompressed. Redirects are left to the session.
"""

from __future__ import annotations

import http.client
import io
import threading
import zlib
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util import parse_url

from atsbridge import __version__
from atsbridge.timesource import TimeSource, stopping

POOL = 8  # connections kept open: the most that one account's threads use
_PIECE = 2**22  # bytes read at once at most: mostly a whole body, which is then not copied
_SLICE = 0.25  # seconds to wait for a silent socket before checking whether to stop
_ERROR_BODY = 2**20  # bytes: only one sentence of a refusal is quoted
_MEMBERS = 10_000  # of one gzip: at 64 KB each, ten times the largest body
_PACKED = ("gzip", "x-gzip", "deflate")


class OversizedError(HTTPError):
    """The body is larger than it may be, packed or unpacked."""


class EncodingError(HTTPError):
    """The body has an encoding that was not requested."""


class HostOrigin(NamedTuple):
    """What must be equal for a credential to go along."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> HostOrigin | None:
    """Where a request to `url` would really go, as urllib3 reads it; None for an invalid address.

    An address with a user name or password is invalid: credentials are sent in headers.
    """
    if "\\" in url or any(c <= " " for c in url):
        return None
    try:
        parts = parse_url(url)
    except (HTTPError, ValueError):  # a port, an IPv6 address or a host name that is none
        return None
    scheme = (parts.scheme or "").lower()
    if scheme not in ("http", "https") or not parts.host or parts.auth is not None:
        return None
    return HostOrigin(scheme, parts.host.lower(), parts.port or (443 if scheme == "https" else 80))


class Deadline:
    """When the exchange of each thread has to be over, on the injected clock."""

    def __init__(self, time: TimeSource, seconds: float) -> None:
        self._time = time
        self._seconds = seconds
        self._mine = threading.local()

    def start(self) -> None:
        """Begin the thread's next exchange."""
        self._mine.end = self._time.elapsed() + self._seconds

    @property
    def left(self) -> float:
        """Seconds left to the thread."""
        end: float | None = getattr(self._mine, "end", None)
        return self._seconds if end is None else end - self._time.elapsed()


class _Reader(io.RawIOBase):
    """Bytes of a socket until the deadline. A wait ends soon after Ctrl-C."""

    def __init__(self, sock: Any, raw: Any, deadline: Deadline) -> None:
        self._sock = sock
        self._raw = raw  # keeps the socket open until it is closed
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        """TimeoutError after the socket's own read time-out, or past the deadline."""
        silence: float | None = self._sock.gettimeout()
        waited = 0.0
        try:
            while True:
                if stopping():
                    raise KeyboardInterrupt
                left = self._deadline.left
                if left <= 0 or (silence is not None and waited >= silence):
                    raise TimeoutError
                slice_ = min(_SLICE, left, _SLICE if silence is None else silence - waited)
                self._sock.settimeout(slice_)
                try:
                    return int(self._sock.recv_into(into))
                except TimeoutError:
                    waited += slice_
        finally:
            self._sock.settimeout(silence)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _pools(deadline: Deadline) -> dict[str, Any]:
    """urllib3's pools, whose connections read their answers through `_Reader`."""

    def answering(sock: Any, *args: Any, **more: Any) -> http.client.HTTPResponse:
        answer = http.client.HTTPResponse(sock, *args, **more)
        raw = answer.fp.detach()
        answer.fp = io.BufferedReader(_Reader(sock, raw, deadline))
        return answer

    def watched(connection: Any) -> Any:
        connection.response_class = answering
        return connection

    class Plain(HTTPConnectionPool):
        def _new_conn(self) -> Any:
            return watched(super()._new_conn())

    class Secure(HTTPSConnectionPool):
        def _new_conn(self) -> Any:
            return watched(super()._new_conn())

    return {"http": Plain, "https": Secure}


class _Adapter(HTTPAdapter):
    """An adapter over those pools, through a proxy as well."""

    def __init__(self, deadline: Deadline) -> None:
        self._pools = _pools(deadline)
        super().__init__(pool_connections=2, pool_maxsize=POOL)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        if not proxy.lower().startswith("socks"):  # those have pools of their own
            manager.pool_classes_by_scheme = self._pools
        return manager


class _Wire(requests.Session):
    """A session that never looks at `Location`, and looks at the environment once for each host.

    `requests` reads `Location` even where it is not to follow it, and may raise. It reads all
    variables of the environment four times for each request, in search of a proxy.
    """

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[HostOrigin | None, Any] = {}

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """As in `requests`; a session is asked with the same arguments each time."""
        host = origin(str(url))
        if host not in self._settings:
            self._settings[host] = super().merge_environment_settings(
                url, proxies, stream, verify, cert
            )
        return self._settings[host]

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


def connect(deadline: Deadline) -> requests.Session:
    """A session with our user agent and gzip; no cookies, retries or credentials on redirects."""
    wire = _Wire()
    for prefix in ("https://", "http://"):
        wire.mount(prefix, _Adapter(deadline))
    wire.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    wire.headers.update(
        {
            "User-Agent": f"atsbridge/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
    )
    return wire


def read_body(answer: requests.Response, most: int) -> bytes:
    """The whole body, decompressed, of at most `most` bytes; of a refusal only its beginning.

    Raises OversizedError, EncodingError, and urllib3's errors if the body is incomplete.
    """
    good = answer.ok
    most, size = (most, _PIECE) if good else (min(most, _ERROR_BODY), _ERROR_BODY // 4)
    pieces: list[bytes] = []
    body = bytearray()
    try:
        take = _taker(answer.headers.get("Content-Encoding", ""), pieces, body, most)
        taken = 0
        while piece := _read_piece(answer, size):
            taken += len(piece)
            if taken > most:
                raise OversizedError
            take(piece)
        take(b"")
    except (OversizedError, EncodingError, DecodeError):
        answer.close()
        if good:
            raise
    except BaseException:
        answer.close()  # the rest of the body must not be read as the next answer
        raise
    return bytes(body) or b"".join(pieces)


def _read_piece(answer: requests.Response, size: int) -> bytes:
    """The next bytes of the body. DecodeError where a chunk has no valid size."""
    try:
        return bytes(answer.raw.read(size, decode_content=False))
    except ValueError:  # http.client takes a negative size for a number of bytes to read
        raise DecodeError("a chunk has no valid size") from None


def _taker(
    encoding: str, pieces: list[bytes], body: bytearray, most: int
) -> Callable[[bytes], None]:
    """A function that takes pieces as they come; b"" marks the end.

    It adds plain ones to `pieces`, and decompresses others into `body`.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return pieces.append
    if encoding not in _PACKED:
        raise EncodingError
    return _Unpacking(body, most).take


class _Unpacking:
    """gzip (of several members, too) or deflate (with or without its header), piece by piece."""

    def __init__(self, body: bytearray, most: int) -> None:
        self._body = body
        self._most = most
        self._head = b""  # what came before there was enough to tell the format by
        self._packer: Any = None
        self._whole = 0  # length of the body when a member ended last; 0 before the first
        self._members = 0
        self._padding = False  # behind the last member of a gzip

    def take(self, piece: bytes) -> None:
        """DecodeError where it is broken; OversizedError before there is more than there may be."""
        if not piece:
            self._finish()
        elif self._packer is None:
            self._head += piece
            if len(self._head) > 1:
                self._packer = zlib.decompressobj(_format(self._head))
                self._unpack(self._head)
        else:
            self._unpack(piece)

    def _unpack(self, piece: bytes) -> None:
        while piece and not self._padding:
            behind = self._packer.eof
            if behind:
                self._packer = zlib.decompressobj(47)
            room = self._most - len(self._body)
            try:
                found = self._packer.decompress(piece, room + 1)
            except zlib.error:
                if not behind:
                    raise DecodeError("it is broken") from None
                self._padding = True
                return
            if len(found) > room:
                raise OversizedError
            self._body += found
            piece = self._packer.unconsumed_tail
            if self._packer.eof:
                self._whole = len(self._body)
                self._members += 1
                if self._members > _MEMBERS:
                    raise OversizedError
                piece = self._packer.unused_data

    def _finish(self) -> None:
        ended = self._packer is not None and self._packer.eof
        if self._head and not (ended or self._padding or 0 < self._whole == len(self._body)):
            raise DecodeError("it breaks off")


def _format(head: bytes) -> int:
    """zlib's name of the format, by its first bytes: with a header (gzip or zlib), or without."""
    zlib_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2]) % 31 == 0
    return 47 if zlib_header or head[:2] == b"\x1f\x8b" else -15


class HeaderAuth(AuthBase):
    """Sets the credential's headers. Being requests' `auth`, it also keeps ~/.netrc out."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request
