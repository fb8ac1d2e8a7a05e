"""Every bound of the server, with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerBounds:
    """Sizes in bytes, times in seconds.

    `head_seconds`: from the first byte of a request to the end of its headers; browsers send them
    at once. `exchange_seconds`: from the headers to the end of the response. `idle_seconds`: how
    long a connection stays open without a request. `head`: all headers together; a long cookie of a
    proxy has 4 KB. `form`: a brief has seven sections of some thousand characters. `webhook`: the
    largest deliveries carry an application with its attachments' addresses.

    `connections`: open at once; each costs a file and some 50 KB. `by_address`: of one address that
    is no trusted proxy. `threads`: pages rendered at once; more would only wait for each other.
    `refusals`: wrong tokens of one address in a minute. `webhooks`: deliveries of one address in a
    minute; a vendor sends a bulk change as one delivery for each candidate.
    """

    head_seconds: float = 10.0
    exchange_seconds: float = 60.0
    idle_seconds: int = 15
    shutdown_seconds: int = 5
    head: int = 16 * 1024
    form: int = 128 * 1024
    webhook: int = 1024 * 1024
    connections: int = 512
    by_address: int = 64
    threads: int = 8
    refusals: int = 10
    webhooks: int = 30_000
