"""Facts of a row that Greenhouse keeps in other lists, put onto the row while it is fetched.

An interview names a slot of the plan and not its stage, an approver a group and not the job: the
canonical records have no such in-between. What the facts mean is in the groups of streams. They
are as old as the row: a slot changed later counts for rows that change after it, and at a full
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from atsbridge.net.pagination import LinkHeader, Next
from atsbridge.net.session import Session
from atsbridge_greenhouse.approvals import Approver
from atsbridge_greenhouse.criteria import JobCandidateAttribute
from atsbridge_greenhouse.interviews import Interview, Interviewer
from atsbridge_greenhouse.listing import PAGE, asked
from atsbridge_greenhouse.pipeline import Application
from atsbridge_greenhouse.values import Row, Scalar, ident

CHUNK = 50  # the most ids one request takes
_LIST_FROM = 100  # more ids than this are not asked for by themselves: the list is read whole
_LISTED = 80  # pages of it, at most
_REMEMBERED = 50_000  # rows of one list; past it the list is forgotten and asked again

R = TypeVar("R", bound=Row)
Extra = dict[str, Any]


class Slot(Row):
    """GET /v3/job_interviews."""

    job_interview_stage_id: Scalar = None
    require_scorecard: Scalar = None


class InSlot(Row):
    """GET /v3/interviews and /v3/interview_kits."""

    job_interview_id: Scalar = None


class Group(Row):
    """GET /v3/approver_groups."""

    approval_flow_id: Scalar = None


class Flow(Row):
    """GET /v3/approval_flows."""

    job_id: Scalar = None
    offer_id: Scalar = None


class AttributeType(Row):
    """GET /v3/candidate_attribute_types."""

    name: Scalar = None


class Focus(Row):
    """GET /v3/focus_candidate_attributes."""

    interview_kit_id: Scalar = None
    job_candidate_attribute_id: Scalar = None


class Occupied(Row):
    """GET /v3/application_stages."""

    job_interview_stage_id: Scalar = None


class Lookup(Generic[R]):
    """Rows of one list by id, asked for in chunks and remembered while the connector lives."""

    def __init__(self, session: Session, path: str, row: type[R], *, listed: bool = True) -> None:
        self._session = session
        self._path = path
        self._row = row
        self._may_list = listed
        self._known: dict[str, R | None] = {}

    def learn(self, rows: Iterable[R]) -> None:
        """Remember rows that came from elsewhere."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.update((key, row) for row in rows if (key := ident(row.id)))

    def get(self, ids: Iterable[Scalar]) -> Mapping[str, R | None]:
        """The rows of these ids; None for one the vendor does not show."""
        wanted = dict.fromkeys(filter(None, map(ident, ids)))
        missing = [key for key in wanted if key not in self._known]
        if len(missing) > _LIST_FROM and self._may_list:
            self._may_list = False
            for page in islice(read(self._session, self._path, self._row), _LISTED):
                self.learn(page)
            missing = [key for key in wanted if key not in self._known]
        for chunk in chunks(missing):
            for page in read(self._session, self._path, self._row, ids=",".join(chunk)):
                self.learn(page)
            self._known.update((key, None) for key in chunk if key not in self._known)
        return {key: self._known.get(key) for key in wanted}


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in order, as many at a time as one request takes."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def read(session: Session, path: str, row: type[R], **params: str) -> Iterator[list[R]]:
    """Each page of a list as rows; what cannot be read is left out."""
    ask: Mapping[str, str] | None = {"per_page": PAGE, "fields": asked(row), **params}
    after: Next = path
    while after is not None:
        raws, after = LinkHeader().rows(session.get(str(after), ask))
        ask = None
        yield [found for raw in raws if (found := _decoded(raw, row)) is not None]


