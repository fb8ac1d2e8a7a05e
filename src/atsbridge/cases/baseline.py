"""The baseline of a rule: cases found late by its first run go to its owner in one summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from atsbridge.cases.idempotency import CasePeriod, make_key
from atsbridge.cases.recipients import Directory
from atsbridge.model import Case, Destination, Key, Notice, Purpose
from atsbridge.rules import Rule


def summaries(
    account: str,
    now: datetime,
    cases: Iterable[Case],
    late: Iterable[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
) -> list[Notice]:
    """Make one summary for each owner of live rules whose baseline cases opened at `now`.

    `late`: cases that were open already and were never notified; the summary lists their numbers.
    """
    owners: dict[tuple[str, str, str], Destination] = {}
    numbers: dict[tuple[str, str, str], list[int]] = {}
    for case in cases:
        rule = rules.get(case.rule)
        opened = case.in_summary and case.opened_at == now and case.end is None
        if opened and rule is not None and rule.status == "live" and _notifies_owner(rule):
            to = directory.owner(rule)
            owners.setdefault(to.place, to)
    for case in late:
        rule = rules[case.rule]
        if _notifies_owner(rule):
            to = directory.owner(rule)
            owners.setdefault(to.place, to)
            numbers.setdefault(to.place, []).append(case.number)
    return [
        make_summary(Purpose.SUMMARY, account, now, owners[place], numbers.get(place, []))
        for place in sorted(owners)
    ]


def _notifies_owner(rule: Rule) -> bool:
    """Whether the summary may list its cases: not for news, and not for personal rules."""
    return not rule.news and not rule.personal


def make_summary(
    purpose: Purpose, account: str, now: datetime, to: Destination, cases: Sequence[int]
) -> Notice:
    """One notice about many cases of an account. `cases`: their numbers, if they are known."""
    subject = Key(account, "account", account)
    return Notice(
        key=make_key(CasePeriod("", subject, now), -1, to, purpose),
        account=account,
        case=0,
        rule="",
        subject=subject,
        destination=to,
        purpose=purpose,
        created_at=now,
        summary_cases=tuple(cases),
    )
