"""Listen for replies on every sink that has a connection of its own, until somebody ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from atsbridge.context import Services, SharedRunState
from atsbridge.errors import AtsbridgeError, ConfigError, FatalError, StoreError
from atsbridge.ports import ListeningSink, ReplyListener
from atsbridge.replies.reply_receiver import ReplyReceiver
from atsbridge.timesource import resume, stop

GRACE = 1.5  # seconds in which listeners end in order
_LOOK = 0.5  # seconds between looks whether a listener has ended by itself
_BEATS = 120  # looks between two signs of life
_FILES = 20  # looks between two looks whether settings or packs have changed
_ALIVE = timedelta(minutes=5)  # without a sign of life for so long, nobody listens
_KEY = "listening"
Note = Callable[[Mapping[str, Any]], None]
Reload = Callable[[Callable[[Services], None]], bool]


@dataclass(slots=True)
class ListenSession:
    """The listeners of one process. They only write into the store's inbox, and hold no lock.

    `note`: writes a line of the log. `reload`: hands over new services where files have changed.
    `ended`: set to let `run` return; several sessions may share it, one after the other.
    """

    services: Services
    note: Note
    reload: Reload = lambda _: False
    ended: threading.Event = field(default_factory=threading.Event)
    receivers: dict[str, ReplyReceiver] = field(default_factory=dict)
    _listeners: dict[str, ReplyListener] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)
    _errors: list[AtsbridgeError] = field(default_factory=list)
    _outdated: bool = False  # the sinks have other settings now

    def open(self) -> tuple[str, ...]:
        """Open the listeners; the names of their sinks. ConfigError where no sink can listen."""
        settings = self.services.settings
        used = {name for account in settings.accounts for name in self._sinks_of(account)}
        for name in sorted(used & settings.sinks.keys()):
            sink = self.services.open_sink(name)
            if sink.spec.listens:
                self._open(name, sink)  # type: ignore[arg-type]
        if not self._listeners:
            raise ConfigError(
                "no sink receives replies by itself",
                where=settings.place("sinks"),
                remedy="Set app_token in the section of a Slack sink",
            )
        _ = self.services.store, self.services.packs.rule_set  # before threads share them
        return tuple(self._listeners)

    def _sinks_of(self, account: str) -> tuple[str, ...]:
        return self.services.sink_names(account)

    def _open(self, name: str, sink: ListeningSink) -> None:
        receiver = self.receivers[name] = ReplyReceiver(self.services, name)
        self._listeners[name] = sink.open_listener(receiver.receive, self.note)

    def run(self) -> bool:
        """Listen until `end`, or until the settings of the sinks have changed.

        Whether they have: then a new session has to begin. A listener that cannot begin costs its
        sink only. Raises the error of the first one where none is left.
        """
        for name, listener in self._listeners.items():
            thread = threading.Thread(
                target=self._listen, args=(name, listener), name=f"listen {name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        looks = 0
        try:
            while not (self.ended.wait(_LOOK) or self.is_closed or self._outdated):
                if looks % _BEATS == 0:
                    self._sign_life()
                if looks % _FILES == 0:
                    self.look_at_files()
                looks += 1
        finally:
            self._close()
        if self._errors and not (self.ended.is_set() or self._outdated):
            raise self._errors[0]
        return self._outdated and not self.ended.is_set()

    def look_at_files(self) -> None:
        """Use changed settings and packs from now on; those with mistakes are left alone."""
        try:
            if self.reload(self._adopt):
                self.note({"action": "settings_read"})
        except AtsbridgeError as error:
            self.note({"action": "settings_kept", "what": str(error)})

    def _adopt(self, services: Services) -> None:
        """Answer with these services. The connections stay, unless a sink has other settings."""
        _ = services.store, services.packs.rule_set  # before threads share them
        before, now = self.services.settings, services.settings
        same = before.sinks == now.sinks and before.accounts.keys() == now.accounts.keys()
        used = (self._sinks_of(account) for account in before.accounts)
        self.services = services
        self._outdated = not same or list(used) != [self._sinks_of(one) for one in now.accounts]
        for receiver in self.receivers.values():
            receiver.app = services

    def end(self) -> None:
        """Let `run` return within two seconds. From any thread, or a signal's handler."""
        self.ended.set()

    @property
    def is_closed(self) -> bool:
        """Whether everything has ended in order. What is stored is stored either way."""
        return not any(one.is_alive() for one in self._threads)

    def _sign_life(self) -> None:
        """Store that each sink is listened to, for `doctor`."""
        at = self.services.time.now().isoformat().encode()
        try:
            state = SharedRunState(self.services.store.run_state)
            for name in self._listeners:
                state.write_of_sink(name, _KEY, at)
        except StoreError as error:  # a sign of life only
            self.note({"action": "store_busy", "what": error.what})

    def _listen(self, name: str, listener: ReplyListener) -> None:
        try:
            listener.run()
        except AtsbridgeError as error:
            self._errors.append(error)
            self.note({"sink": name, "action": "not_listening", "what": error.what})
        except KeyboardInterrupt:  # a wait was ended by `stop`
            return
        except Exception as error:  # noqa: BLE001  a fault of a plugin; nobody would learn of it
            fault = FatalError(f"the listener failed: {type(error).__name__}", where=name)
            self._errors.append(fault)
            self.note({"sink": name, "action": "not_listening", "what": fault.what})

    def _close(self) -> None:
        for listener in self._listeners.values():
            listener.stop()
        if self._join():
            return
        stop()  # ends waits for rate limits and between tries
        self._join()
        resume()

    def _join(self) -> bool:
        """Wait for all threads, but not for longer than GRACE; whether they have ended."""
        for thread in self._threads:
            thread.join(GRACE / 2 / len(self._threads))
        return self.is_closed


def is_listening(services: Services, sink: str) -> bool:
    """Whether a process has listened for this sink within the last minutes."""
    kept = SharedRunState(services.store.run_state).read_of_sink(sink, _KEY)
    if not kept:
        return False
    return services.time.now() - datetime.fromisoformat(kept.decode()) < _ALIVE
