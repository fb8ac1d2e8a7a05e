"""The first look at a rule: what is late already goes to its owner in one summary.

Which rules are looked at for the first time the caller knows; what a summary says is `delivery`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """One to each owner of the live rules whose baseline cases opened at `now`.

    `late`: cases that were open, and of which nobody has heard; their numbers go with it.
    """
    owners: dict[tuple[str, str, str], Destination] = {}
    numbers: dict[tuple[str, str, str], list[int]] = {}
    for case in cases:
        rule = rules.get(case.rule)
        opened = case.baseline and case.opened_at == now and case.end is None
        if opened and rule is not None and rule.status == "live" and _told(rule):
            to = directory.owner(rule)
            owners.setdefault(to.place, to)
    for case in late:
        rule = rules[case.rule]
        if _told(rule):
            to = directory.owner(rule)
            owners.setdefault(to.place, to)
            numbers.setdefault(to.place, []).append(case.number)
    return [
        _summary(account, now, owners[place], numbers.get(place, [])) for place in sorted(owners)
    ]


def _told(rule: Rule) -> bool:
    """Whether the owner hears of its cases: not of news, and not of what is found of a person."""
    return not rule.news and not rule.personal


def _summary(account: str, now: datetime, to: Destination, cases: list[int]) -> Notice:
    subject = Key(account, "account", account)
    return Notice(
        key=make_key(CasePeriod("", subject, now), -1, to, Purpose.SUMMARY),
        account=account,
        case=0,
        rule="",
        subject=subject,
        destination=to,
        purpose=Purpose.SUMMARY,
        created_at=now,
        summary_cases=tuple(cases),
    )
