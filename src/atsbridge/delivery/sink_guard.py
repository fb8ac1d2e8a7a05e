"""A sink behind a guard: every exception of the sink becomes one of our errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from atsbridge.errors import AtsbridgeError, AuthError, PluginError
from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import DeliveredMessage, Reply, ReplySource, Sink

_T = TypeVar("_T")


class Guarded:
    """A Sink in front of another that raises only `errors`, each with the sink's name.

    Once the credential was refused, the other sink is not called again. `before` is called right
    before every message that is sent or edited; its exceptions are passed on.
    """

    def __init__(self, name: str, sink: Sink, before: Callable[[], None] = lambda: None) -> None:
        self.spec = sink.spec
        self._before = before
        self._name = name
        self._sink = sink
        self._refused: AuthError | None = None
        self.took: set[tuple[str, str]] = set()  # (kind, address) of what took a message

    def find_address(self, email: str) -> str | None:
        return self._ask(lambda: self._sink.find_address(email))

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        self._before()
        receipt = self._ask(lambda: self._sink.send(to, message, thread=thread))
        self.took.add((to.kind, to.address))
        return receipt

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        self._before()
        receipt = self._ask(lambda: self._sink.edit(to, sent, message))
        self.took.add((to.kind, to.address))
        return receipt

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return self._ask(lambda: self._sink.find(to, key, thread=thread))

    def fetch_replies(self, sent: Sequence[DeliveredMessage]) -> Iterator[Reply]:
        """What people answered, as it is read (only if `spec.replies`)."""
        found = self._ask(lambda: iter(cast("ReplySource", self._sink).fetch_replies(sent)))
        while (one := self._ask(lambda: next(found, None))) is not None:
            yield one

    def close(self) -> None:
        self._sink.close()

    def _ask(self, question: Callable[[], _T]) -> _T:
        if self._refused is not None:
            raise self._refused
        try:
            return question()
        except AuthError as error:
            self._refused = error
            raise
        except AtsbridgeError:
            raise
        except Exception as error:  # noqa: BLE001  a plugin's fault must not stop the others
            what = f"sink {self._name} raised {type(error).__name__}"
            raise PluginError(what, remedy="Report it to the author of the sink") from None
