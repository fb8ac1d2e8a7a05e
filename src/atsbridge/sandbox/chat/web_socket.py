"""One server's end of a web socket (RFC 6455), as far as a fake of Slack needs it."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MOST = 1 << 20  # bytes of a frame or of a request


class SocketClosedError(Exception):
    """The other end has hung up."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that the client sent. `opcode`: TEXT, CLOSE, PING or PONG."""

    opcode: int
    data: bytes


class WebSocket:
    """A connection after its handshake. Threads may send; one thread receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sending = threading.Lock()
        self._rest = b""

    def shake_hands(self, *, refuse: int = 0) -> str:
        """Answer the request to upgrade; its path. `refuse`: answer this status instead."""
        while b"\r\n\r\n" not in self._rest:
            self._read_more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        if refuse:
            self._socket.sendall(f"HTTP/1.1 {refuse} Refused\r\ncontent-length: 0\r\n\r\n".encode())
            raise SocketClosedError
        key = headers["sec-websocket-key"] + _GUID
        accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest())
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            f"sec-websocket-accept: {accept.decode()}\r\n\r\n"
        )
        self._socket.sendall(answer.encode())
        return first.split(" ")[1]

    def send(self, data: bytes, opcode: int = TEXT, *, pieces: int = 1, fragments: int = 1) -> None:
        """Send a frame. `pieces`: in so many TCP segments. `fragments`: as so many frames."""
        size = -(-len(data) // fragments) or 1
        parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        with self._sending:
            for number, part in enumerate(parts):
                last = number == len(parts) - 1
                wire = _head(opcode if number == 0 else 0, len(part), last=last) + part
                step = -(-len(wire) // pieces)
                for at in range(0, len(wire), step):
                    self._socket.sendall(wire[at : at + step])

    def frames(self) -> Iterator[Frame]:
        """The client's frames, until it hangs up. ValueError for a frame without a mask."""
        while True:
            try:
                first, second = self._take(2)
                length = second & 127
                if length == 126:
                    (length,) = struct.unpack("!H", self._take(2))
                elif length == 127:
                    (length,) = struct.unpack("!Q", self._take(8))
                if not second & 128 or length > _MOST:
                    raise ValueError("a client masks its frames, and sends small ones")
                mask = self._take(4)
                data = self._take(length)
            except SocketClosedError:
                return
            yield Frame(first & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def hang_up(self) -> None:
        """Close the connection without a word."""
        with suppress(OSError):  # closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._read_more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _read_more(self) -> None:
        try:
            more = self._socket.recv(65536)
        except OSError:
            more = b""
        if not more or len(self._rest) > 2 * _MOST:
            raise SocketClosedError
        self._rest += more


def _head(opcode: int, length: int, *, last: bool) -> bytes:
    first = opcode | (128 if last else 0)
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
