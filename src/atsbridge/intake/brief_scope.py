"""Resolves the requisitions and people that brief files name, in one account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from atsbridge.errors import RuleError
from atsbridge.intake.brief_files import BriefFile
from atsbridge.model import All, Condition, Operator, Query, User, suggest
from atsbridge.ports import SubjectStore
from atsbridge.rules import remedy

_CODE = "requisition.code"


@dataclass(slots=True)
class BriefScope:
    """The briefs of one account.

    `written`: requisition id -> (the file, user id -> instant of agreement as ISO text).
    `unreadable`: ids of requisitions whose file has errors.
    """

    written: dict[str, tuple[BriefFile, dict[str, str]]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    errors: list[RuleError] = field(default_factory=list)


def resolve_briefs(
    account: str,
    accounts: Sequence[str],
    files: Iterable[BriefFile],
    store: SubjectStore,
    people: Mapping[str, User],
    zones: Mapping[str, str],
) -> BriefScope:
    """Resolve the files that belong to the account.

    `people`: e-mail -> user. `zones`: e-mail -> IANA zone, for days without a time. The first
    account reports the errors of files that belong to no account.
    """
    scope = BriefScope()
    mine = [one for one in files if _mine(one, account, accounts, scope)]
    known = _ids(account, store, {one.requisition for one in mine})
    taken: dict[str, str] = {}
    for one in mine:
        scope.errors += one.errors
        ids = known.get(one.requisition, [])
        if len(ids) != 1:
            scope.errors += _unresolved(one, ids, account)
            continue
        (number,) = ids
        if number in taken:
            what = f"{taken[number]} is a brief of {one.requisition} already"
            scope.errors.append(one.make_error(("requisition",), what, "Keep one of the two files"))
            continue
        taken[number] = one.name
        agreed, errors = _agreed(one, account, people, zones)
        scope.errors += errors
        if one.errors or errors:
            scope.unreadable.add(number)
        else:
            scope.written[number] = (one, agreed)
    return scope


def _mine(one: BriefFile, account: str, accounts: Sequence[str], scope: BriefScope) -> bool:
    """Whether the file belongs to this account; the first account reports a wrong account."""
    if one.account == account or (not one.account and len(accounts) == 1):
        return True
    if one.account in accounts or account != accounts[0]:
        return False
    if one.account:
        near = suggest(one.account, accounts)
        fix = remedy(near, f"account: {near or accounts[0]}")
        scope.errors.append(
            one.make_error(("account",), f'there is no account "{one.account}"', fix)
        )
    else:
        scope.errors += one.errors
        what = f"account is needed: there are {', '.join(accounts)}"
        scope.errors.append(one.make_error((), what, f"Write: account: {accounts[0]}"))
    return False


def _ids(account: str, store: SubjectStore, named: set[str]) -> dict[str, list[str]]:
    """Code or id as written -> ids of requisitions that exist; codes take precedence over ids."""
    if not named:
        return {}
    query = Query("requisition", Condition(_CODE, Operator.IN, tuple(sorted(named))), (_CODE,))
    found: dict[str, list[str]] = {}
    for row in store.select(account, query):
        found.setdefault(row.facts[_CODE], []).append(row.id)
    rest = sorted(named - found.keys())
    plain = Query("requisition", All(), ())
    for row in store.select(account, plain, ids=rest) if rest else ():
        found[row.id] = [row.id]
    return found


def _unresolved(one: BriefFile, ids: list[str], account: str) -> Iterator[RuleError]:
    if one.errors:
        return  # these errors come first; the requisition itself may be misread
    if ids:
        what = f"{one.requisition} is the code of {len(ids)} requisitions: {', '.join(ids)}"
        yield one.make_error(("requisition",), what, f"Write: requisition: {ids[0]}")
        return
    what = f"{account} has no requisition {one.requisition}"
    yield one.make_error(("requisition",), what, "Write its code or its id")


def _agreed(
    one: BriefFile, account: str, people: Mapping[str, User], zones: Mapping[str, str]
) -> tuple[dict[str, str], list[RuleError]]:
    """User id -> instant of agreement, and errors. A day counts from its start in their zone."""
    found: dict[str, str] = {}
    errors: list[RuleError] = []
    for email, value in one.agreed.items():
        user = people.get(email)
        if user is None:
            near = suggest(email, people)
            fix = remedy(near, f"{near}: {value}") if near else "Write the address the ATS has"
            what = f"nobody in {account} has the address {email}"
            errors.append(one.make_error(("agreed", email), what, fix, key=True))
            continue
        found[user.id] = to_instant(value, zones.get(email, "UTC")).isoformat()
    return found, errors


def to_instant(value: date | datetime, zone: str) -> datetime:
    """An instant unchanged, or the start of a day in that zone; in UTC."""
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
