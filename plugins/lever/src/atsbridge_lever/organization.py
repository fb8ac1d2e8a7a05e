"""Users, stages and archive reasons: lists that rarely change, read whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from atsbridge.api import Fragment, Reconciliation, StageGuess, Stream, guess_stage_kind
from atsbridge_lever.wire import Ms, Row, instant

# `/disposition_stages` tells how far a stage is, not what happens there.
_BY_PIPELINE = {
    "lead": "lead",
    "applicant": "lead",
    "screen": "screen",
    "onsite": "interview",
    "offer": "offer",
}
# For these the name of the stage tells more than the pipeline's type.
_BY_NAME = ("review", "assessment", "reference")
BEFORE_INTERVIEWS = ("lead", "applicant")


class UserRow(Row):
    """A row of `/users`."""

    name: str | None = None
    email: str | None = None
    created_at: Ms = None
    deactivated_at: Ms = None
    manager_id: str | None = None


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
            "manager": row.manager_id or None,
            "created_at": instant(row.created_at),
        },
    )


def stage(row: StageRow) -> Iterator[Fragment]:
    """A stage of the one pipeline that all postings share."""
    kind = stage_kind(row.pipeline or "", row.text or "").kind
    yield Fragment(
        "stage", row.id, {"requisition": None, "name": row.text, "order": row.order, "kind": kind}
    )


def stage_kind(pipeline: str, name: str) -> StageGuess:
    """What happens in a stage: by telling words of its name, else by the pipeline's word.

    Accounts whose names say something else map it (`[accounts.X.map.stage_kind]`).
    """
    named = guess_stage_kind(name)
    if named.kind in _BY_NAME or pipeline not in _BY_PIPELINE:
        return named
    return StageGuess(_BY_PIPELINE[pipeline], f"pipeline {pipeline}")


def leads_to_interviews(row: StageRow, mapped: Mapping[str, str]) -> bool:
    """Whether candidates in this stage usually have interviews: by the vendor's word, else by kind.

    `mapped`: name of a stage -> its kind, as the account says.
    """
    if row.has_interview or (row.pipeline and row.pipeline not in BEFORE_INTERVIEWS):
        return True
    return kind_of(row, mapped) != "lead"


def kind_of(row: StageRow, mapped: Mapping[str, str]) -> str:
    """The kind of a stage: from the account's map, else guessed."""
    name = row.text or ""
    return mapped.get(name) or stage_kind(row.pipeline or "", name).kind


def reason(row: ReasonRow) -> Iterator[Fragment]:
    """A reason: "hired" by the vendor, else rejected by the company unless the account maps it."""
    kind = "hired" if row.type == "hired" else "ours"
    yield Fragment("reason", row.id, {"name": row.text, "kind": kind})


STREAMS = (
    Stream(
        name="users",
        path="/users",
        row=UserRow,
        normalize=user,
        owns={"user": ("name", "email", "active", "manager", "created_at")},
        params={"includeDeactivated": "true"},
        reconciliation=Reconciliation(complete=True),
        scope="Users: list",
    ),
    Stream(
        name="stages",
        path="/disposition_stages",  # else /stages: see `connector`
        row=StageRow,
        normalize=stage,
        owns={"stage": ("requisition", "name", "order", "kind")},
        reconciliation=Reconciliation(complete=True),
        scope="Stages: list",
    ),
    Stream(
        name="archive_reasons",
        path="/archive_reasons",
        row=ReasonRow,
        normalize=reason,
        owns={"reason": ("name", "kind")},
        reconciliation=Reconciliation(complete=True),
        scope="Archive reasons: list",
    ),
)
