"""Reads the body of a request within its bound."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request


class BodyTooLargeError(Exception):
    """The body is larger than its bound."""


class BodyTooSlowError(Exception):
    """The body did not come in time, or not whole."""


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The whole body. BodyTooLargeError above `limit` bytes, BodyTooSlowError after `seconds`."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise BodyTooLargeError
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyTooLargeError
                parts.append(part)
    except (TimeoutError, ClientDisconnect):
        raise BodyTooSlowError from None
    return b"".join(parts)
