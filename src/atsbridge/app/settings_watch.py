"""Notice changed settings and packs in a process that lives for long, and open them anew.

A look compares the instant of the last change and the size of each file that is read when a process
begins. What cannot be used is reported once, and the process keeps what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from atsbridge.app.composition_root import open_services
from atsbridge.context import Services
from atsbridge.settings import ACCOUNT_FILES, Settings
from atsbridge.textfile import matching
from atsbridge.timesource import TimeSource

Fingerprint = Mapping[str, tuple[int, int]]


def take_fingerprint(config: Path, settings: Settings) -> Fingerprint:
    """Name -> (instant of the last change, size) of each file that is read when a process begins.

    Files that cannot be read are left out.
    """
    named = (settings.rules.packs, settings.rules.market, settings.directory.files)
    patterns = [ACCOUNT_FILES, *(one for patterns in named for one in patterns)]
    files = [one for pattern in patterns for one in matching(pattern, settings.folder)]
    found = {}
    for file in (config, *files):
        try:
            stat = file.stat()
        except OSError:
            continue
        found[str(file)] = (stat.st_mtime_ns, stat.st_size)
    return found


@dataclass(slots=True)
class ServicesReloader:
    """The services of a process, opened again when files have changed.

    `services`: those in use. Those before them stay open until the next change, because work that
    began with them may not have ended. Not for several threads.
    """

    config: Path
    services: Services
    time: TimeSource | None = None
    _seen: Fingerprint = field(default_factory=dict)
    _open: list[ExitStack] = field(default_factory=list)  # the ones in use last

    def __post_init__(self) -> None:
        self._seen = take_fingerprint(self.config, self.services.settings)

    def look(self, adopt: Callable[[Services], None]) -> bool:
        """Open the settings and packs anew if they have changed, and hand them to `adopt`.

        Whether they are in use now. AtsbridgeError where they have mistakes, or `adopt` refuses
        them: the services stay as they are, and nothing is tried until a file changes again.
        """
        found = take_fingerprint(self.config, self.services.settings)
        if found == self._seen:
            return False
        self._seen = found
        stack = ExitStack()
        try:
            services = stack.enter_context(open_services(self.config, self.time))
            self._refuse_mistakes(services)
            adopt(services)
        except BaseException:
            stack.close()
            raise
        self.services = services
        self._seen = take_fingerprint(self.config, services.settings)
        self._open.append(stack)
        while len(self._open) > 2:  # the ones in use, and those before them
            self._open.pop(0).close()
        return True

    def close(self) -> None:
        """Close everything that was opened here."""
        for stack in reversed(self._open):
            stack.close()
        self._open.clear()

    def _refuse_mistakes(self, services: Services) -> None:
        """Raise the first mistake in the packs, unless those in use have one, too."""
        if not self.services.packs.rule_set.mistakes:
            for mistake in services.packs.rule_set.mistakes:
                raise mistake


@contextmanager
def open_reloader(config: Path, time: TimeSource | None = None) -> Iterator[ServicesReloader]:
    """The services of a configuration, and what opens them again; all closed at the end.

    `time`: a clock instead of the system's or the sandbox's.
    """
    with open_services(config, time) as services:
        reloader = ServicesReloader(config, services, time)
        try:
            yield reloader
        finally:
            reloader.close()
