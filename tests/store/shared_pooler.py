"""A pooler in transaction mode before a real PostgreSQL: each transaction may get another session.

It speaks only as much of the protocol as it needs: whole messages, and the state after each query.
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_IDLE = b"I"  # of ReadyForQuery: outside any transaction
_BYE, _ENDS = b"X", (b"Q", b"S")  # Terminate; Query and Sync are what the server answers to


def _read(stream: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = stream.recv(size - len(found))
        if not part:
            raise ConnectionError
        found += part
    return found


def _message(stream: socket.socket) -> tuple[bytes, bytes]:
    """Type and whole text of one message."""
    head = _read(stream, 5)
    return head[:1], head + _read(stream, int.from_bytes(head[1:], "big") - 4)


class SharingPooler:
    """Accepts clients on a port of this machine. `target`: the Unix socket of the server."""

    def __init__(self, target: Path) -> None:
        self._target, self._idle = target, list[socket.socket]()
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            size = _read(client, 4)
            start = size + _read(client, int.from_bytes(size, "big") - 4)
            session = self._log_in(client, start)
            self._give_back(session)
            while True:
                kind, message = _message(client)
                if kind == _BYE:
                    return
                session = self._take(start)
                state = b""
                while state != _IDLE:
                    session.sendall(message)
                    if kind in _ENDS:
                        state = self._relay(session, client)
                    if state != _IDLE:
                        kind, message = _message(client)
                self._give_back(session)

    def _log_in(self, client: socket.socket | None, start: bytes) -> socket.socket:
        session = socket.socket(socket.AF_UNIX)
        session.connect(str(self._target))
        self._open.append(session)
        session.sendall(start)
        self._relay(session, client)
        return session

    def _take(self, start: bytes) -> socket.socket:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return self._log_in(None, start)

    def _give_back(self, session: socket.socket) -> None:
        with self._guard:
            self._idle.append(session)

    @staticmethod
    def _relay(session: socket.socket, client: socket.socket | None) -> bytes:
        """Pass on what the server answers until it is ready; the state of its transaction."""
        while True:
            kind, message = _message(session)
            if client is not None:
                client.sendall(message)
            if kind == b"Z":
                return message[-1:]

    def close(self) -> None:
        for one in self._open:
            one.close()


@contextmanager
def sharing_pooler(url: str) -> Iterator[str]:
    """The url of the same database through the pooler."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    pooler = SharingPooler(Path(folder) / f".s.PGSQL.{parts.port or 5432}")
    try:
        yield (
            f"postgresql://{parts.username}@127.0.0.1:{pooler.port}{parts.path}"
            "?sslmode=disable&gssencmode=disable"
        )
    finally:
        pooler.close()
