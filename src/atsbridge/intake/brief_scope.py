"""Which requisitions and which people brief files speak of, in one account.

What stands in a file is `briefs`'; how it becomes a record is `composing`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from atsbridge.errors import RuleError
from atsbridge.intake.brief_files import BriefFile
from atsbridge.model import All, Condition, Operator, Query, User
from atsbridge.ports import SubjectStore
from atsbridge.rules import nearest, remedy

_CODE = "requisition.code"


@dataclass(slots=True)
class Roll:
    """The briefs of one account by requisition id, those that cannot be read, and all mistakes.

    `written`: id -> (the file, user id -> instant of their agreement as ISO text).
    """

    written: dict[str, tuple[BriefFile, dict[str, str]]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    errors: list[RuleError] = field(default_factory=list)


def call(
    account: str,
    accounts: Sequence[str],
    files: Iterable[BriefFile],
    store: SubjectStore,
    people: Mapping[str, User],
    zones: Mapping[str, str],
) -> Roll:
    """The account's part of these files. `zones`: e-mail -> IANA zone, for plain days.

    Of a file whose account nobody can tell, the first account speaks.
    """
    roll = Roll()
    mine = [one for one in files if _mine(one, account, accounts, roll)]
    known = _ids(account, store, {one.requisition for one in mine})
    taken: dict[str, str] = {}
    for one in mine:
        roll.errors += one.errors
        ids = known.get(one.requisition, [])
        if len(ids) != 1:
            roll.errors += _unresolved(one, ids, account)
            continue
        (number,) = ids
        if number in taken:
            what = f"{taken[number]} is a brief of {one.requisition} already"
            roll.errors.append(one.wrong(("requisition",), what, "Keep one of the two files"))
            continue
        taken[number] = one.name
        agreed, errors = _agreed(one, account, people, zones)
        roll.errors += errors
        if one.errors or errors:
            roll.unreadable.add(number)
        else:
            roll.written[number] = (one, agreed)
    return roll


def _mine(one: BriefFile, account: str, accounts: Sequence[str], roll: Roll) -> bool:
    """Whether the file is this account's; a mistake in that is told once, by the first."""
    if one.account == account or (not one.account and len(accounts) == 1):
        return True
    if one.account in accounts or account != accounts[0]:
        return False
    if one.account:
        near = nearest(one.account, accounts)
        mend = remedy(near, f"account: {near or accounts[0]}")
        roll.errors.append(one.wrong(("account",), f'there is no account "{one.account}"', mend))
    else:
        roll.errors += one.errors
        what = f"account is needed: there are {', '.join(accounts)}"
        roll.errors.append(one.wrong((), what, f"Write: account: {accounts[0]}"))
    return False


def _ids(account: str, store: SubjectStore, words: set[str]) -> dict[str, list[str]]:
    """Code or id as written -> ids of live requisitions; a code comes before an id."""
    if not words:
        return {}
    query = Query("requisition", Condition(_CODE, Operator.IN, tuple(sorted(words))), (_CODE,))
    found: dict[str, list[str]] = {}
    for row in store.select(account, query):
        found.setdefault(row.facts[_CODE], []).append(row.id)
    rest = sorted(words - found.keys())
    plain = Query("requisition", All(), ())
    for row in store.select(account, plain, ids=rest) if rest else ():
        found[row.id] = [row.id]
    return found


def _unresolved(one: BriefFile, ids: list[str], account: str) -> Iterator[RuleError]:
    if one.errors:
        return  # those come first; it may not even be the word that was meant
    if ids:
        what = f"{one.requisition} is the code of {len(ids)} requisitions: {', '.join(ids)}"
        yield one.wrong(("requisition",), what, f"Write: requisition: {ids[0]}")
        return
    what = f"{account} has no requisition {one.requisition}"
    yield one.wrong(("requisition",), what, "Write its code or its id")


def _agreed(
    one: BriefFile, account: str, people: Mapping[str, User], zones: Mapping[str, str]
) -> tuple[dict[str, str], list[RuleError]]:
    """User id -> when they agreed. A plain day counts from its beginning, in their zone."""
    found: dict[str, str] = {}
    errors: list[RuleError] = []
    for email, value in one.agreed.items():
        user = people.get(email)
        if user is None:
            near = nearest(email, people)
            mend = remedy(near, f"{near}: {value}") if near else "Write the address the ATS has"
            what = f"nobody in {account} has the address {email}"
            errors.append(one.wrong(("agreed", email), what, mend, key=True))
            continue
        found[user.id] = instant_of(value, zones.get(email, "UTC")).isoformat()
    return found, errors


def instant_of(value: date | datetime, zone: str) -> datetime:
    """An instant as it is, a day as its beginning there; UTC."""
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
