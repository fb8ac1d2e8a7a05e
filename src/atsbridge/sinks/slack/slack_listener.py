"""Receive buttons and texts in threads from Slack over a web socket (Socket Mode), without a public
server.

Slack waits three seconds for the acknowledgement of a press, then shows a warning to the person
(docs.slack.dev/apis/events-api/using-socket-mode). `slack_sdk` keeps the connection: it answers
pings, and connects again after a disconnect, a lost line or a request to refresh.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any, TypeAlias

from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websocket_client import SocketModeClient

from atsbridge.errors import AtsbridgeError
from atsbridge.model import Message
from atsbridge.ports import Reply, ReplyHandler, ReplyOutcome
from atsbridge.presentation import ReplyState, answer_press
from atsbridge.sinks.slack.slack_api import Web
from atsbridge.sinks.slack.slack_blocks import blocks, fallback
from atsbridge.sinks.slack.slack_buttons import ButtonPress, read_presses
from atsbridge.sinks.slack.slack_people import SlackPeople
from atsbridge.sinks.slack.slack_threads import ThreadKeys, ThreadText, read_texts
from atsbridge.timesource import SystemTime, TimeSource

ACKNOWLEDGE = 2.0  # seconds; a store that is busy for longer is waited for afterwards
CLOSING = 1.0  # seconds for the connection to close in order
BEGINNING = 3.0  # seconds that a session has to begin
_TRIES, _PAUSE = 8, 0.1  # of an acknowledgement; seconds between them
_WORKERS = 4
_KNOWN = 1000  # presses and texts; Slack sends one again that it believes lost
_PING = 10.0  # seconds between pings; so often a lost connection is tried again
_SLOWEST = 300.0  # seconds between tries while Slack refuses
Note = Callable[[Mapping[str, Any]], None]
_Heard: TypeAlias = ButtonPress | ThreadText
_READERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[_Heard]]] = {
    "interactive": read_presses,
    "events_api": read_texts,
}


class SlackListener:
    """One connection. `bot`: the workspace's API by the bot token, `app`: by the app-level token.

    `note`: writes a line of the log. `time`: the machine's clock.
    """

    def __init__(
        self,
        name: str,
        bot: Web,
        app: Web,
        receive: ReplyHandler,
        note: Note,
        time: TimeSource | None = None,
    ) -> None:
        self._name, self._bot, self._app = name, bot, app
        self._receive, self._note = receive, note
        self._people = SlackPeople(bot, time or SystemTime())
        self._threads = ThreadKeys(bot)
        self._calls = threading.Lock()  # the session of `bot` serves one call at a time
        self._known: OrderedDict[_Heard, None] = OrderedDict()
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="replies")
        self._time = time or SystemTime()
        self._opener = _ConnectionOpener(app, self._log, self._time)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Receive until `stop`. Raises where Slack refuses the first connection."""
        client = _Client(self._opener, self._log, self._time)
        client.socket_mode_request_listeners.append(self._take)
        try:
            client.connect()
            self._stopped.wait()
        finally:
            self._close(client)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()

    def _close(self, client: _Client) -> None:
        """Close in order, but not for longer than CLOSING: what hangs ends with the process."""

        def close() -> None:
            client.closed, client.auto_reconnect_enabled = True, False
            client.hang_up()
            client.message_queue.put(None)  # wakes the thread that waits for a message
            client.close()
            self._pool.shutdown(cancel_futures=True)

        self._stopped.set()
        closing = threading.Thread(target=close, name="closing", daemon=True)
        closing.start()
        closing.join(CLOSING)
        if not closing.is_alive():
            self._bot.close()
            self._app.close()

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Store the replies of one envelope and acknowledge it, whatever becomes of them."""
        reader = _READERS.get(request.type)
        acknowledged = threading.Event()
        waiting = []
        for heard in reader(request.payload) if reader is not None else ():
            if self._is_new(heard) and not self._stopped.is_set():
                received = threading.Event()
                self._pool.submit(self._serve, heard, received, acknowledged)
                waiting.append(received)
        for one in waiting:
            one.wait(ACKNOWLEDGE / len(waiting))
        self._acknowledge(client, request.envelope_id)
        acknowledged.set()

    def _acknowledge(self, client: BaseSocketModeClient, envelope_id: str) -> None:
        """Acknowledge an envelope; again for a while if the connection is just being replaced."""
        for left in reversed(range(_TRIES)):
            try:
                client.send_socket_mode_response(SocketModeResponse(envelope_id))
            except Exception as error:  # noqa: BLE001  no connection; the reply is stored
                if left and not self._stopped.wait(_PAUSE):
                    continue
                self._log({"action": "not_acknowledged", "error": type(error).__name__})
            return

    def _is_new(self, heard: _Heard) -> bool:
        """Whether Slack has not sent this very press or text before."""
        with self._guard:
            if heard in self._known:
                return False
            self._known[heard] = None
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)
            return True

    def _serve(
        self, heard: _Heard, received: threading.Event, acknowledged: threading.Event
    ) -> None:
        """Store one reply, and once Slack has the acknowledgement, say what became of it."""
        try:
            outcome = self._pass_on(heard)
        except Exception as error:  # noqa: BLE001  one reply fails, the connection goes on
            self._log({"action": "press_failed", "error": type(error).__name__})
            return
        finally:
            received.set()
        acknowledged.wait(ACKNOWLEDGE + CLOSING)
        try:
            if outcome.text:
                self._say(heard, outcome)
            if outcome.confirm is not None:
                outcome.confirm()
        except AtsbridgeError as error:
            self._log({"action": "answer_failed", "what": error.what})
        except Exception as error:  # noqa: BLE001  as above
            self._log({"action": "answer_failed", "what": type(error).__name__})

    def _pass_on(self, heard: _Heard) -> ReplyOutcome:
        """Find out who replied, and hand the reply on. A text that is not read now is read later,
        by the next run."""
        try:
            with self._calls:
                if isinstance(heard, ThreadText):
                    reply = self._read_text(heard)
                else:
                    reply = self._read_press(heard)
        except AtsbridgeError as error:
            self._log({"action": "press_failed", "what": error.what})
            written = isinstance(heard, ThreadText)
            return ReplyOutcome("" if written else answer_press(ReplyState.NOT_SAVED, ""))
        return self._receive(reply) if reply is not None else ReplyOutcome()

    def _read_press(self, press: ButtonPress) -> Reply:
        email, name = self._people.find(press.user) or ("", "")
        self._log({"action": "pressed", "reply": press.text[:40]})
        return Reply(press.key, press.mark, email, name, text=press.text)

    def _read_text(self, written: ThreadText) -> Reply | None:
        """The reply; None where the thread is not below a message of ours, or a program wrote."""
        key = self._threads.find(written.channel, written.thread)
        person = self._people.find(written.user) if key else None
        if person is None:
            return None
        self._log({"action": "written"})
        text = self._people.name_mentions(written.text)
        return Reply(key, written.mark, *person, text=text)

    def _say(self, heard: _Heard, outcome: ReplyOutcome) -> None:
        """Below the message, or so that only its author sees it."""
        message = Message("", "", outcome.text, tone="done")
        body: dict[str, Any] = {"channel": heard.channel, "text": fallback(message)}
        if outcome.in_thread or isinstance(heard, ThreadText):
            body["thread_ts"] = heard.thread
        if outcome.in_thread:
            body |= {"blocks": blocks(message), "unfurl_links": False, "unfurl_media": False}
        else:
            body["user"] = heard.user
        method = "chat.postMessage" if outcome.in_thread else "chat.postEphemeral"
        with self._calls:
            self._bot.call(method, body)

    def _log(self, line: Mapping[str, Any]) -> None:
        self._note({"sink": self._name, **line})


class _ConnectionOpener:
    """Asks Slack for connections: at once, and rarely while it refuses them."""

    def __init__(self, app: Web, log: Note, time: TimeSource) -> None:
        self._app, self._log, self._time = app, log, time
        self._refused: AtsbridgeError | None = None
        self._failures = 0
        self._again = float("-inf")

    def open(self) -> str:
        """The address of a new connection. Raises the last error while it is too early to ask."""
        if self._refused is not None and self._time.monotonic() < self._again:
            raise self._refused
        try:
            url = self._app.open_connection()
        except AtsbridgeError as error:
            self._failures += 1
            wait = min(_PING * 2.0**self._failures, _SLOWEST)
            self._refused, self._again = error, self._time.monotonic() + wait
            self._log({"action": "not_connected", "what": error.what, "again_in": wait})
            raise
        self._failures, self._refused = 0, None
        return url


class _Client(SocketModeClient):
    """The client of `slack_sdk`; its own log is left out, because it may quote addresses.

    While a session is replaced, the end of the old one, and the look after the new one, would open
    further sessions in its place. So nothing but Slack's own request opens one for BEGINNING.
    """

    def __init__(self, opener: _ConnectionOpener, log: Note, time: TimeSource) -> None:
        self._opener, self._time = opener, time
        self._began = float("-inf")
        self._never = threading.Event()  # to wait on
        self._line: Any = None  # the socket of the session that began last
        quiet = logging.Logger("atsbridge.slack")  # noqa: LOG001  apart from the tree of loggers
        quiet.addHandler(logging.NullHandler())
        super().__init__(
            "",  # the opener has the token
            logger=quiet,
            ping_interval=_PING,
            on_open_listeners=[self._keep_line, lambda _: log({"action": "connected"})],
            on_error_listeners=[
                lambda _, error: log({"action": "connection_lost", "error": type(error).__name__})
            ],
        )

    def issue_new_wss_url(self) -> str:
        """The address of a new connection."""
        return self._opener.open()

    def connect(self) -> None:
        """Begin a session in the place of the present one."""
        self._began = self._time.monotonic()
        self.hang_up()
        super().connect()

    def _keep_line(self, session: Any) -> None:
        self._line = session.sock.sock if session.sock is not None else None

    def hang_up(self) -> None:
        """Shut the line down, and wait until the thread that reads from it has seen the end.

        A socket that is closed while it waits would leave it waiting for ten seconds. One whose
        end Slack announced, the library lets go of without closing it.
        """
        session = self.current_session
        beginning = session.sock.sock if session is not None and session.sock is not None else None
        lines = {line for line in (self._line, beginning) if line is not None}
        for line in lines:
            with suppress(OSError):
                line.shutdown(SHUT_RDWR)
        for _ in range(_TRIES if lines else 0):
            if session is None or session.sock is None or self._never.wait(_PAUSE):
                break
        for line in lines:
            line.close()
        self._line = None

    def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Begin a session at a new address; `force`: Slack asks for it."""
        if force or self._time.monotonic() - self._began > BEGINNING:
            super().connect_to_new_endpoint(force)
