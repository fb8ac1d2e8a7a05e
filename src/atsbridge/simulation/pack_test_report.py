"""Report the tests of packs: expected, actual, and the reason. Also as JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from atsbridge.presentation import describe
from atsbridge.simulation.pack_test_runner import PackTestMoment, PackTestResult, SentMessage


def title(outcome: PackTestResult) -> str:
    """The rule and the name of its test."""
    return f"{outcome.rule.id}: {outcome.example.name or outcome.example.place}"


def differences(outcome: PackTestResult) -> tuple[str, ...]:
    """The differences, one block of lines per instant; empty if the test passed.

    Lines with "-" were expected, lines with "+" happened. Instants are in the zone of the person
    who owes.
    """
    return tuple(block for moment in outcome.moments if (block := _block(moment)))


def junit(outcomes: Iterable[PackTestResult]) -> str:
    """The outcomes as JUnit XML: a suite per file, a case per test."""
    suites = ElementTree.Element("testsuites", name="atsbridge rules test")
    by_file: dict[str, list[PackTestResult]] = {}
    for outcome in outcomes:
        by_file.setdefault(outcome.rule.place.file, []).append(outcome)
    for file, its in by_file.items():
        suite = ElementTree.SubElement(suites, "testsuite", name=file, tests=str(len(its)))
        failed = 0
        for outcome in its:
            place = outcome.example.place
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=outcome.rule.id,
                name=outcome.example.name or f"line {place.line}",
                file=place.file,
                line=str(place.line),
            )
            if blocks := differences(outcome):
                failed += 1
                fault = ElementTree.SubElement(case, "failure", message=blocks[0].split("\n")[0])
                fault.text = "\n".join(blocks)
        suite.set("failures", str(failed))
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _block(moment: PackTestMoment) -> str:
    lines = [
        line for key, asked in moment.expected.asks.items() for line in _ask(moment, key, asked)
    ]
    if not lines:
        return ""
    at = _stamp(moment.expected.at, moment.zone)
    return "\n".join([f"{moment.expected.place}: at {at}", *lines, *_because(moment)])


def _ask(moment: PackTestMoment, key: str, asked: Any) -> Iterator[str]:
    """The differences of one expected key."""
    if key == "sent":
        yield from _messages(asked or (), moment.sent)
        return
    due = moment.verdict.due
    came = {
        "clock": str(moment.verdict.state),
        "handling": str(moment.handling),
        "end": str(moment.end) if moment.end else None,
        "due": due.at if due else None,
    }[key]
    if came != asked:
        yield f"  - {key}: {_say(asked, moment.zone)}"
        yield f"  + {key}: {_say(came, moment.zone)}"


def _messages(wanted: Sequence[Mapping[str, Any]], sent: Sequence[SentMessage]) -> Iterator[str]:
    """Match each expected message with one that was sent; report the rest of both."""
    left = list(sent)
    for one in wanted:
        met = next((s for s in left if _fits(one, s)), None)
        if met is not None:
            left.remove(met)
            continue
        text = f', text: "{one["text"]}"' if one.get("text") else ""
        yield f"  - sent: {{to: {one['to']}, via: {one.get('via', 'dm')}{text}}}"
    for other in left:
        yield f"  + sent: {{to: {other.to}, via: {other.via}}}"
        yield from (f"      | {line}" for line in other.text.split("\n") if line)


def _fits(wanted: Mapping[str, Any], sent: SentMessage) -> bool:
    """Whether the message matches. `text` must occur in it; line breaks count as spaces."""
    if (wanted["to"], wanted.get("via", "dm")) != (sent.to, sent.via):
        return False
    return " ".join(str(wanted.get("text") or "").split()) in " ".join(sent.text.split())


def _because(moment: PackTestMoment) -> Iterator[str]:
    verdict = moment.verdict
    yield f"    because: {verdict.state}{f', {describe(verdict.reason)}' if verdict.reason else ''}"
    if verdict.started_at:
        yield f"    the clock began {_stamp(verdict.started_at, moment.zone)}"
    if verdict.due:
        yield f"    due {_stamp(verdict.due.at, moment.zone)}"


def _say(value: Any, zone: str) -> str:
    if value is None:
        return "none"
    return _stamp(value, zone) if isinstance(value, datetime) else str(value)


def _stamp(at: datetime, zone: str) -> str:
    """ "Mon 2026-03-09T16:00[Europe/Lisbon]": as a test would write it, with its week-day."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%dT%H:%M}[{zone}]"
