"""One account: host, credential, lists, what may be written, and what the settings say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from atsbridge.app.health import location_health, name_health, people_health
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import Checked

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.rules import Rule


def check(app: Services, name: str) -> Iterator[Checked]:
    """A line for each thing; ends where nothing further can work."""
    try:
        checks = list(app.open_connector(name).check())
    except AtsbridgeError as error:
        yield Checked("connection", good=False, detail=error.what, remedy=error.remedy)
        return
    wanted = _wanted(app, name)
    yield from (_weighed(one, wanted) for one in checks)
    read = any(one.good and one.what.startswith("read ") for one in checks)
    if checks and not checks[-1].good and not read:
        return  # what might be written is not the question
    yield from _writes(app, name)
    yield from _unallowed(app, name)
    yield from _left(app, name)
    try:
        yield from _doubts(app, name)
        yield from name_health.check_map(app, name)
        yield from people_health.check(app, name)
        yield from location_health.check(app, name)
    except AtsbridgeError as error:
        yield Checked("store", good=False, detail=error.what, remedy=error.remedy)


def _live(app: Services) -> list[Rule]:
    """The live rules; none where a mistake in them is named among the checks of atsbridge."""
    try:
        return [rule for rule in app.packs.rule_set.rules.values() if rule.status == "live"]
    except AtsbridgeError:
        return []


def _wanted(app: Services, name: str) -> dict[str, list[str]]:
    """ "read LIST", as a connector says it -> the live rules that need that list."""
    from atsbridge.rules import needs

    reads = {rule.id: needs(rule) for rule in _live(app)}
    found: dict[str, list[str]] = {}
    for stream in app.spec(name).streams:
        owned = {f"{kind}.{c}" for kind, columns in stream.owns.items() for c in columns}
        rules = [rule for rule, columns in reads.items() if owned & columns]
        for word in {stream.name, stream.path.strip("/")}:
            found[f"read {word}"] = rules
    return found


def _weighed(check: Checked, wanted: dict[str, list[str]]) -> Checked:
    """A list that cannot be read, with the live rules that stay silent for it."""
    rules = wanted.get(check.what)
    if check.good or rules is None:
        return check
    silent = f"needed by {', '.join(rules)}" if rules else "no live rule needs it"
    return replace(check, detail=f"{check.detail}; {silent}")


def _doubts(app: Services, name: str) -> Iterator[Checked]:
    """Lists that were read and hold nothing that fits, with the live rules silent for it."""
    from atsbridge.rules import required
    from atsbridge.sync import doubt, parse, supplied

    states, spec, now = app.store.records.read_states(name), app.spec(name), app.time.now()
    account_map = parse(app.account(name).map, name, spec.streams)
    for stream in spec.streams:
        state = states.get(stream.name)
        if state is None or state.doubt is None:
            continue
        what = f"rows of {stream.name}"
        if state.doubt.settled:
            why = "accepted" if state.doubt.accepted is not None else state.doubt.vouched
            yield Checked(what, good=True, detail=f"none, and that is believed: {why}")
        elif doubt.tells(stream, state, now):
            fields = supplied((stream.name,), spec, account_map)
            rules = [rule.id for rule in _live(app) if required(rule) & fields]
            silent = f"silent for it: {', '.join(rules)}" if rules else "no live rule needs it"
            detail = f"{doubt.reason(stream, state.doubt)}; {silent}"
            mend = doubt.remedy(stream, state.doubt, name)
            yield Checked(what, not rules, detail, mend, warning=True)


def _writes(app: Services, name: str) -> Iterator[Checked]:
    """Whether the credential may write what the account allows, without writing."""
    for word in app.account(name).write:
        try:
            yield app.open_connector(name).may(word)
        except AtsbridgeError as error:
            yield Checked(f"write {word}", False, error.what, error.remedy)


def _unallowed(app: Services, name: str) -> Iterator[Checked]:
    """What live rules would write and the account does not allow: left out, as it may be meant."""
    from atsbridge.cases import unwritten

    wanted: dict[str, list[str]] = {}
    for rule in _live(app):
        for word in unwritten(rule, app.account(name).write):
            wanted.setdefault(word, []).append(rule.id)
    for word, rules in sorted(wanted.items()):
        yield Checked(f"write {word}", True, f"not allowed; left out of {', '.join(rules)}")


def _left(app: Services, name: str) -> Iterator[Checked]:
    """What is left to the ATS to remind of."""
    preset = app.account(name).native_reminders
    says = "; ".join(one.says for one in app.spec(name).reminders.get(preset, ()))
    if preset:
        yield Checked(f"native reminders {preset}", good=True, detail=says)