class Links:
    """Completes the rows of the streams that need it; other rows pass as they are."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._slots = Lookup(session, "job_interviews", Slot)
        self._interviews = Lookup(session, "interviews", InSlot, listed=False)
        self._kits = Lookup(session, "interview_kits", InSlot)
        self._groups = Lookup(session, "approver_groups", Group)
        self._flows = Lookup(session, "approval_flows", Flow)
        self._types = Lookup(session, "candidate_attribute_types", AttributeType)
        self._focus: dict[str, list[Scalar]] | None = None  # all of the list, once it was read
        self._stages = Lookup(session, "application_stages", Occupied, listed=False)
        self._ways: Mapping[str, Callable[[Sequence[Any]], list[Extra]]] = {
            "applications": self._applications,
            "interviews": self._interviews_of,
            "interviewers": self._interviewers,
            "approvers": self._approvers,
            "job_candidate_attributes": self._criteria,
        }

    def complete(self, stream: str, row: type[Row], raws: Sequence[Any]) -> Sequence[Any]:
        """The same raw rows, with members that the vendor keeps elsewhere."""
        way = self._ways.get(stream)
        if way is None or not raws or (stream == "applications" and _knows_stage(raws)):
            return raws
        decoded = [_decoded(raw, row) for raw in raws]
        extras = iter(way([one for one in decoded if one is not None]))
        return [
            raw if one is None else _joined(raw, next(extras))
            for raw, one in zip(raws, decoded, strict=True)
        ]

    def _applications(self, rows: Sequence[Application]) -> list[Extra]:
        stages = self._stages.get(r.stage_id for r in rows)
        return [
            {"job_interview_stage_id": _of(stages, r.stage_id, "job_interview_stage_id")}
            for r in rows
        ]

    def _interviews_of(self, rows: Sequence[Interview]) -> list[Extra]:
        slots = self._slots.get(r.job_interview_id for r in rows)
        self._interviews.learn(InSlot(r.id, None, None, r.job_interview_id) for r in rows)
        return [
            {"job_interview_stage_id": _of(slots, r.job_interview_id, "job_interview_stage_id")}
            for r in rows
        ]

    def _interviewers(self, rows: Sequence[Interviewer]) -> list[Extra]:
        owing = [r for r in rows if ident(r.scorecard_id) and ident(r.user_id)]
        held = self._interviews.get(r.interview_id for r in owing)
        slots = self._slots.get(_of(held, r.interview_id, "job_interview_id") for r in owing)
        found: list[Extra] = []
        for row in rows:
            slot = _of(held, row.interview_id, "job_interview_id")
            found.append({"require_scorecard": _of(slots, slot, "require_scorecard")})
        return found

    def _approvers(self, rows: Sequence[Approver]) -> list[Extra]:
        groups = self._groups.get(r.approver_group_id for r in rows)
        flows = self._flows.get(_of(groups, r.approver_group_id, "approval_flow_id") for r in rows)
        found: list[Extra] = []
        for row in rows:
            flow = _of(groups, row.approver_group_id, "approval_flow_id")
            found.append({name: _of(flows, flow, name) for name in ("job_id", "offer_id")})
        return found

    def _criteria(self, rows: Sequence[JobCandidateAttribute]) -> list[Extra]:
        types = self._types.get(r.candidate_attribute_type_id for r in rows)
        asking = self._asking([key for r in rows if (key := ident(r.id))])
        kits = self._kits.get(kit for held in asking.values() for kit in held)
        slots = self._slots.get(_of(kits, kit, "job_interview_id") for kit in kits)
        found: list[Extra] = []
        for row in rows:
            at = [_of(kits, kit, "job_interview_id") for kit in asking.get(ident(row.id) or "", ())]
            found.append(
                {
                    "type_name": _of(types, row.candidate_attribute_type_id, "name"),
                    "stage_ids": [_of(slots, slot, "job_interview_stage_id") for slot in at],
                }
            )
        return found

    def _asking(self, criteria: Sequence[str]) -> dict[str, list[Scalar]]:
        """The kits that ask to rate each criterion; of many criteria, from the list read whole."""
        if self._focus is None and len(criteria) > _LIST_FROM:
            self._focus = self._kits_by_criterion()
        if self._focus is not None:
            return {key: self._focus[key] for key in criteria if key in self._focus}
        found: dict[str, list[Scalar]] = {}
        for chunk in chunks(criteria):
            found |= self._kits_by_criterion(job_candidate_attribute_ids=",".join(chunk))
        return found

    def _kits_by_criterion(self, **which: str) -> dict[str, list[Scalar]]:
        found: dict[str, list[Scalar]] = {}
        for page in read(self._session, "focus_candidate_attributes", Focus, **which):
            for row in page:
                key = ident(row.job_candidate_attribute_id) or ""
                found.setdefault(key, []).append(row.interview_kit_id)
        return found


def _knows_stage(raws: Sequence[Any]) -> bool:
    """Whether this tenant's applications name their stage (every row has the key, or none)."""
    return b'"job_interview_stage_id"' in bytes(raws[0])


def _of(rows: Mapping[str, Any], key: Scalar, member: str) -> Scalar:
    row = rows.get(ident(key) or "")
    found: Scalar = getattr(row, member, None)
    return found


def _decoded(raw: Any, row: type[R]) -> R | None:
    """The row; None if it cannot be read, which is counted where it is normalised."""
    try:
        return msgspec.json.decode(raw, type=row)
    except msgspec.DecodeError:
        return None


def _joined(raw: Any, extra: Extra) -> msgspec.Raw:
    """The raw object with further members at its end."""
    return msgspec.Raw(bytes(raw).rstrip()[:-1] + b"," + msgspec.json.encode(extra)[1:])
