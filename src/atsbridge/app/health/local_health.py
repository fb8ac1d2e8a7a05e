"""Check settings, plugins, files, store and rules: what a run needs before any request."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from atsbridge.app.health import name_health
from atsbridge.context import (
    Services,
    SharedRunState,
    find_brief_errors,
    has_absence_sources,
    read_known_absences,
    refresh_absences,
)
from atsbridge.errors import AtsbridgeError
from atsbridge.installation import repair_advice, unmet_requirements
from atsbridge.outputfile import require_beginning
from atsbridge.ports import CheckResult
from atsbridge.queries import read_worker_status

_BEGINNINGS = {"log_file": b"{", "metrics_file": b"# HELP"}


def check_installation(services: Services) -> Iterator[CheckResult]:
    """One line per check, the cheapest first."""
    yield _settings(services)
    if unmet := unmet_requirements():
        yield CheckResult(
            "libraries", False, f"too old or missing: {', '.join(unmet)}", repair_advice()
        )
    for warning in services.find_warnings():
        yield CheckResult(warning.where, False, warning.what, warning.remedy, warning=True)
    for trouble in services.plugins.troubles:
        yield CheckResult(f"plugin {trouble.plugin}", False, trouble.what, trouble.remedy)
    yield _try("store", services, _store)
    yield from _workers(services)
    yield from _exposed_files(services)
    yield from _reports(services)
    yield from _absence_calendars(services)
    yield _rules(services)
    yield from _rule_data(services)
    yield from _unused_names(services)


def _absence_calendars(services: Services) -> Iterator[CheckResult]:
    """A line for each calendar that cannot be read, and one for all of them."""
    if not has_absence_sources(services):
        return
    try:
        errors = refresh_absences(services)
        people = sum(bool(spans) for spans in read_known_absences(services).values())
    except AtsbridgeError:
        return  # the line about the store says why
    for error in errors:
        yield CheckResult(error.where, False, error.what, error.remedy, warning=True)
    detail = f"absences of {people} {'person' if people == 1 else 'people'} are known"
    yield CheckResult("absence calendars", good=True, detail=detail)


def _unused_names(services: Services) -> Iterator[CheckResult]:
    try:
        yield from name_health.check_shared(services)
    except AtsbridgeError:
        return  # the line about the store says why it cannot be read


def _settings(services: Services) -> CheckResult:
    number = len(services.settings.accounts)
    if not number:
        remedy = "Add [accounts.NAME] with its connector: a run has nothing to read"
        return CheckResult("settings", False, "there is no account", remedy)
    return CheckResult("settings", True, f"{number} account{'s' if number > 1 else ''}")


def _try(what: str, services: Services, look: Callable[[Services], str]) -> CheckResult:
    try:
        return CheckResult(what, good=True, detail=look(services))
    except AtsbridgeError as error:
        return CheckResult(what, good=False, detail=error.what, remedy=error.remedy)


def _store(services: Services) -> str:
    """Count the cases in the store, and try a write."""
    SharedRunState(services.store.run_state).probe(services.time.now())
    services.store.check_locks()
    number = sum(len(services.store.cases.read_cases(name)) for name in services.settings.accounts)
    return f"can be written; {number:,} case{'' if number == 1 else 's'}"


def _workers(services: Services) -> Iterator[CheckResult]:
    """The workers of the last day and their queue; nothing where there were none."""
    try:
        found = read_worker_status(services)
    except AtsbridgeError:
        return  # the line about the store says why
    if found is None:
        return
    for problem in found.problems:
        yield CheckResult(problem.where, False, problem.what, problem.remedy, warning=True)
    if not found.problems:
        detail = (
            f"{found.alive:,} alive; {found.running:,} accounts at work, {found.waiting:,} wait"
        )
        yield CheckResult("workers", good=True, detail=detail)


def _exposed_files(services: Services) -> Iterator[CheckResult]:
    """The store's files that other users than the owner can read."""
    from atsbridge.store import readable_by_others

    url = make_url(services.settings.store_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    files = readable_by_others(Path(url.database).resolve())
    if files:
        names = ", ".join(str(one) for one in files)
        remedy = f"They hold people's data. As their owner: chmod 600 {' '.join(map(str, files))}"
        yield CheckResult("store files", False, f"others may read {names}", remedy, warning=True)


def _reports(services: Services) -> Iterator[CheckResult]:
    """Whether the log and the metrics can be written. A run continues without them."""
    run = services.settings.run
    for name in _BEGINNINGS:
        if not (given := getattr(run, name)):
            continue
        path = services.settings.path(given)
        target = path if name == "log_file" and path.exists() else path.parent
        if not os.access(target, os.W_OK):
            what = "is not there" if not target.exists() else "may not be written to"
            remedy = "Make it, or give the user who runs atsbridge the right to write there"
            yield CheckResult(f"[run] {name}", False, f"{target} {what}", remedy, warning=True)
            continue
        try:
            require_beginning(path, _BEGINNINGS[name])
        except OSError as error:
            what, remedy = f"{path}: {error.strerror}", "Name another file"
            yield CheckResult(f"[run] {name}", False, what, remedy, warning=True)


def _rules(services: Services) -> CheckResult:
    line = _try("rules", services, _count_rules)
    if not line.good or line.detail:
        return line
    what, remedy = "there is none: nothing is evaluated", "Name packs in [rules] packs"
    return CheckResult("rules", False, what, remedy, warning=True)


def _count_rules(services: Services) -> str:
    found = Counter(rule.status for rule in services.packs.checked_rules.rules.values())
    return ", ".join(f"{count} {status}" for status, count in sorted(found.items()))


def _rule_data(services: Services) -> Iterator[CheckResult]:
    """A line for each mistake in briefs and market tables, for which the next run would fail."""
    for error in (*services.market.errors, *find_brief_errors(services)):
        yield CheckResult(error.where, False, error.what, error.remedy)
