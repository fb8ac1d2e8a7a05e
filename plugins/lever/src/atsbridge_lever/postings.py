"""Requisitions and their teams: each posting joined with the requisitions that list it.

Which candidates are on them is in `opportunities`.

Whose id? An opportunity links to a posting and to nothing else, and owner and hiring manager hang
there: so a canonical requisition *is* a posting, under the posting's id. What recruiters approve
is Lever's requisition: headcount, pay, code, hold. The link is many-to-many and no request gives
both, and two streams may not own one column (status needs both: only a requisition can be on
hold). So this one stream reads both lists whole and joins them before normalizing: a row is
`{id, posting, requisitions}`, the posting as received, each requisition cut to what is mapped. It
costs one request per hundred postings at every sync instead of one for those updated; that is the
price of seeing holds and headcount at all, for neither moves any `updatedAt`. A requisition no
posting lists is not a search yet: nothing is said of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from atsbridge.api import (
    Fragment,
    Page,
    Reconciliation,
    RequestCost,
    Stream,
    currency_code,
    in_order,
    pay_period,
    plain_number,
    read_enum,
    whole_number,
)
from atsbridge_lever.approvals import COLUMNS, Approval, approvals
from atsbridge_lever.wire import Ms, Ref, Row, instant, ref


class Band(msgspec.Struct, frozen=True):
    """A range of pay: `compensationBand` of a requisition, `salaryRange` of a posting."""

    min: float | str | None = None
    max: float | str | None = None
    currency: str | None = None
    interval: str | None = None  # such as per-year-salary


class Categories(msgspec.Struct, frozen=True):
    """Free-text categories of a posting."""

    department: str | None = None
    location: str | None = None


class Posting(Row):
    """A row of `/postings`, without its long texts."""

    text: str | None = None
    state: str | None = None
    owner: Ref = None
    hiring_manager: Ref = None
    categories: Categories | None = None
    req_code: str | None = None
    requisition_codes: list[str] | None = None
    salary_range: Band | None = None
    confidentiality: str | None = None
    created_at: Ms = None
    updated_at: Ms = None


class Linked(Row):
    """A requisition, as far as its postings go."""

    postings: list[Ref] | None = None


class Requisition(Linked):
    """A row of `/requisitions`. `headcount_total` may be "unlimited"."""

    requisition_code: str | None = None
    status: str | None = None
    headcount_total: int | float | str | None = None
    headcount_hired: int | float | str | None = None
    headcount_infinite: bool | None = None
    backfill: bool | None = None
    confidentiality: str | None = None
    owner: Ref = None
    hiring_manager: Ref = None
    compensation_band: Band | None = None
    custom_fields: dict[str, Any] | None = None
    approval: Approval | None = None
    closed_at: Ms = None
    time_to_fill_start_at: Ms = None
    updated_at: Ms = None


class FieldRow(Row):
    """A row of `/requisition_fields`: what a custom field is."""

    type: str | None = None


class Search(Row):
    """A posting and the requisitions that list it, by id. None: they were not requested."""

    posting: Posting
    requisitions: list[Requisition] | None = None


_BY_STATE = {
    "published": "open",
    "internal": "open",
    "closed": "closed",
    "draft": "draft",
    "pending": "pending_approval",
    "rejected": "cancelled",
}
# A live posting has the first of these statuses that one of its requisitions has.
_BY_NEED = (
    ("open", "open"),
    ("onHold", "on_hold"),
    ("pending", "pending_approval"),
    ("draft", "draft"),
    ("closed", "closed"),
    ("rejected", "cancelled"),
)
_COLUMNS = (
    "code",
    "title",
    "status",
    "kind",
    "department",
    "office",
    "confidential",
    "opened_at",
    "closed_at",
    "headcount",
    "filled",
    "pay_min",
    "pay_max",
    "pay_currency",
    "pay_period",
    "custom",
    "created_at",
    "updated_at",
)
_ROLES = ("recruiter", "hiring_manager")


class Needs:
    """All requisitions of an account, by the postings they list; slim enough to keep.

    `fields` are the rows of `/requisition_fields`: a custom field that is a date becomes a day
    (yyyy-mm-dd) here, for its value alone is a number of milliseconds like any other number.
    """

    def __init__(self, pages: Iterable[Page], fields: Iterable[FieldRow] = ()) -> None:
        self._slim: dict[str, bytes] = {}
        self._by_posting: dict[str, set[str]] = defaultdict(set)
        self._blank = False  # a requisition had no content, or neither status nor postings
        days = {field.id for field in fields if field.type == "date"}
        for page in pages:
            for raw in page.rows:
                self._take(raw, days)

    def _take(self, raw: msgspec.Raw, days: set[str]) -> None:
        """Keep what is mapped. A row that cannot be read is kept as it came: joined to its
        postings it makes them unreadable, which is counted, where leaving it out would not be."""
        row: Linked
        try:
            row = need = _slim(msgspec.json.decode(raw, type=Requisition), days)
            self._slim[row.id] = msgspec.json.encode(row)
            self._blank |= need.status is None and need.postings is None
        except msgspec.DecodeError:
            try:
                row = msgspec.json.decode(raw, type=Linked)
            except msgspec.DecodeError:
                self._blank = True  # it is unknown which posting it belongs to
                return
            self._slim[row.id] = bytes(raw)
        for posting in filter(None, map(ref, row.postings or ())):
            self._by_posting[posting].add(row.id)

    def of(self, posting: str) -> list[msgspec.Raw]:
        """The requisitions that list this posting, by id.

        ValueError where there is none and one of them came empty: it may be that one's.
        """
        if self._blank and posting not in self._by_posting:
            raise ValueError("a requisition came without anything in it")
        return [msgspec.Raw(self._slim[one]) for one in sorted(self._by_posting.get(posting, ()))]


def _slim(row: Requisition, days: set[str]) -> Requisition:
    """The row, with custom fields of type date written as days."""
    custom = row.custom_fields or {}
    for name in days & custom.keys():
        at = instant(custom[name])
        custom[name] = at.date().isoformat() if at else None
    return row


def joined(raw: msgspec.Raw, needs: Needs | None) -> msgspec.Raw:
    """The row of this stream for one raw posting."""
    posting = msgspec.json.decode(raw, type=Row)
    found = None if needs is None else needs.of(posting.id)
    row = {"id": posting.id, "posting": raw, "requisitions": found}
    return msgspec.Raw(msgspec.json.encode(row))


def normalize(row: Search) -> Iterator[Fragment]:
    """The requisition, its recruiter and its hiring manager, and who must approve it.

    Lever has words for departments and places, and no ids: the word is the reference.
    """
    posting, needs = row.posting, row.requisitions or []
    categories = posting.categories or Categories()
    values: dict[str, Any] = {
        "code": _code(posting, needs),
        "title": posting.text,
        "status": _status(posting, needs),
        "kind": _only({"backfill" if n.backfill else "new" for n in needs}),
        "department": categories.department or None,
        "office": categories.location or None,
        "confidential": "confidential"
        in {posting.confidentiality, *(n.confidentiality for n in needs)},
        "opened_at": _opened(posting, needs),
        "closed_at": None,
        "headcount": _headcount(needs),
        "filled": _sum(n.headcount_hired for n in needs),
        "custom": _custom(needs),
        "created_at": instant(posting.created_at),
        "updated_at": _latest([posting.updated_at, *(n.updated_at for n in needs)]),
        **_pay(posting, needs),
    }
    if values["status"] in ("closed", "filled", "cancelled"):
        values["closed_at"] = _latest(n.closed_at for n in needs)
    yield Fragment("requisition", row.id, values)
    people = {
        "recruiter": _first(posting.owner, *(n.owner for n in needs)),
        "hiring_manager": _first(posting.hiring_manager, *(n.hiring_manager for n in needs)),
    }
    for role in _ROLES:
        member = {"requisition": row.id, "user": people[role], "role": role, "responsible": True}
        yield Fragment("team_member", f"{row.id}:{role}", member)
    for need in needs:
        if need.approval is not None:
            yield from approvals(row.id, need.id, need.approval)


def _code(posting: Posting, needs: Sequence[Requisition]) -> str | None:
    codes = {n.requisition_code for n in needs} | set(posting.requisition_codes or ())
    return ", ".join(sorted(filter(None, codes))) or posting.req_code or None


def _status(posting: Posting, needs: Sequence[Requisition]) -> str | None:
    """The status: of the posting, and while it is live, of the approval."""
    own = read_enum(posting.state, _BY_STATE)
    statuses = {n.status for n in needs}
    status = own
    if own == "open" and statuses:
        known = (ours for theirs, ours in _BY_NEED if theirs in statuses)
        status = next(known, read_enum(min(filter(None, statuses), default=""), ()) or own)
    elif own == "draft" and statuses and statuses <= {"pending", "draft"} and "pending" in statuses:
        status = "pending_approval"
    total, hired = _headcount(needs), _sum(n.headcount_hired for n in needs)
    full = total is not None and hired is not None and 0 < total <= hired
    return "filled" if status == "closed" and full else status


def _headcount(needs: Sequence[Requisition]) -> int | None:
    """The headcount of all requisitions; None if one of them is unlimited."""
    if any(n.headcount_infinite for n in needs):
        return None
    return _sum(n.headcount_total for n in needs)


def _sum(values: Iterable[int | float | str | None]) -> int | None:
    """The sum; None without values, or if one is not a whole number ("unlimited")."""
    numbers = [whole_number(v) for v in values if v is not None]
    known = [n for n in numbers if n is not None and n >= 0]
    return sum(known) if known and len(known) == len(numbers) else None


def _pay(posting: Posting, needs: Sequence[Requisition]) -> Mapping[str, Any]:
    """The span of the approved ranges, else the posting's own.

    None where they differ in currency or in the time they are for.
    """
    bands = [n.compensation_band for n in needs if n.compensation_band]
    bands = bands or ([posting.salary_range] if posting.salary_range else [])
    currency = _only({currency_code(b.currency) for b in bands})
    periods = {pay_period(b.interval) for b in bands}
    if currency is None or len(periods) != 1:
        bands = []
    ends = [in_order(plain_number(b.min), plain_number(b.max)) for b in bands]
    return {
        "pay_min": min((low for low, _ in ends if low is not None), default=None),
        "pay_max": max((high for _, high in ends if high is not None), default=None),
        "pay_currency": currency if bands else None,
        "pay_period": periods.pop() if bands else None,
    }


def _opened(posting: Posting, needs: Sequence[Requisition]) -> datetime | None:
    """The earliest start of the time to fill, else the posting's creation once it is live."""
    starts = [at for n in needs if (at := instant(n.time_to_fill_start_at))]
    live = posting.state in ("published", "internal", "closed")
    return min(starts, default=instant(posting.created_at) if live else None)


def _custom(needs: Sequence[Requisition]) -> Mapping[str, Any] | None:
    """Custom fields of all requisitions; if two have the same field, the lower id counts."""
    found: dict[str, Any] = {}
    for need in reversed(needs):
        found.update(need.custom_fields or {})
    return found or None


def _latest(values: Iterable[Ms]) -> datetime | None:
    return max(filter(None, map(instant, values)), default=None)


def _first(*values: Ref) -> str | None:
    return next(filter(None, map(ref, values)), None)


def _only(values: set[str | None] | set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


STREAM = Stream(
    name="postings",
    path="/postings",
    row=Search,
    normalize=normalize,
    owns={
        "requisition": _COLUMNS,
        "team_member": ("requisition", "user", "role", "responsible"),
        "approval": COLUMNS,
    },
    reconciliation=Reconciliation(complete=True),
    cost=RequestCost(joined_lists=1, per_read=1),  # requisitions, requisition fields
    scope="Postings: list; Requisitions: list, or set requisitions = false where Lever has none",
)
REQUISITIONS = "/requisitions"
FIELDS = "/requisition_fields"
