"""SinkContract: the tests of a sink, according to what its spec declares."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import BaseModel, SecretStr

from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import DeliveredMessage, ReplySource, Sink

MESSAGE = Message(
    key="8f21c0",
    headline="Feedback due today 16:00: B.K., Data Engineer (REQ-104)",
    body="Feedback for B.K. (R&D <!channel> [x](https://evil.example) \u202eneve) was due.",
    facts=(("Waiting on", "you since Friday"),),
    why="The sooner feedback is in, the sooner the candidate gets an answer.",
    link="https://app.ats.example/people/7",
)


_THREADS, _EACH = 4, 3  # that send at the same time, and how many messages each of them


class SinkContract:
    """The tests of every sink.

    Fixtures of the author's: `sink` (open, on a fake) and `to` (a destination there);
    `arrived(sink)` gives the texts that came there, oldest first.
    """

    stranger: str = "nobody@stranger.example"

    def arrived(self, sink: Any) -> list[str]:
        """The text of every message that arrived, oldest first."""
        raise AssertionError(f"say in `arrived` how to look into {sink.spec.title}")

    def test_a_message_arrives_once(self, sink: Sink, to: Destination) -> None:
        """It has the headline; the receipt has plain values that can be stored."""
        before = len(self.arrived(sink))
        receipt = sink.send(to, MESSAGE)
        texts = self.arrived(sink)[before:]
        assert len(texts) == 1, f"{len(texts)} messages arrived after one was sent"
        assert MESSAGE.headline in texts[0]
        assert isinstance(receipt, Receipt)
        assert all(isinstance(v, str | int | float | None) for v in receipt.ids.values())

    def test_text_beyond_every_limit_still_arrives(self, sink: Sink, to: Destination) -> None:
        """A text over the limit of the service is cut, never refused."""
        before = len(self.arrived(sink))
        sink.send(to, replace(MESSAGE, body="word " * 20_000, facts=(("f", "x" * 9_000),) * 30))
        assert len(self.arrived(sink)) == before + 1

    def test_threads_may_send_at_the_same_time(self, sink: Sink, to: Destination) -> None:
        """A run serves several accounts at once: every message arrives once, each in one piece."""
        before = len(self.arrived(sink))
        together = threading.Barrier(_THREADS)

        def send(thread: int) -> list[str]:
            together.wait(10)
            own = [f"Reminder {thread}-{number}." for number in range(_EACH)]
            for headline in own:
                sink.send(to, replace(MESSAGE, key=f"k-{headline[9:-1]}", headline=headline))
            return own

        with ThreadPoolExecutor(_THREADS) as pool:
            sent = [headline for own in pool.map(send, range(_THREADS)) for headline in own]
        texts = self.arrived(sink)[before:]
        assert len(texts) == len(sent)
        assert [one for one in sent if sum(one in text for text in texts) != 1] == []

    def test_a_message_is_found_by_its_key(self, sink: Sink, to: Destination) -> None:
        """If the spec says so: absent at first, then found with its receipt."""
        assert sink.find(to, MESSAGE.key) is None
        receipt = sink.send(to, MESSAGE)
        found = sink.find(to, MESSAGE.key)
        assert (found.ids if found else None) == (receipt.ids if sink.spec.looks_up else None)
        assert sink.find(to, "another-key") is None

    def test_an_edit_takes_the_place_of_the_message(self, sink: Sink, to: Destination) -> None:
        """If the spec says so; no second message appears."""
        if not sink.spec.edits:
            return
        first = sink.send(to, MESSAGE)
        before = len(self.arrived(sink))
        sink.edit(to, first, replace(MESSAGE, headline="Done, thank you"))
        texts = self.arrived(sink)
        assert len(texts) == before
        assert "Done, thank you" in texts[-1]

    def test_a_thread_is_followed_or_ignored(self, sink: Sink, to: Destination) -> None:
        """A later message with the receipt of the first one arrives, in a thread or not."""
        first = sink.send(to, MESSAGE)
        before = len(self.arrived(sink))
        sink.send(to, replace(MESSAGE, key="k2", headline="Later"), thread=first)
        assert len(self.arrived(sink)) == before + 1

    def test_what_nobody_answered_has_no_answers(self, sink: Sink, to: Destination) -> None:
        """If the spec says that it reads replies, a message without replies has none."""
        if not sink.spec.replies:
            return
        there = DeliveredMessage("k1", to, sink.send(to, MESSAGE), datetime(2026, 3, 9, tzinfo=UTC))
        assert list(cast("ReplySource", sink).fetch_replies([there])) == []

    def test_a_stranger_cannot_be_reached(self, sink: Sink) -> None:
        """A person that the service does not know has no address."""
        if sink.spec.looks_up and sink.spec.direct_messages:
            assert sink.find_address(self.stranger) is None

    def test_nothing_secret_is_shown(self, sink: Sink) -> None:
        """Reprs of sink and settings show no secret; a required secret is a SecretStr."""
        fields = sink.spec.settings.model_fields
        for name, info in fields.items():
            if any(part in name for part in ("token", "password", "secret")):
                assert info.annotation is SecretStr, f"setting {name} must be a SecretStr"
        held = vars(sink)
        models = [one for one in held.values() if isinstance(one, BaseModel)]
        named = [*held.items(), *(pair for one in models for pair in vars(one).items())]
        secrets = {n: s.get_secret_value() for n, s in named if isinstance(s, SecretStr)}
        text = f"{sink!r} {models!r} {models}"
        shown = [name for name, secret in secrets.items() if secret and secret in text]
        assert not shown, f"a repr shows {', '.join(shown)}"
