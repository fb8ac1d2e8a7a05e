"""What runs keep between them: a typed repository with every key of the run state.

A value that is lost costs time, never a message: it is computed or requested again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atsbridge.context.rule_watch import RuleWatch, pack_watch, unpack_watch
from atsbridge.context.run_memory import Memory, last_nightly, pack_memory, unpack_memory

if TYPE_CHECKING:
    from atsbridge.absences import CachedCalendar
    from atsbridge.ports import RunStateStore

_CHAT_ZONES_VERSION = "1"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended for an account. `at`: when it began, in UTC. `seconds`: how long it took.

    `problems`: (where, what, remedy) of each failure. `breaker`: rules whose notices the circuit
    breaker held.
    """

    at: datetime
    seconds: float = 0.0
    problems: tuple[tuple[str, str, str], ...] = ()
    breaker: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of one account. Instants are in UTC."""

    store: RunStateStore
    account: str

    def read_memory(self) -> Memory:
        """What the last run remembered; an empty memory before the first."""
        return unpack_memory(self._get("tick"))

    def write_memory(self, memory: Memory) -> None:
        """Remember it for the next run."""
        for key, value in self.pack_memory(memory).items():
            self.store.put(key, value)

    def pack_memory(self, memory: Memory) -> dict[str, bytes]:
        """Key and value of the memory, for a transaction that writes more."""
        return {self._key("tick"): pack_memory(memory)}

    def read_watch(self) -> dict[str, RuleWatch]:
        """Rule -> since when its present version is evaluated; without what cannot be read."""
        try:
            return unpack_watch(self._read_json("watch", {}))
        except ValueError:
            return {}

    def pack_watch(self, watch: Mapping[str, RuleWatch]) -> dict[str, bytes]:
        """Key and value of the watch, for a transaction that writes more."""
        return {self._key("watch"): json.dumps(pack_watch(watch)).encode()}

    def read_last_run(self) -> datetime | None:
        """The latest instant at which a run was at work on the account; None before the first."""
        kept = self._get("clock")
        return datetime.fromisoformat(kept.decode()) if kept else self.read_memory().at

    def note_run(self, now: datetime) -> None:
        """Keep the instant; an earlier one than is kept changes nothing."""
        last = self._get("clock")
        if not last or datetime.fromisoformat(last.decode()) < now:
            self.set_last_run(now)

    def set_last_run(self, at: datetime) -> None:
        """Keep the instant, also an earlier one."""
        self._put("clock", at.isoformat().encode())

    def read_due_night(self, now: datetime, nightly_at: str) -> str:
        """The night (ISO 8601) whose reconciliation is still due, "" if none is."""
        last = last_nightly(now, nightly_at).isoformat()
        kept = self._get("night")
        return "" if kept is not None and kept.decode() >= last else last

    def note_night(self, night: str) -> None:
        """The reconciliation of that night is done."""
        self._put("night", night.encode())

    def is_expired(self, night: str) -> bool:
        """Whether what is older than `keep_ended` has been erased that night."""
        return self._get("expired") == night.encode()

    def note_expired(self, night: str) -> None:
        """What is older than `keep_ended` is erased."""
        self._put("expired", night.encode())

    def forget_nights(self) -> None:
        """What is done once a night is due again."""
        for name in ("night", "expired"):
            self._put(name, b"")

    def read_unconfirmed_since(self) -> str:
        """Since when messages wait for the ATS to confirm them (ISO 8601); "" where none does."""
        return (self._get("unconfirmed") or b"").decode()

    def write_unconfirmed_since(self, since: str) -> None:
        """Keep the instant; "" once the ATS answers again."""
        self._put("unconfirmed", since.encode())

    def read_chat_zones(self) -> dict[str, list[str]]:
        """User id -> zone in the chat ("" where it has none) and the instant it was asked for."""
        found = _read_versioned(self.store, self._key("zones"), _CHAT_ZONES_VERSION)
        return dict(found) if isinstance(found, dict) else {}

    def write_chat_zones(self, zones: Mapping[str, Sequence[str]]) -> None:
        """Keep the zones, in the shape in which they are read."""
        _write_versioned(self.store, self._key("zones"), _CHAT_ZONES_VERSION, dict(zones))

    def read_imports(self) -> dict[str, Any]:
        """Signatures and errors of the imported files: "briefs" and "market" -> a mapping."""
        found: dict[str, Any] = self._read_json("intake", {})
        return found

    def write_imports(self, imports: Mapping[str, Any]) -> None:
        """Keep them for the next import."""
        self._put("intake", json.dumps(imports).encode())

    def read_polls(self, sink: str) -> dict[str, str]:
        """Conversation of a sink -> when it was last asked for answers (ISO 8601)."""
        found: dict[str, str] = self._read_json("listened", {}, f"/{sink}")
        return found

    def write_polls(self, sink: str, polls: Mapping[str, str]) -> None:
        """Keep them for the next poll."""
        self._put("listened", json.dumps(polls).encode(), f"/{sink}")

    def read_failures(self) -> list[list[str]]:
        """The failures of the last run, as rows of their fields. Raises StoreError."""
        found: list[list[str]] = self._read_json("failures", [])
        return found

    def write_failures(self, rows: Sequence[Sequence[str]]) -> None:
        """Keep the rows. Raises StoreError."""
        self._put("failures", json.dumps(rows).encode())

    def read_success(self) -> datetime | None:
        """When a run last did all it had to do for the account."""
        kept = self._get("good")
        return datetime.fromisoformat(kept.decode()) if kept else None

    def note_success(self, at: datetime) -> None:
        """Keep it for the metrics."""
        self._put("good", at.isoformat().encode())

    def read_outcome(self) -> RunOutcome | None:
        """How the last run ended; None before the first."""
        return _unpack_outcome(self._read_json("outcome", None))

    def write_outcome(self, outcome: RunOutcome) -> None:
        """Keep how this run ended."""
        kept = {**asdict(outcome), "at": outcome.at.isoformat()}
        self._put("outcome", json.dumps(kept).encode())

    def read_promises_since(self) -> dict[str, str]:
        """Rule -> since when its promises are known without a gap (ISO 8601); "": the first run."""
        found: dict[str, str] = self._read_json("promises", {})
        return found

    def write_promises_since(self, since: Mapping[str, str]) -> None:
        """Keep the instants."""
        self._put("promises", json.dumps(dict(since)).encode())

    def read_weekly(self) -> str:
        """The Monday (ISO 8601) of the last week whose messages to pairs were made; "" for none."""
        return (self._get("weekly") or b"").decode()

    def write_weekly(self, monday: str) -> None:
        """Keep it. If it is lost, the outbox drops what is made twice."""
        self._put("weekly", monday.encode())

    def read_pair_look(self) -> datetime | None:
        """When pairs are to be looked at again; None before the first look."""
        kept = self._get("pair_look")
        return datetime.fromisoformat(kept.decode()) if kept else None

    def write_pair_look(self, at: datetime) -> None:
        """Keep the instant."""
        self._put("pair_look", at.isoformat().encode())

    def read_offered(self) -> list[str]:
        """Marks of those who were offered the weekly message."""
        found: list[str] = self._read_json("offered", [])
        return found

    def write_offered(self, people: Sequence[str]) -> None:
        """Keep the marks."""
        self._put("offered", json.dumps(list(people)).encode())

    def read_pulse_since(self) -> datetime | None:
        """From when on searches count that ended; None before the first look."""
        kept = self._get("pulse_since")
        return datetime.fromisoformat(kept.decode()) if kept else None

    def write_pulse_since(self, at: datetime) -> None:
        """Keep the instant: what ended before is no news."""
        self._put("pulse_since", at.isoformat().encode())

    def read_streaks(self) -> dict[str, str]:
        """Mark of a pair -> when it was last thanked for a month of kept promises."""
        found: dict[str, str] = self._read_json("streaks", {})
        return found

    def write_streaks(self, thanked: Mapping[str, str]) -> None:
        """Keep the instants."""
        self._put("streaks", json.dumps(dict(thanked)).encode())

    def read_absences(self) -> CachedCalendar | None:
        """The absences that the account's ATS told; None before the first reading."""
        if (kept := self._get("absences")) is None:
            return None
        from atsbridge.absences import unpack_calendars

        return unpack_calendars(kept).get(self.account)

    def write_absences(self, calendar: CachedCalendar) -> None:
        """Keep the absences that the account's ATS told."""
        from atsbridge.absences import pack_calendars

        self._put("absences", pack_calendars({self.account: calendar}))

    def _key(self, name: str, more: str = "") -> str:
        return f"{name}/{self.account}{more}"

    def _get(self, name: str, more: str = "") -> bytes | None:
        return self.store.get(self._key(name, more))

    def _put(self, name: str, value: bytes, more: str = "") -> None:
        self.store.put(self._key(name, more), value)

    def _read_json(self, name: str, default: Any, more: str = "") -> Any:
        kept = self._get(name, more)
        return json.loads(kept) if kept else default


