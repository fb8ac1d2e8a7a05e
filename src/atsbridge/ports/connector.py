"""The protocol of a connector, and a connector described as data. Its lists are in `stream`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from atsbridge.ports.http_bounds import HttpBounds

if TYPE_CHECKING:
    from pydantic import BaseModel

    from atsbridge.model import Key, Mark, Receipt
    from atsbridge.ports.hint_store import WebhookSpec
    from atsbridge.ports.stream import Page, Signal, Stream
    from atsbridge.timesource import TimeSource


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of `doctor`: what was checked, whether it is good, and what to do if it is not.

    `warning`: it is not good, but runs work without it, so that `doctor` does not fail. `stream`:
    the list that was read for the check, by its name or path; "" where none was.
    """

    what: str
    good: bool
    detail: str = ""
    remedy: str = ""
    warning: bool = False
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """A value that a connector guessed from a customer's own name, for a person to confirm.

    `path`: the "kind.field" it fills. `name`: as the vendor writes it. `value`: the guess.
    `matched`: the part of the name that decided, "" if none did.
    """

    path: str
    name: str
    value: str
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note to write into the ATS.

    `subject`: an application, or a requisition if the connector writes "job_note". `key`: the
    marker by which the note is found again. `candidate`: their id, if the ATS keeps notes on
    candidates.
    """

    subject: Key
    text: str
    key: str
    candidate: str | None = None


class Connector(Protocol):
    """Reads and writes one ATS account. Raises only `AtsbridgeError`s; never logs a secret."""

    spec: ConnectorSpec

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        ...

    def pages(
        self,
        stream: Stream,
        *,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """All pages of the stream, in the vendor's order.

        `window`: only what changed in [start, end), UTC. `parents`: ids of parents whose children
        to read, at most `Parent.batch`.
        """
        ...

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """Read some records again, and the records they depend on, in few requests."""
        ...

    def write_note(self, note: Note) -> Receipt:
        """Write the note. AmbiguousError if it is not known whether it was written."""
        ...

    def find_note(self, note: Note) -> Receipt | None:
        """Look for the note with this key. None if it does not exist."""
        ...

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """Put a tag or field value on an application. Doing it twice does no harm.

        `Receipt.ids["on"]`: the vendor record that carries it ("candidate/7": it shows on every
        application of theirs). `Receipt.ids["had"]`: whether it was there before. AmbiguousError
        if it is not known whether it was written.
        """
        ...

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """Take the mark off. A value that somebody changed meanwhile stays."""
        ...

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """The receipt that `add_mark` would return if the mark is there, else None."""
        ...

    def check_write(self, capability: str) -> CheckResult:
        """For `doctor`: whether the credential may write this, as far as reading can tell."""
        ...

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Whether the credential is proved to see all rows of a list that returned none.

        Good only if the vendor itself says so (scopes and role of a token); `detail` is the proof.
        If the vendor does not say, the result is not good and the operator is asked.
        """
        ...

    def check(self) -> Iterator[CheckResult]:
        """For `doctor`: host, credential, acting user, each permission; cheapest first."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


@runtime_checkable
class GuessSource(Protocol):
    """A connector that guesses values from names. `doctor` shows them; the map corrects them."""

    def guesses(self) -> Iterator[Guess]:
        """Each name that the account does not map, once, in the vendor's order; few requests."""
        ...


@runtime_checkable
class AbsenceSource(Protocol):
    """A connector whose ATS knows when colleagues are away. Each user is asked for once a day."""

    def read_absences(self, user: str) -> Sequence[tuple[date, date]]:
        """First and last day, both included, of each absence of a user that has not ended.

        `user`: their id. In at most a few requests; () where the account does not want them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that the ATS itself sends, so that atsbridge does not send one as well.

    It reminds the person at path `to` until `about` ("kind.field") has an instant: from `first`
    to `last` after the start of the clock, in elapsed time. `says`: what it does, for messages.
    """

    about: str
    to: str
    first: timedelta
    last: timedelta
    says: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What atsbridge gives a connector or sink when it is opened.

    `name`: its name in the configuration. `time`: the only clock it may use. `connectors`: by
    account, for sinks that write back. `writes`: what an account allows to be written. `map`: the
    account's map as written in the configuration. `templates`: the folder of a customer's own
    message layouts. `folder`: of the configuration; a connector's relative paths start there.
    `bounds`: hand them to `HttpSession` and to the rate limiter. `recall` and
    `keep`: bytes under a key, kept between runs; they may be lost at any time.
    """

    name: str
    time: TimeSource
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    writes: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    map: Mapping[str, object] = field(default_factory=dict)
    templates: Path | None = None
    folder: Path = Path()
    bounds: HttpBounds = field(default_factory=HttpBounds)
    recall: Callable[[str], bytes | None] = field(default=lambda _: None)
    keep: Callable[[str, bytes], None] = field(default=lambda _, __: None)

    def read_map_table(self, name: str) -> Mapping[str, str]:
        """A table of the account's map, such as "stage_kind": name -> kind. Empty without one."""
        table = self.map.get(name)
        if not isinstance(table, Mapping):
            return {}
        return {str(key): str(value) for key, value in table.items()}


@dataclass(frozen=True, slots=True)
class SettingsDraft:
    """Further settings that a connector proposes to `init`.

    `sections`: keys of `[accounts.NAME]`, nested as in the file. `inline`: a table with only these
    keys is written in one line. `notes`: sentences for the person who runs `init`: what was
    guessed, and what could not be guessed.
    """

    sections: Mapping[str, object]
    notes: Sequence[str] = ()
    inline: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A connector as data.

    `writes`: what it can write (`APPLICATION_NOTE`, `TAG` and so on); an account allows each by
    its name. `reminders`: by preset name, what the ATS sends itself. `fake`: "module:callable" of
    a fake ATS, imported only when it is asked for. `typical(active)`: stream name -> how many rows
    a first sync reads at a customer with that many active applications. `webhooks`: how this ATS
    sends them, None where it does not.

    `adapt(settings)`: the spec of one account, if its lists depend on its settings; secrets in them
    may be placeholders. `draft(settings, tools)`: for `init`, further settings that follow from the
    first ones.
    """

    name: str
    title: str
    settings: type[BaseModel]
    streams: tuple[Stream, ...]
    # `Any`: the model that `settings` names, which differs from connector to connector.
    open: Callable[[Any, Tools], Connector]
    signals: Mapping[str, Signal] = field(default_factory=dict)
    writes: tuple[str, ...] = ()
    reminders: Mapping[str, Sequence[Reminder]] = field(default_factory=dict)
    fake: str = ""
    typical: Callable[[int], Mapping[str, Sequence[int]]] | None = None
    webhooks: WebhookSpec | None = None
    adapt: Callable[[Any], ConnectorSpec] | None = None
    draft: Callable[[Any, Tools], SettingsDraft] | None = None

    def stream(self, name: str) -> Stream:
        """The stream of that name. KeyError if there is none."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise KeyError(name)
