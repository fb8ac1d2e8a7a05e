"""Find names in the settings that the ATS does not have, and values that no rule knows.

They are compared with what is stored, so before the first sync there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from atsbridge.context import AccountContext, Services
from atsbridge.model import (
    KINDS,
    SURE,
    All,
    Condition,
    FieldType,
    Operator,
    Query,
    did_you_mean,
    suggest,
)
from atsbridge.ports import CheckResult

_OTHER = "other"  # what begins a value outside the terms of its field
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
    """Warn about values of the ATS that are none of a field's terms: no rule compares them.

    A status that the vendor renamed would end the cases of all records that have it.
    """
    for kind, record in KINDS.items():
        for name, one in record.fields.items():
            if one.type is not FieldType.ENUM or not one.stored:
                continue
            found = Counter(_unknown_terms(services, account, f"{kind}.{name}", one.values))
            if not found:
                continue
            shown = ", ".join(f'"{term}" ({count:,})' for term, count in found.most_common(_SHOWN))
            yield CheckResult(
                f"values of {kind}.{name}",
                good=False,
                detail=f"not known: {shown}; rules take them for none of {', '.join(one.values)}",
                remedy="Translate them where the settings can, or look for a newer connector",
                warning=True,
            )


def _unknown_terms(
    services: Services, account: str, path: str, known: Sequence[str]
) -> Iterator[str]:
    terms = tuple(term for term in known if term != _OTHER)
    outside = All((Condition(path, Operator.SET), Condition(path, Operator.NOT_IN, terms)))
    for found in services.store.subjects.select(
        account, Query(path.partition(".")[0], outside, (path,))
    ):
        value = str(found.facts[path])
        if value.startswith(f"{_OTHER}:"):
            yield value.removeprefix(f"{_OTHER}:")


def _is_read(services: Services, account: str) -> bool:
    return any(
        services.store.records.read_state(account, one.name).read_at
        for one in services.spec(account).streams
    )


def _unused(where: str, what: str, remedy: str) -> CheckResult:
    return CheckResult(where, False, f"{what}, so it does nothing", remedy, warning=True)
