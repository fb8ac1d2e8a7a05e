"""Checks that no list of a connector, disturbed in any way, leads to a wrong verdict.

Every list goes wrong in every way, in the first sync and in a later one, under the built-in rules
and over whole runs. The result is compared with the same company undisturbed.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from atsbridge.ports import Stream
from atsbridge.testing.configured_account import ConfiguredAccount, Fact, Outcome
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.disturbances import DISTURBANCES, Disturbance, disturbed

ALL = "ATSBRIDGE_ALL_FAULTS"
FIRST, LATER = "first", "later"  # the sync in which the list is disturbed
HOURS = timedelta(hours=3)  # between two runs
_RECOVERED = "recovered: "


@dataclass(slots=True)
class Trial:
    """One list, disturbed in one way, and the wrong outcomes of its runs."""

    stream: Stream
    how: Disturbance
    unknowable: str = ""  # why a missing row of this list cannot be noticed
    unhealed: str = ""  # why a row that was missing may never be read again
    hidden: str = ""  # why an answer without readable rows may hide a change until the night
    fallback: str = ""  # the requested path, if the list refuses
    played: bool = False
    wrong: list[Fact] = field(default_factory=list)
    failed: list[Fact] = field(default_factory=list)  # stage, failures as cron mails them
    ops: tuple[str, ...] = ()  # keys of notices to ops that the undisturbed run does not have
    moved: int = 0  # notices that it has instead: the same news at another time
    recovered: bool = False  # whether ops were told that what had failed works again

    @property
    def name(self) -> str:
        """The name in reports."""
        return f"{self.stream.name}: {self.how.name}"

    def compare(self, stage: str, found: Outcome, plain: Outcome) -> None:
        """Note the outcomes that the undisturbed run does not have."""
        self.failed += [
            (stage, line)
            for line in found.news
            if line not in plain.news and not line.startswith(_RECOVERED)
        ]
        self.recovered |= any(line.startswith(_RECOVERED) for line in found.news)
        self.ops = tuple(one for one in found.ops if one not in plain.ops)
        self.moved = sum(one not in found.ops for one in plain.ops)
        if self.unknowable:
            return
        known = {fact[1:] for fact in self.wrong}
        self.wrong += [
            (stage, *one)
            for one in found.beyond(plain)
            if one not in known and not (one[0] == "sent" and _is_shared(one[1:], plain))
        ]

    def finish(self, stage: str, found: Outcome, plain: Outcome) -> None:
        """Note what is not healed, and whether ops were notified once."""
        if not self.unhealed:
            self.wrong += [(stage, "not open", *one) for one in sorted(plain.open - found.open)]
            self.wrong += [(stage, "still open", *one) for one in sorted(found.open - plain.open)]
        # A list that cannot be read without the disturbed one has a line of its own.
        lists = Counter(line.partition(":")[0] for _, line in self.failed)
        self.wrong += [("told more than once", one) for one, times in lists.items() if times > 1]
        if len(self.ops) - self.moved > 1 + self.recovered:
            self.wrong += [("told more than once", one) for one in self.ops]
        if self.how.refused and not self.failed and not self.ops:
            self.wrong.append((stage, "ops were told nothing"))


def _is_shared(notice: Fact, plain: Outcome) -> bool:
    """Whether a notice is of a case that the undisturbed run has too: it may come alone there
    where it was one of a digest or summary here, as fewer cases were known. A summary names cases
    only, each of which is compared by itself."""
    rule, subject = notice[:2]
    return not rule or (rule, subject) in plain.opened


@contextmanager
def office(world: FakeAccount) -> Iterator[ConfiguredAccount]:
    """A configured account on that world, with its own store."""
    with TemporaryDirectory(prefix="atsbridge-faults-") as folder:
        made = ConfiguredAccount(world, Path(folder))
        try:
            yield made
        finally:
            made.store.close()


def play(
    office: ConfiguredAccount, when: str, trials: Iterable[Trial], *, heal: bool
) -> dict[str, list[Fact]]:
    """Run each trial, its list going wrong in the first sync or in a later one; what went wrong
    by name of the trial.

    `heal`: also run a second time with the list disturbed, and then with the list well again:
    three hours later, and at night.
    """
    trials = list(trials)
    world = office.world
    before = "empty"
    if when == LATER:
        for trial in trials:
            trial.unknowable = trial.unknowable or trial.hidden
        office.run()
        world.live(HOURS)
        office.run()
        office.keep(before := "before")
        world.live(HOURS)
    stages = [("disturbed", True)]
    if heal:
        stages += [("still disturbed", True), ("well again", False), ("at night", False)]
    stores = [before] * len(trials)
    plain_store = before
    for stage, wrong in stages:
        if stage != "disturbed":
            world.live(_until_night(world) if stage == "at night" else HOURS)
        office.back(plain_store)
        plain = office.run()
        office.keep(plain_store := "plain")
        assert plain.open, "the undisturbed company has no case, so that nothing could be compared"
        assert not plain.news, plain.news
        for place, trial in enumerate(trials):
            office.back(stores[place])
            found = _run(office, trial) if wrong else office.run()
            trial.compare(stage, found, plain)
            if heal and stage == stages[-1][0]:
                trial.finish(stage, found, plain)
            office.keep(name := f"trial-{place}")
            stores[place] = name
    assert any(trial.played for trial in trials), "no list could be disturbed: see `disturbances`"
    return {trial.name: trial.wrong for trial in trials if trial.played and trial.wrong}


def _run(office: ConfiguredAccount, trial: Trial) -> Outcome:
    fallback = trial.fallback if trial.how.status else ""  # asked only where the list refuses
    paths = [one for one in (trial.stream.path, fallback) if one]
    method = trial.stream.method
    with disturbed(office.world.fake, paths, trial.how, method=method) as played:
        found = office.run()
    trial.played |= bool(played)
    return found


def _until_night(world: FakeAccount) -> timedelta:
    """The time until 02:30 UTC: nightly syncs begin at two."""
    now = world.clock.now()
    night = now.replace(hour=2, minute=30, second=0, microsecond=0)
    return (night if night > now else night + timedelta(days=1)) - now


def _patient(test: Any) -> Any:
    """A longer time-out for a test with many runs, if time-outs are in use."""
    return pytest.mark.timeout(1800)(test) if find_spec("pytest_timeout") else test


def _turns() -> Sequence[str]:
    return [one.name for one in DISTURBANCES] if os.environ.get(ALL) else ["one of each"]


class ListChecks(ConnectorWorld):
    """An empty, forbidden, broken, partial or foreign list accuses nobody and ends nothing.

    Every list is tried once: with one disturbance, which differs from list to list, in the first
    sync or in a later one; with ATSBRIDGE_ALL_FAULTS=1 in the environment, with all of them, in
    both, and until it is well again, which takes a quarter of an hour.

    `unknowable`: streams of which nobody can know that a row is missing from an answer, with the
    reason. They are only held to be healed once they are well. `unhealed`: those of them whose
    missing rows may never be asked for again, with the reason. `hidden`: streams of which a change
    leads to a message in the trial, so that a later answer that is empty, as that of a list without
    changes, or holds one row that cannot be read, accuses somebody until the night. `list_step`:
    try every list (1), every second one (2), and so on; with ATSBRIDGE_ALL_FAULTS=1 always all.
    """

    list_applications: int = 60
    list_requisitions: int = 8
    list_step: int = 1
    unknowable: Mapping[str, str] = {}
    unhealed: Mapping[str, str] = {}
    hidden: Mapping[str, str] = {}

    @pytest.fixture
    @classmethod
    def office(cls) -> Iterator[ConfiguredAccount]:
        """A small company and its configured account."""
        with (
            cls.standing(cls.list_applications, requisitions=cls.list_requisitions) as world,
            office(world) as made,
        ):
            yield made

    def trials(self, world: FakeAccount, when: str, hows: Sequence[Disturbance]) -> list[Trial]:
        """A trial for every list, with the disturbances `hows` in turn.

        With several of them, every second one is for the first sync, and the others for a later.
        """
        trials = [self.trial(s, hows[n % len(hows)]) for n, s in enumerate(world.asked)]
        if len(hows) == 1:
            return trials
        trials = trials[:: self.list_step]
        return trials[(FIRST, LATER).index(when) :: 2] or trials

    def trial(self, stream: Stream, how: Disturbance) -> Trial:
        """The trial of one list with one disturbance."""
        name = stream.name
        trial = Trial(stream, how, fallback=self.fallbacks.get(name, ""))
        if how.empty or how.unreadable:
            trial.hidden = self.hidden.get(name, "")
        if how.leaves_out:
            trial.unknowable = self.unknowable.get(name, "")
            trial.unhealed = self.unhealed.get(name, "")
        return trial

    @_patient
    @pytest.mark.parametrize("turn", _turns())
    @pytest.mark.parametrize("when", [FIRST, LATER])
    def test_no_list_accuses_anybody(self, office: ConfiguredAccount, when: str, turn: str) -> None:
        """The outcome is that of the undisturbed run."""
        hows = [one for one in DISTURBANCES if one.name == turn] or shuffled(when)
        trials = self.trials(office.world, when, hows)
        assert play(office, when, trials, heal=bool(os.environ.get(ALL))) == {}


def shuffled(seed: str) -> list[Disturbance]:
    """The disturbances in an order that differs from seed to seed."""
    return random.Random(seed).sample(DISTURBANCES, len(DISTURBANCES))  # noqa: S311
