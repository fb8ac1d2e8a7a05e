"""Check one account: host, credential, lists, permissions to write, names in its settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from atsbridge.app.health import location_health, name_health, people_health
from atsbridge.context import AccountContext, Services
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import CheckResult

if TYPE_CHECKING:
    from atsbridge.rules import Rule


def check_account(services: Services, name: str) -> Iterator[CheckResult]:
    """One line per check; stops where nothing further can work."""
    try:
        checks = list(services.open_connector(name).check())
    except AtsbridgeError as error:
        yield CheckResult("connection", good=False, detail=error.what, remedy=error.remedy)
        return
    wanted = _needing_rules(services, name)
    yield from (_add_rules(one, wanted) for one in checks)
    read = any(one.good and one.stream for one in checks)
    if checks and not checks[-1].good and not read:
        return  # permissions to write were not asked for
    yield from _answered_rules(services, name)
    yield from _writes(services, name)
    yield from _refused_writes(services, name)
    yield from _native_reminders(services, name)
    try:
        yield from _doubts(services, name)
        yield from _webhooks(services, name)
        yield from name_health.check_map(services, name)
        yield from name_health.check_terms(services, name)
        yield from people_health.check_people(services, name)
        yield from location_health.check_locations(services, name)
    except AtsbridgeError as error:
        yield CheckResult("store", good=False, detail=error.what, remedy=error.remedy)


def _live_rules(services: Services) -> list[Rule]:
    """The live rules; none if the rules have errors, which are reported elsewhere."""
    try:
        return [rule for rule in services.packs.rule_set.rules.values() if rule.status == "live"]
    except AtsbridgeError:
        return []


def _needing_rules(services: Services, name: str) -> dict[str, list[str]]:
    """ "read LIST", as a connector says it -> the live rules that need that list."""
    from atsbridge.rules import needs

    reads = {rule.id: needs(rule) for rule in _live_rules(services)}
    found: dict[str, list[str]] = {}
    for stream in services.spec(name).streams:
        owned = {f"{kind}.{c}" for kind, columns in stream.owns.items() for c in columns}
        rules = [rule for rule, columns in reads.items() if owned & columns]
        for name_of_list in {stream.name, stream.path.strip("/")}:
            found[name_of_list] = rules
    return found


def _answered_rules(services: Services, name: str) -> Iterator[CheckResult]:
    """How many rules have the data they need on this account, and which do not."""
    from atsbridge.rules import CoverageLevel, coverage

    context = AccountContext(services, name)
    try:
        rules = [rule for rule in context.rules.values() if rule.status != "retired"]
    except AtsbridgeError:
        return  # rules with errors are reported elsewhere
    found = [coverage(rule, context.spec, context.mapped_fields) for rule in rules]
    unable = sorted(one.rule for one in found if one.level > CoverageLevel.SINCE_INSTALL)
    detail = f"{len(found) - len(unable)} of {len(found)} have the data they need"
    if unable:
        detail += f"; not {', '.join(unable)} (`atsbridge rules list` says why)"
    yield CheckResult("rules", good=True, detail=detail)


def _add_rules(check: CheckResult, wanted: dict[str, list[str]]) -> CheckResult:
    """A list that cannot be read, with the live rules that stay silent for it."""
    rules = wanted.get(check.stream)
    if check.good or rules is None:
        return check
    silent = f"needed by {', '.join(rules)}" if rules else "no live rule needs it"
    return replace(check, detail=f"{check.detail}; {silent}")


def _doubts(services: Services, name: str) -> Iterator[CheckResult]:
    """Lists that were read and are not believed, with the live rules that stay silent."""
    from atsbridge.rules import required
    from atsbridge.sync import doubt, find_supplied

    context, now = AccountContext(services, name), services.time.now()
    states, spec = services.store.records.read_states(name), context.spec
    for stream in spec.streams:
        state = states.get(stream.name)
        if state is None or state.doubt is None:
            continue
        what = f"rows of {stream.name}"
        if state.doubt.settled:
            why = "accepted" if state.doubt.accepted is not None else state.doubt.vouched
            yield CheckResult(what, good=True, detail=f"none, and that is believed: {why}")
        elif doubt.is_reported(stream, state, now):
            fields = find_supplied((stream.name,), spec, context.account_map)
            rules = [rule.id for rule in _live_rules(services) if required(rule) & fields]
            silent = f"silent for it: {', '.join(rules)}" if rules else "no live rule needs it"
            detail = f"{doubt.describe(stream, state.doubt)}; {silent}"
            mend = doubt.suggest_remedy(stream, state.doubt, name)
            yield CheckResult(what, not rules, detail, mend, warning=True)


def _webhooks(services: Services, name: str) -> Iterator[CheckResult]:
    """Whether the webhooks that are configured arrive."""
    from atsbridge.queries import read_webhooks

    if services.spec(name).webhooks is None:
        return
    found = read_webhooks(services, name)
    state = found.state
    if found.is_quiet:
        detail = f"stopped: runs found {state.missed} new applications since the last one"
        remedy = f"See `atsbridge webhooks {name}`"
        yield CheckResult("webhooks", good=False, detail=detail, remedy=remedy, warning=True)
    elif state.received:
        yield CheckResult("webhooks", good=True, detail=f"{state.received} arrived")
    elif found.has_secret:
        remedy = f"Run `atsbridge serve`, and configure what `atsbridge webhooks {name}` prints"
        detail = "none has arrived yet"
        yield CheckResult("webhooks", good=False, detail=detail, remedy=remedy, warning=True)


def _writes(services: Services, name: str) -> Iterator[CheckResult]:
    """Whether the credential may write what the account allows, without writing."""
    for capability in services.account(name).write:
        try:
            yield services.open_connector(name).check_write(capability)
        except AtsbridgeError as error:
            yield CheckResult(f"write {capability}", False, error.what, error.remedy)


def _refused_writes(services: Services, name: str) -> Iterator[CheckResult]:
    """Writes of live rules that the account does not allow; that may be intended."""
    from atsbridge.cases import find_refused_writes

    wanted: dict[str, list[str]] = {}
    for rule in _live_rules(services):
        for capability in find_refused_writes(rule, services.account(name).write):
            wanted.setdefault(capability, []).append(rule.id)
    for capability, rules in sorted(wanted.items()):
        yield CheckResult(
            f"write {capability}", True, f"not allowed; left out of {', '.join(rules)}"
        )


def _native_reminders(services: Services, name: str) -> Iterator[CheckResult]:
    """Reminders that the ATS itself sends."""
    preset = services.account(name).native_reminders
    says = "; ".join(one.says for one in services.spec(name).reminders.get(preset, ()))
    if preset:
        yield CheckResult(f"native reminders {preset}", good=True, detail=says)
