"""Slack's Socket Mode as a fake: tickets, hello, envelopes, acknowledgements and disconnects.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from atsbridge.sandbox.chat.web_socket import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    SocketClosedError,
    WebSocket,
)
from atsbridge.timesource import SystemTime

PATIENCE = 3.0  # seconds; later Slack tells the person that the app did not respond
_CONNECTING = 15.0  # seconds that a delivery waits for a client


@dataclass(slots=True)
class Delivery:
    """An envelope that was sent. `seconds`: until its acknowledgement, None where none came."""

    envelope: Mapping[str, Any]
    seconds: float | None = None
    done: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def acknowledged(self) -> bool:
        """Whether the acknowledgement came in time."""
        return self.seconds is not None


class SocketModeServer:
    """Serves web sockets on loopback. Each address that it gives away opens one connection.

    `opened`: how many connections began. `unknown`: messages of clients that acknowledge nothing.
    `refuse`: HTTP statuses with which the next handshakes are refused. `fragments`, `pieces`: how
    envelopes are cut, see `WebSocket.send`.
    """

    def __init__(self) -> None:
        self.opened = 0
        self.unknown: list[Any] = []
        self.refuse: list[int] = []
        self.fragments = self.pieces = 1
        self._tickets: set[str] = set()
        self._live: list[WebSocket] = []
        self._pending: dict[str, Delivery] = {}
        self._pongs = 0
        self._changed = threading.Condition()
        self._time = SystemTime()  # Slack's patience is no simulated one
        self._numbers = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, name="socket mode", daemon=True).start()

    def open_ticket(self) -> str:
        """The address of a connection. It is good once."""
        with self._changed:
            self._numbers += 1
            ticket = f"ticket-{self._numbers:04d}"
            self._tickets.add(ticket)
        return (
            f"ws://127.0.0.1:{self._socket.getsockname()[1]}/link/?ticket={ticket}&app_id=A000001"
        )

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        with self._changed:
            return len(self._live)

    def wait_for(self, connections: int = 1, opened: int = 0) -> bool:
        """Wait for so many live connections, of which `opened` were opened in all."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self._live) == connections and self.opened >= opened, _CONNECTING
            )

    def deliver(self, kind: str, payload: Mapping[str, Any], **more: Any) -> Delivery:
        """Send an envelope on the newest connection, and wait for its acknowledgement.

        `more`: further keys, such as `retry_attempt`. SocketClosedError where no client comes.
        """
        with self._changed:
            self._numbers += 1
            envelope_id = str(more.pop("envelope_id", f"envelope-{self._numbers:04d}"))
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "accepts_response_payload": kind == "slash_commands",
            "payload": payload,
            **more,
        }
        delivery = Delivery(envelope)
        began = self._time.monotonic()
        with self._changed:
            self._pending[envelope_id] = delivery
        self._send(envelope)
        if delivery.done.wait(PATIENCE):
            delivery.seconds = self._time.monotonic() - began
        return delivery

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce a disconnect, as Slack does; after "warning" the connection stays."""
        with self._changed:
            live = self._live[-1:]
        info = {"host": "applink-sandbox"}
        self._send({"type": "disconnect", "reason": reason, "debug_info": info})
        if reason != "warning":
            for one in live:
                with suppress(OSError):
                    one.send(b"\x03\xe8", CLOSE)

    def ping(self) -> bool:
        """Ping the newest connection; whether the answer came."""
        with self._changed:
            before, live = self._pongs, self._live[-1]
        live.send(b"Ping from applink-sandbox", PING)
        with self._changed:
            return self._changed.wait_for(lambda: self._pongs > before, PATIENCE)

    def drop(self) -> None:
        """Hang up on every client without a word."""
        with self._changed:
            live = list(self._live)
        for one in live:
            one.hang_up()

    def close(self) -> None:
        """Stop serving."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.drop()

    def _send(self, body: Mapping[str, Any]) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._live), _CONNECTING):
                raise SocketClosedError
            live = self._live[-1]
        data = json.dumps(body).encode()
        live.send(data, fragments=self.fragments, pieces=self.pieces)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one = WebSocket(connection)
            threading.Thread(target=self._serve, args=(one,), name="socket", daemon=True).start()

    def _serve(self, one: WebSocket) -> None:
        try:
            with self._changed:
                refused = self.refuse.pop(0) if self.refuse else 0
            path = one.shake_hands(refuse=refused)
            self._admit(one, path)
            for frame in one.frames():
                self._hear(one, frame.opcode, frame.data)
                if frame.opcode == CLOSE:
                    break
        except (SocketClosedError, OSError, ValueError, KeyError):
            pass
        finally:
            with self._changed:
                if one in self._live:
                    self._live.remove(one)
                self._changed.notify_all()
            one.hang_up()

    def _admit(self, one: WebSocket, path: str) -> None:
        ticket = path.partition("ticket=")[2].partition("&")[0]
        with self._changed:
            if ticket not in self._tickets:
                raise SocketClosedError
            self._tickets.discard(ticket)
            count = len(self._live) + 1
        hello = {
            "type": "hello",
            "num_connections": count,
            "debug_info": {"host": "applink-sandbox", "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A000001"},
        }
        one.send(json.dumps(hello).encode())
        with self._changed:
            self._live.append(one)
            self.opened += 1
            self._changed.notify_all()

    def _hear(self, one: WebSocket, opcode: int, data: bytes) -> None:
        if opcode == PING:
            one.send(data, PONG)
        elif opcode == CLOSE:
            with suppress(OSError):
                one.send(data[:2], CLOSE)
        elif opcode == PONG:
            with self._changed:
                self._pongs += 1
                self._changed.notify_all()
        elif opcode == TEXT:
            self._acknowledge(data)

    def _acknowledge(self, data: bytes) -> None:
        try:
            body = json.loads(data)
        except ValueError:
            body = data
        key = body.get("envelope_id") if isinstance(body, dict) else None
        with self._changed:
            delivery = self._pending.pop(str(key), None)
        if delivery is None:
            self.unknown.append(body)
        else:
            delivery.done.set()
