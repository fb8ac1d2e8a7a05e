"""Find names in the settings that the ATS does not have, and values that no rule knows.

They are compared with what is stored, so before the first sync there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from atsbridge.context import AccountContext, Services
from atsbridge.model import (
    OTHER_TERM,
    SURE,
    Condition,
    Field,
    FieldType,
    Operator,
    Query,
    did_you_mean,
    every_field,
    suggest,
)
from atsbridge.ports import CheckResult

_SHOWN = 5  # of them in one line
_MAPPED = {"stage_kind": "stage", "reason_kind": "reason"}  # table of a map -> kind of record


def check_shared(services: Services) -> Iterator[CheckResult]:
    """Warn about each office and person in the settings that no account has."""
    accounts = list(services.settings.accounts)
    if not all(_is_read(services, name) for name in accounts):
        return
    contexts = [AccountContext(services, name) for name in accounts]
    offices = {one.name for context in contexts for one in context.offices if one.name}
    for office in services.settings.offices:
        if offices and office not in offices:
            remedy = did_you_mean(office, sorted(offices), "Offices of the ATS")
            yield _unused(f"[offices.{office}]", "no office of the ATS is called that", remedy)
    emails = {u.email for context in contexts for u in context.users.values() if u.email}
    for email in services.settings.people:
        if emails and email not in emails:
            near = suggest(email, emails, SURE)
            remedy = f'Did you mean "{near}"?' if near else "Correct the address, or remove it"
            yield _unused(f'[people."{email}"]', "nobody in the ATS has that address", remedy)


def check_map(services: Services, account: str) -> Iterator[CheckResult]:
    """Warn about each stage and reason in the account's map that the ATS does not have."""
    if not _is_read(services, account):
        return
    for table, kind in _MAPPED.items():
        records = services.store.history.read_records(account, kind)
        known = {str(name) for one in records if (name := getattr(one, "name", None))}
        named = services.account(account).map.get(table)
        for name in named if isinstance(named, dict) and known else ():
            if str(name) not in known:
                where = f'[accounts.{account}.map.{table}] "{name}"'
                remedy = did_you_mean(str(name), sorted(known), "Names in the ATS")
                yield _unused(where, f"no {kind} of the ATS is called that", remedy)


def check_terms(services: Services, account: str) -> Iterator[CheckResult]:
    """Warn about values of the ATS that are none of a field's terms.

    Where the terms are decisive, such as a status, the rules are silent about these records.
    """
    for one in every_field():
        if one.type is not FieldType.ENUM or not one.stored:
            continue
        found = Counter(_unknown_terms(services, account, one))
        if not found:
            continue
        shown = ", ".join(f'"{term}" ({count:,})' for term, count in found.most_common(_SHOWN))
        taken = "unknown" if one.decisive else f"none of {', '.join(one.values)}"
        yield CheckResult(
            f"values of {one.path}",
            good=False,
            detail=f"not known: {shown}; rules take them for {taken}",
            remedy="Name them in the settings of an export (`values`), or look for a newer"
            " connector",
            warning=True,
        )


def _unknown_terms(services: Services, account: str, one: Field) -> Iterator[str]:
    outside = Query(one.kind, Condition(one.path, Operator.EQ, "other"), (one.path,))
    for found in services.store.subjects.select(account, outside):
        value = str(found.facts[one.path])
        if value.startswith(OTHER_TERM):
            yield value.removeprefix(OTHER_TERM)


def _is_read(services: Services, account: str) -> bool:
    return any(
        services.store.records.read_state(account, one.name).read_at
        for one in services.spec(account).streams
    )


def _unused(where: str, what: str, remedy: str) -> CheckResult:
    return CheckResult(where, False, f"{what}, so it does nothing", remedy, warning=True)
