"""Reach people whose address in chat or mail differs from their address in the ATS.

The settings say so: `[people."ats@x"] chat = "chat@x"`. All else knows a person by the address in
the ATS: only at the sink's door one is put in the place of the other, and back in what they answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import (
    CheckableSink,
    CheckResult,
    DeliveredMessage,
    ListeningSink,
    Reply,
    ReplyHandler,
    ReplyListener,
    ReplySource,
    RequestSink,
    Sink,
    SinkRequest,
    SinkResponse,
)


class Aliased:
    """Wraps a sink that knows some people by another address.

    `aliases`: address in the ATS -> address in the sink behind, both in lower case.
    """

    def __init__(self, behind: Sink, aliases: Mapping[str, str]) -> None:
        self.spec = behind.spec
        self._behind = behind
        self._there = dict(aliases)
        self._here = {there: here for here, there in aliases.items()}

    def find_address(self, email: str) -> str | None:
        return self._behind.find_address(self._address(email))

    def find_zone(self, email: str) -> str:
        """The zone in the person's profile; "" where the sink behind knows none."""
        ask = getattr(self._behind, "find_zone", None)
        return str(ask(self._address(email))) if ask is not None else ""

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        return self._behind.send(self._moved(to), message, thread=thread)

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return self._behind.edit(self._moved(to), sent, message)

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return self._behind.find(self._moved(to), key, thread=thread)

    def fetch_replies(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """Fetch replies, with the authors' addresses in the ATS (only if `spec.replies`)."""
        moved = [replace(one, to=self._moved(one.to)) for one in sent]
        for answer in cast("ReplySource", self._behind).fetch_replies(moved):
            yield self._named_here(answer)

    def open_listener(
        self, receive: ReplyHandler, note: Callable[[Mapping[str, Any]], None]
    ) -> ReplyListener:
        """Open a listener that names authors by their addresses in the ATS (if `spec.listens`)."""
        return cast("ListeningSink", self._behind).open_listener(
            lambda reply: receive(self._named_here(reply)), note
        )

    def answer_request(self, request: SinkRequest, receive: ReplyHandler) -> SinkResponse:
        """Answer a request; authors have their addresses in the ATS (if `spec.takes_requests`)."""
        return cast("RequestSink", self._behind).answer_request(
            request, lambda reply: receive(self._named_here(reply))
        )

    def _named_here(self, reply: Reply) -> Reply:
        return replace(reply, email=self._here.get(reply.email.lower(), reply.email))

    def check(self) -> Iterator[CheckResult]:
        """Return the checks of the wrapped sink (only if `spec.checks`)."""
        return cast("CheckableSink", self._behind).check()

    def close(self) -> None:
        self._behind.close()

    def _address(self, email: str) -> str:
        return self._there.get(email.lower(), email)

    def _moved(self, to: Destination) -> Destination:
        return replace(to, address=self._address(to.address)) if to.kind == "person" else to
