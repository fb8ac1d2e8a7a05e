"""Which rules a connector lights up, by what its spec owns and declares."""

from __future__ import annotations

import pytest

import atsbridge_ashby
import atsbridge_greenhouse
import atsbridge_lever
from atsbridge.model.catalog import KINDS
from atsbridge.net.default_signals import COMMON, declare_absent
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import Signal, SignalHistory, Stream
from atsbridge.rules.compile.discovery import builtin_folder, texts
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.compile.signal_coverage import (
    Coverage,
    CoverageLevel,
    answered,
    coverage,
    needs,
)
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS

EVERYTHING = {k.name: tuple(set(k.supplied) - COMMON) for k in KINDS.values()}


@pytest.fixture(scope="module")
def rules():
    folder = builtin_folder()
    return load(
        texts(sorted(folder.glob("*.yaml")), folder), {kind.name: kind for kind in BUILTIN_KINDS}
    ).rules


def spec(owns=EVERYTHING, **signals):
    stream = Stream(name="all", path="/", row=object, normalize=iter, owns=owns)
    declared = {path.replace("__", "."): signal for path, signal in signals.items()}
    return ConnectorSpec(
        name="x", title="X", settings=object, streams=(stream,), open=print, signals=declared
    )


def test_all_that_is_owned_is_full(rules):
    """Without a why."""
    found = coverage(rules["feedback-late"], spec())
    assert (found.level, found.why) == (CoverageLevel.FULL, ())


@pytest.mark.parametrize(
    ("signal", "level"),
    [
        (Signal(SignalHistory.FULL, "coarse"), CoverageLevel.FULL),
        (Signal(SignalHistory.SINCE_INSTALL, "ours"), CoverageLevel.SINCE_INSTALL),
        (Signal(SignalHistory.NONE, "custom", with_mapping=True), CoverageLevel.WITH_MAPPING),
        (Signal(SignalHistory.NONE, "never"), CoverageLevel.NO),
    ],
)
def test_the_start_of_a_clock_decides(rules, signal, level):
    """As its signal says, and the why is told."""
    found = coverage(rules["feedback-late"], spec(interview__ends_at=signal))
    assert found.level is level
    assert f"interview.ends_at: {signal.why}" in found.why


def test_a_present_value_needs_no_history(rules):
    """A condition looks at what is; only dates are poorer when they are our own."""
    dateless = Signal(SignalHistory.SINCE_INSTALL, "no change is dated")
    assert (
        coverage(rules["feedback-late"], spec(application__status=dateless)).level
        is CoverageLevel.FULL
    )


def test_a_pause_that_no_ats_word_tells_is_never(rules):
    """It costs nothing and is told of."""
    found = coverage(
        rules["feedback-late"], spec(requisition__status=Signal(SignalHistory.NONE, "no"))
    )
    assert found.level is CoverageLevel.FULL
    assert any("requisition.on_hold: never" in why for why in found.why)


@pytest.mark.parametrize("rule", ["dry-pipeline", "candidate-without-news"])
def test_no_field_is_told_of_twice(rules, rule):
    """Where one starts the clock and resets it, too."""
    why = coverage(rules[rule], spec({"user": ("name",)})).why
    columns = [line.partition(":")[0] for line in why]
    assert columns
    assert len(columns) == len(set(columns))


def test_what_nobody_owns_is_no(rules):
    """A list that is not read tells nothing."""
    owns = {kind: columns for kind, columns in EVERYTHING.items() if kind != "scorecard"}
    assert coverage(rules["feedback-late"], spec(owns)).level is CoverageLevel.NO


def test_a_derived_date_without_dated_sources_is_our_own(rules):
    """The stage is told and its entry is not: we date it from now on."""
    owns = {kind: columns for kind, columns in EVERYTHING.items() if kind != "stage_stay"}
    found = coverage(rules["stalled-in-stage"], spec(owns))
    assert found.level is CoverageLevel.SINCE_INSTALL
    assert any("our own sight" in why for why in found.why)


def test_watched_fields_are_as_good_as_the_best_of_them(rules):
    """Changes are our own sight; a field that never shows is told of and costs the rest nothing."""
    hidden = Signal(SignalHistory.NONE, "custom", with_mapping=True)
    some = coverage(rules["search-changed"], spec(requisition__priority=hidden))
    assert some.level is CoverageLevel.SINCE_INSTALL
    assert "requisition.priority: custom" in some.why
    all_hidden = coverage(rules["candidate-concern"], spec(application__concern=hidden))
    assert all_hidden.level is CoverageLevel.WITH_MAPPING


def test_needs_reach_down_to_what_is_supplied(rules):
    """Whoever asks which list a rule needs gets the sources of derived fields, too."""
    found = needs(rules["stalled-in-stage"])
    assert {"application.assignee", "seat.scorecard", "stage_stay.entered_at"} <= found


def test_silence_is_declared_for_all_the_rest():
    """What is told in part keeps its own word; what is owned has none."""
    streams = spec({"user": ("name",)}).streams
    part = {"user.email": Signal(SignalHistory.FULL, "work addresses only")}
    found = declare_absent(streams, "not told", part)
    assert "user.name" not in found
    assert found["user.email"].why == "work addresses only"
    assert found["user.active"].why == "not told"
    assert found.keys() >= {"application.stage", "offer.status"}


def test_the_words_of_a_light():
    """As tables print them, best first."""
    assert [level.label for level in CoverageLevel] == [
        "full",
        "since install",
        "with mapping",
        "no",
    ]


def test_a_rule_that_no_connector_can_answer_is_found():
    """One that says anything at all is enough; without connectors nobody denies it."""
    no, mapped = Coverage("r", CoverageLevel.NO), Coverage("r", CoverageLevel.WITH_MAPPING)
    assert not answered([no, no])
    assert answered([no, mapped])
    assert answered([])


@pytest.mark.parametrize("connector", [atsbridge_ashby, atsbridge_greenhouse, atsbridge_lever])
def test_what_only_our_own_sight_dates_ships_as_shadow(rules, connector) -> None:
    """But for rules on changes, which ask for nothing that lies before the first look."""
    (found,) = connector.atsbridge_connectors()
    ours = [r for r in rules.values() if coverage(r, found).level is CoverageLevel.SINCE_INSTALL]
    assert ours, "there is something to hold"
    assert {rule.id for rule in ours if rule.status == "live" and rule.kind != "changed"} == set()
