"""A person whose address in chat is not the one in the ATS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from atsbridge.model.notice import Destination, Message, Receipt
from atsbridge.ports.sink import DeliveredMessage, Reply
from atsbridge.sinks.chat_aliases import Aliased

KIM = Destination("chat", "person", "Kim.Osei@acme.example", "u1")
ROOM = Destination("chat", "channel", "#kim.osei@acme.example")
ALIASES = {"kim.osei@acme.example": "kim@chat.example"}
MESSAGE = Message("k", "headline", "body")


@dataclass
class Behind:
    """Keeps the addresses it is given; everybody answers from theirs."""

    spec: Any = None
    seen: list[str] = field(default_factory=list)

    def find_address(self, email: str) -> str | None:
        self.seen.append(email)
        return email

    def find_zone(self, email: str) -> str:
        self.seen.append(email)
        return "Asia/Tokyo"

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        self.seen.append(to.address)
        return Receipt({"id": "1"})

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        self.seen.append(to.address)
        return sent

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        self.seen.append(to.address)
        return None

    def fetch_replies(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        for one in sent:
            self.seen.append(one.to.address)
            yield Reply(one.key, "1", "Kim@Chat.example", "Kim", text="seen")

    def close(self) -> None:
        """Nothing to give back."""


def test_the_sink_knows_a_person_by_the_other_address_and_nobody_else_does() -> None:
    """Each question and message carries it; an answer comes back from the one the ATS has."""
    behind = Behind()
    sink = Aliased(behind, ALIASES)
    sink.find_address(KIM.address)
    receipt = sink.send(KIM, MESSAGE)
    sink.edit(KIM, receipt, MESSAGE)
    sink.find(KIM, "k")
    (answer,) = sink.fetch_replies([DeliveredMessage("k", KIM, receipt, None)])  # type: ignore[arg-type]
    assert sink.find_zone(KIM.address) == "Asia/Tokyo"
    assert behind.seen == ["kim@chat.example"] * 6
    assert answer.email == "kim.osei@acme.example"


def test_channels_and_other_people_are_left_as_they_are() -> None:
    """Also a channel whose name happens to be somebody's address."""
    behind = Behind()
    sink = Aliased(behind, ALIASES)
    other = Destination("chat", "person", "ravi@acme.example", "u2")
    sink.send(ROOM, MESSAGE)
    sink.send(other, MESSAGE)
    assert behind.seen == [ROOM.address, other.address]