@dataclass(frozen=True, slots=True)
class PastPromotion:
    """The last promotion of a rule. `change`: "shadow -> live"; `at`: in UTC.

    `waived`: why it did not wait for its days in shadow; "" where it did.
    """

    change: str
    at: datetime
    waived: str


@dataclass(frozen=True, slots=True)
class SharedRunState:
    """The state that all accounts share."""

    store: RunStateStore

    def read_promotions(self) -> dict[str, PastPromotion]:
        """Rule -> its last promotion."""
        kept = self.store.get("promotions")
        rows: dict[str, list[str]] = json.loads(kept) if kept else {}
        return {
            rule: PastPromotion(change, datetime.fromisoformat(at), waived)
            for rule, (change, at, waived) in rows.items()
        }

    def note_promotion(self, rule: str, promotion: PastPromotion) -> None:
        """Keep the promotion in place of an earlier one."""
        known = {**self.read_promotions(), rule: promotion}
        rows = {name: [one.change, one.at.isoformat(), one.waived] for name, one in known.items()}
        self.store.put("promotions", json.dumps(rows).encode())

    def read_holidays(
        self, place: str, year: int, version: str, make: Callable[[], dict[str, str]]
    ) -> dict[str, str]:
        """yyyy-mm-dd -> name of the public holidays; made anew for another version."""
        key = f"holidays/{place}/{year}"
        found: dict[str, str] | None = _read_versioned(self.store, key, version)
        if found is None:
            found = make()
            _write_versioned(self.store, key, version, found)
        return found

    def read_absences(self) -> dict[str, CachedCalendar]:
        """The absence calendars by key; none before the first reading."""
        from atsbridge.absences import unpack_calendars

        return unpack_calendars(self.store.get("absences"))

    def write_absences(self, calendars: Mapping[str, CachedCalendar]) -> None:
        """Keep the absence calendars."""
        from atsbridge.absences import pack_calendars

        self.store.put("absences", pack_calendars(calendars))

    def read_of_sink(self, sink: str, key: str) -> bytes | None:
        """What a sink keeps for itself under a key of its own."""
        return self.store.get(f"sink/{sink}/{key}")

    def write_of_sink(self, sink: str, key: str, value: bytes) -> None:
        """Keep a value for a sink."""
        self.store.put(f"sink/{sink}/{key}", value)

    def probe(self, now: datetime) -> None:
        """Write something. Raises StoreError where the store takes no write."""
        self.store.put("doctor/probe", now.isoformat().encode())


def _unpack_outcome(kept: Any) -> RunOutcome | None:
    """The outcome as it was kept; None where there is none or another version wrote it."""
    try:
        return RunOutcome(
            datetime.fromisoformat(kept["at"]),
            float(kept["seconds"]),
            tuple((str(a), str(b), str(c)) for a, b, c in kept["problems"]),
            tuple(kept["breaker"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _read_versioned(store: RunStateStore, key: str, version: str) -> Any:
    """The value kept under the key by the same version; None for another, or one that is broken."""
    try:
        found = json.loads(store.get(key) or b"null")
        return found["value"] if found["version"] == version else None
    except (KeyError, TypeError, ValueError):
        return None


def _write_versioned(store: RunStateStore, key: str, version: str, value: object) -> None:
    store.put(key, json.dumps({"version": version, "value": value}).encode())
