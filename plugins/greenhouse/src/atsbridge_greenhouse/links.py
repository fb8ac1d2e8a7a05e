"""Data that Greenhouse keeps in other lists, added to a row when it is fetched.

An interview names a slot of the plan instead of its stage, an approver a group instead of the job.
The canonical records have neither slots nor groups. The added data is as old as the row: a slot
that changes later counts for rows that change after it, and from the next full read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from atsbridge.api import DeniedError, HttpSession
from atsbridge_greenhouse import problems
from atsbridge_greenhouse.approvals import Approver
from atsbridge_greenhouse.criteria import JobCandidateAttribute
from atsbridge_greenhouse.interviews import Interview, Interviewer
from atsbridge_greenhouse.lookups import Grouped, Lookup, ParentKey, decode_rows
from atsbridge_greenhouse.requisitions import Job, Opening
from atsbridge_greenhouse.values import Row, Scalar, ident, text

# Names of close reasons that mean a hire; Greenhouse's own reports count them as such.
_HIRE = re.compile(r"\s*hired?\b", re.IGNORECASE)
_CLOSES = ord("}")
Members = bytes  # of an object, as JSON without its brackets


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


class Named(Row):
    """GET /v3/candidate_attribute_types, /v3/sources and /v3/close_reasons."""

    name: Scalar = None


class Focus(Row):
    """GET /v3/focus_candidate_attributes."""

    interview_kit_id: Scalar = None
    job_candidate_attribute_id: Scalar = None


class Origin(msgspec.Struct):
    """The stage and the source of an application; nothing else of it, as every row is read so."""

    stage_id: Scalar = None
    job_interview_stage_id: Scalar = None
    source_id: Scalar = None


class Ended(Row):
    """How an opening ended."""

    job_id: Scalar = None
    application_id: Scalar = None
    close_reason_id: Scalar = None


class Occupied(Row):
    """GET /v3/application_stages."""

    job_interview_stage_id: Scalar = None


class Links:
    """Completes the rows of streams that need it; other rows stay as they are.

    `reasons`: what the account's map says of reasons by name, close reasons included.
    """

    def __init__(self, session: HttpSession, reasons: Mapping[str, str] | None = None) -> None:
        self._reasons = reasons or {}
        self._denied: set[str] = set()  # forbidden lists: not requested again
        self._sources = Lookup(session, "sources", Named)
        self._closings = Lookup(session, "close_reasons", Named)
        by_job = ParentKey("job_ids", "job_id")
        self._openings = Grouped(session, "openings", Ended, by_job, open="false")
        self._slots = Lookup(session, "job_interviews", Slot)
        self._interviews = Lookup(session, "interviews", InSlot, listed=False)
        self._kits = Lookup(session, "interview_kits", InSlot)
        self._groups = Lookup(session, "approver_groups", Group)
        self._flows = Lookup(session, "approval_flows", Flow)
        self._types = Lookup(session, "candidate_attribute_types", Named)
        self._focus = Grouped(
            session,
            "focus_candidate_attributes",
            Focus,
            ParentKey("job_candidate_attribute_ids", "job_candidate_attribute_id"),
        )
        self._stages = Lookup(session, "application_stages", Occupied, listed=False)
        self._lists: Sequence[Lookup[Any] | Grouped[Any]] = (
            *(self._slots, self._kits, self._groups, self._flows, self._types, self._focus),
            *(self._sources, self._closings, self._openings),
        )
        self._ways: Mapping[str, Callable[[Sequence[Any]], list[Members]]] = {
            "jobs": self._jobs,
            "openings": self._closed,
            "interviews": self._interviews_of,
            "interviewers": self._interviewers,
            "approvers": self._approvers,
            "job_candidate_attributes": self._criteria,
        }

    def complete(
        self, stream: str, row: type[msgspec.Struct], raws: Sequence[Any], *, listed: bool = True
    ) -> tuple[Sequence[Any], Mapping[str, str]]:
        """The same raw rows, with members that the vendor keeps elsewhere; and what those could
        not tell, as `ports.Page.unknown`. `listed`: the rows are many, so that it pays to read
        further lists whole."""
        unknown: dict[str, str] = {}
        way = self._ways.get(stream)
        if stream == "applications":
            row, way = Origin, partial(self._origins, unknown)
        if way is None or not raws:
            return raws, unknown
        for one in self._lists:
            one.listed = listed
        understood = decode_rows(raws, row)
        extras = iter(way([one for one in understood if one is not None]))
        joined = [
            raw if one is None else _joined(raw, next(extras))
            for raw, one in zip(raws, understood, strict=True)
        ]
        return joined, unknown

    def _origins(self, unknown: dict[str, str], rows: Sequence[Origin]) -> list[Members]:
        """The source of each application, and its stage if this tenant's rows do not name it."""
        keys = [ident(r.source_id) for r in rows]
        distinct = list(dict.fromkeys(keys))
        names = self._names(self._sources, "sources", distinct)
        if names is None:
            unknown["application.source"] = "sources are forbidden (403): " + problems.permission(
                "harvest:sources:list"
            )
        sources = {key: _members({"source": _of(names or {}, key, "name")}) for key in distinct}
        found = [sources[key] for key in keys]
        missing = [r.stage_id for r in rows if not ident(r.job_interview_stage_id)]
        if stages := self._stages.get(missing):
            for at, row in enumerate(rows):
                if stage := _of(stages, row.stage_id, "job_interview_stage_id"):
                    found[at] += b"," + _members({"job_interview_stage_id": stage})
        return found

    def _names(
        self, lookup: Lookup[Named], path: str, ids: Sequence[Scalar]
    ) -> Mapping[str, Named | None] | None:
        """Rows of a list that only completes others; None if it is forbidden."""
        if path in self._denied:
            return None
        try:
            return lookup.get(ids)
        except DeniedError:
            self._denied.add(path)
            return None

    def _jobs(self, rows: Sequence[Job]) -> list[Members]:
        """For closed jobs: whether each of the openings was closed by a hire."""
        over = [r.id for r in rows if (text(r.status) or "").lower() == "closed"]
        closed = [key for one in over if (key := ident(one))]
        held: Mapping[str, Sequence[Ended]] = {}
        if closed and "openings" not in self._denied:
            try:
                held = self._openings.get(closed)
            except DeniedError:
                self._denied.add("openings")
        ended = [opening for some in held.values() for opening in some]
        hired = dict(zip((ident(one.id) for one in ended), self._hired(ended), strict=True))
        return [
            _members({"outcomes": [hired[ident(i.id)] for i in held.get(ident(row.id) or "", ())]})
            for row in rows
        ]

    def _closed(self, rows: Sequence[Opening]) -> list[Members]:
        return [_members({"hired": hired}) for hired in self._hired(rows)]

    def _hired(self, rows: Sequence[Opening | Ended]) -> list[bool | None]:
        """Whether a hire closed the opening: by its application, else its reason; None: unknown."""
        names = self._names(self._closings, "close_reasons", [r.close_reason_id for r in rows])
        found: list[bool | None] = []
        for row in rows:
            name = text(_of(names or {}, row.close_reason_id, "name"))
            kind = self._reasons.get(name or "")
            by_name = None if name is None else bool(_HIRE.match(name))
            found.append(bool(ident(row.application_id)) or (kind == "hired" if kind else by_name))
        return found

    def _interviews_of(self, rows: Sequence[Interview]) -> list[Members]:
        slots = self._slots.get(r.job_interview_id for r in rows)
        self._interviews.learn(InSlot(r.id, None, None, r.job_interview_id) for r in rows)
        member = "job_interview_stage_id"
        return [_members({member: _of(slots, r.job_interview_id, member)}) for r in rows]

    def _interviewers(self, rows: Sequence[Interviewer]) -> list[Members]:
        owing = [r for r in rows if ident(r.scorecard_id) and ident(r.user_id)]
        held = self._interviews.get(r.interview_id for r in owing)
        slots = self._slots.get(_of(held, r.interview_id, "job_interview_id") for r in owing)
        found: list[Members] = []
        for row in rows:
            slot = _of(held, row.interview_id, "job_interview_id")
            found.append(_members({"require_scorecard": _of(slots, slot, "require_scorecard")}))
        return found

    def _approvers(self, rows: Sequence[Approver]) -> list[Members]:
        groups = self._groups.get(r.approver_group_id for r in rows)
        flows = self._flows.get(_of(groups, r.approver_group_id, "approval_flow_id") for r in rows)
        found: list[Members] = []
        for row in rows:
            flow = _of(groups, row.approver_group_id, "approval_flow_id")
            held = {name: _of(flows, flow, name) for name in ("job_id", "offer_id")}
            found.append(_members(held))
        return found

    def _criteria(self, rows: Sequence[JobCandidateAttribute]) -> list[Members]:
        types = self._types.get(r.candidate_attribute_type_id for r in rows)
        focus = self._focus.get([key for r in rows if (key := ident(r.id))])
        asking = {key: [f.interview_kit_id for f in held] for key, held in focus.items()}
        kits = self._kits.get(kit for held in asking.values() for kit in held)
        slots = self._slots.get(_of(kits, kit, "job_interview_id") for kit in kits)
        found: list[Members] = []
        for row in rows:
            at = [_of(kits, kit, "job_interview_id") for kit in asking.get(ident(row.id) or "", ())]
            held = {
                "type_name": _of(types, row.candidate_attribute_type_id, "name"),
                "stage_ids": [_of(slots, slot, "job_interview_stage_id") for slot in at],
            }
            found.append(_members(held))
        return found


def _of(rows: Mapping[str, Any], key: Scalar, member: str) -> Scalar:
    row = rows.get(ident(key) or "")
    found: Scalar = getattr(row, member, None)
    return found


def _members(held: Mapping[str, Any]) -> Members:
    return msgspec.json.encode(held)[1:-1]


def _joined(raw: Any, more: Members) -> msgspec.Raw:
    """The raw object with further members appended."""
    held = memoryview(raw)
    end = -1 if held[-1] == _CLOSES else len(bytes(raw).rstrip()) - 1
    return msgspec.Raw(b"".join((held[:end], b",", more, b"}")))
