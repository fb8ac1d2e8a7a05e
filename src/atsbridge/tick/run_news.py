"""What newly failed or recovered since the last run: the lines that cron mails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from atsbridge.context import (
    FailureCode,
    RunFailure,
    RunState,
    Summary,
    describe_failures,
    pack_failure,
    unpack_failure,
)
from atsbridge.errors import StoreError

if TYPE_CHECKING:
    from atsbridge.ports import Store


def find_news(store: Store, summary: Summary) -> Iterator[str]:
    """Lines about what newly failed or recovered since the last run; then it is remembered.

    cron mails every line it sees: a failure that stays is one line, and one more when it is over.
    It is over when what had failed was tried again and succeeded; what was not tried stays
    remembered. What a store that cannot be written does not remember is repeated.
    """
    wrong = summary.rule_error
    rules = [RunFailure("", wrong, "", FailureCode.RULE, "rules", wrong)] if wrong else []
    present: dict[str, list[RunFailure]] = {"[settings]": summary.warnings, "[rules]": rules}
    present |= {"[plugins]": summary.plugins, "[asides]": summary.asides}
    accounts = {one.account: one for one in summary.accounts if not one.locked}
    present |= {name: one.failures for name, one in accounts.items()}
    read = any(f"{name}/rules" in one.worked for name, one in accounts.items())
    before = {name: _read(store, name) for name in present}
    present = {
        name: _as_first_reported(failures, before[name]) for name, failures in present.items()
    }
    settings = {kept.tried for kept in before["[settings]"]}  # all of them were read just now
    worked = summary.worked | settings | ({"rules"} if read else set())
    new = [
        one
        for name, failures in present.items()
        for one in failures
        if not any(one.is_same(kept) for kept in before[name])
    ]
    yield from describe_failures(new)
    over: list[RunFailure] = []
    for name, failures in present.items():
        failing = {one.tried for one in failures}
        at = {(one.tried, one.where) for one in failures}
        absent = [kept for kept in before[name] if (kept.tried, kept.where) not in at]
        good = accounts[name].worked if name in accounts else worked
        over += [replace(kept, remedy="") for kept in absent if kept.tried in good]
        still = [kept for kept in absent if kept.tried not in good | failing]
        if [*failures, *still] != before[name]:
            _write(store, name, [*failures, *still])
    yield from (f"recovered: {line}" for line in describe_failures(over))


def is_new_mistake(store: Store, mistake: str) -> bool:
    """Whether this error in the settings is new; then it is remembered until `find_news`."""
    found = RunFailure("settings", mistake, "", FailureCode.CONFIG, detail=mistake)
    if [one.is_same(found) for one in _read(store, "[settings]")] == [True]:
        return False
    _write(store, "[settings]", [found])
    return True


def _as_first_reported(
    failures: Iterable[RunFailure], before: Sequence[RunFailure]
) -> list[RunFailure]:
    """The failures, where one that only goes on is replaced by its first report."""
    found: dict[RunFailure, None] = {}
    for one in failures:
        known = [kept for kept in before if (kept.tried, kept.where) == (one.tried, one.where)]
        found |= dict.fromkeys(known if one.code is FailureCode.STILL and known else [one])
    return list(found)


def _read(store: Store, name: str) -> list[RunFailure]:
    """The failures of the last run of an account, or under a heading like "[settings]"."""
    try:
        return [unpack_failure(row) for row in RunState(store.run_state, name).read_failures()]
    except StoreError:
        return []


def _write(store: Store, name: str, failures: Iterable[RunFailure]) -> None:
    with suppress(StoreError):  # it is among the failures already
        RunState(store.run_state, name).write_failures([pack_failure(one) for one in failures])
