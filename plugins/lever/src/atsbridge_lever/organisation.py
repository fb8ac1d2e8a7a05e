"""Users, stages and archive reasons: the lists that hardly change, read whole.

Who works on which requisition is in `postings`.
"""

from __future__ import annotations

from collections.abc import Iterator

from atsbridge.model.fragment import Fragment
from atsbridge.ports import Stream
from atsbridge_lever.wire import Ms, Row, instant

# The words of `/disposition_stages` say how far a stage is, not what is done there.
_BY_PIPELINE = {
    "lead": "lead",
    "applicant": "lead",
    "screen": "screen",
    "onsite": "interview",
    "offer": "offer",
}
# What a stage's own name says, first match wins: this tells more than the pipeline's word.
_BY_NAME = (
    ("review", ("manager review", "team review", "shortlist", "submitted", "profile review")),
    ("assessment", ("assessment", "assignment", "take-home", "take home", "challenge", "test")),
    ("reference", ("reference", "background check")),
)
_BY_NAME_ALONE = (
    ("offer", ("offer",)),
    ("screen", ("screen", "phone", "call")),
    ("interview", ("interview", "onsite", "on-site", "panel", "final")),
    ("lead", ("lead", "applicant", "application", "reached", "responded", "sourced", "new")),
)
BEFORE_INTERVIEWS = ("lead", "applicant")


class UserRow(Row):
    """A row of `/users`."""

    name: str | None = None
    email: str | None = None
    created_at: Ms = None
    deactivated_at: Ms = None


class StageRow(Row):
    """A stage, with its place. From `/stages` it has neither pipeline nor has_interview."""

    text: str | None = None
    pipeline: str | None = None
    rank: float | None = None
    has_interview: bool | None = None
    order: int | None = None


class ReasonRow(Row):
    """A row of `/archive_reasons`. `type` is "hired" or "non-hired"."""

    text: str | None = None
    type: str | None = None


def user(row: UserRow) -> Iterator[Fragment]:
    """A colleague; active until deactivated."""
    yield Fragment(
        "user",
        row.id,
        {
            "name": row.name,
            "email": row.email.strip().lower() if row.email else None,
            "active": instant(row.deactivated_at) is None,
            "created_at": instant(row.created_at),
        },
    )


def stage(row: StageRow) -> Iterator[Fragment]:
    """A stage of the one pipeline that all postings share."""
    kind = stage_kind(row.pipeline or "", row.text or "")
    yield Fragment(
        "stage", row.id, {"requisition": None, "name": row.text, "order": row.order, "kind": kind}
    )


def stage_kind(pipeline: str, name: str) -> str:
    """What happens in a stage: by telling words of its name, else by the pipeline's word.

    Accounts whose names say something else map it (`[accounts.X.map.stage_kind]`).
    """
    said = name.casefold()
    return (
        _named(said, _BY_NAME)
        or _BY_PIPELINE.get(pipeline)
        or _named(said, _BY_NAME_ALONE)
        or "other"
    )


def _named(said: str, words: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    return next((kind for kind, hints in words if any(hint in said for hint in hints)), None)


def leads_to_interviews(row: StageRow) -> bool:
    """Whether candidates in this stage may have interviews, as far as the vendor says."""
    if row.has_interview or row.pipeline:
        return bool(row.has_interview) or row.pipeline not in BEFORE_INTERVIEWS
    return stage_kind("", row.text or "") != "lead"


def reason(row: ReasonRow) -> Iterator[Fragment]:
    """Hired is the vendor's word; all others are ours unless the account maps them."""
    kind = "hired" if row.type == "hired" else "ours"
    yield Fragment("reason", row.id, {"name": row.text, "kind": kind})


STREAMS = (
    Stream(
        name="users",
        path="/users",
        row=UserRow,
        normalise=user,
        owns={"user": ("name", "email", "active", "created_at")},
        params={"includeDeactivated": "true"},
        whole=True,
        scope="Users: list",
    ),
    Stream(
        name="stages",
        path="/disposition_stages",  # else /stages: see `connector`
        row=StageRow,
        normalise=stage,
        owns={"stage": ("requisition", "name", "order", "kind")},
        whole=True,
        scope="Stages: list",
    ),
    Stream(
        name="archive_reasons",
        path="/archive_reasons",
        row=ReasonRow,
        normalise=reason,
        owns={"reason": ("name", "kind")},
        whole=True,
        scope="Archive reasons: list",
    ),
)
