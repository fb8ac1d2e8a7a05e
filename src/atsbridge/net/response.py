"""One answer of a host, and whether its body can be JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from atsbridge.errors import RetryableError
from atsbridge.net import retries
from atsbridge.net.retries import HttpFault


@dataclass(frozen=True, slots=True, repr=False)
class HttpResponse:
    """One answer. `url`: where it came from, query included; never show it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body decoded; None when empty. RetryableError if it is no JSON, or too deep."""
        if not self.body:
            return None
        try:
            return msgspec.json.decode(self.body)
        except (ValueError, RecursionError):
            raise RetryableError("the answer is not JSON") from None

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {len(self.body)} bytes)"


def find_fault(answer: HttpResponse) -> HttpFault | None:
    """Why a 2xx body cannot be the JSON asked for, without decoding it."""
    if answer.status == 206:  # nobody asked for a range: what is missing is no empty list
        return retries.PARTIAL
    first, last = answer.body[:64].lstrip()[:1], answer.body[-64:].rstrip()[-1:]
    if first == b"<" or "html" in answer.headers.get("Content-Type", ""):
        return retries.WEB_PAGE
    if (first, last) in ((b"[", b"]"), (b"{", b"}")) or first not in (b"[", b"{"):
        return None
    return retries.TRUNCATED
