"""Interview plans and their stages.

A stage belongs to a plan, and several jobs may share a plan, so that a stage names no requisition.
`interviewStage.list` takes one plan and has no pages. Whether a changed stage moves its plan's
`updatedAt` is not documented: the stages of every plan are read again each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from atsbridge.api import Fragment, Parent, StageGuess, guess_stage_kind, no_fragments
from atsbridge_ashby.listing import asked, synced
from atsbridge_ashby.wire import Row

# The type says how far a stage is; within "Active" and "PreInterviewScreen" its name tells what is
# done there. "Archived" is the end of a plan, where nobody has to act.
_BY_TYPE = {"Lead": "lead", "Offer": "offer", "Hired": "hired"}
_END = "Archived"
_SCREEN = "PreInterviewScreen"
BEFORE_INTERVIEWS = ("Lead", _SCREEN)


class PlanRow(Row):
    """A row of `interviewPlan.list`. Drafts are never listed."""

    title: str | None = None


class StageRow(Row):
    """A row of `interviewStage.list`."""

    title: str | None = None
    type: str | None = None
    order_in_interview_plan: int | None = None
    interview_plan_id: str | None = None


def stage(row: StageRow) -> Iterator[Fragment]:
    """A stage of a plan that any number of jobs follow."""
    order = row.order_in_interview_plan
    yield Fragment(
        "stage",
        row.id,
        {
            "requisition": None,
            "name": row.title or None,
            "order": order if order is not None and order >= 0 else None,
            "kind": stage_kind(row.type or "", row.title or "").kind,
        },
    )


def stage_kind(kind: str, name: str) -> StageGuess:
    """What happens in a stage: by its type where that says it, else by telling words of its name.

    A stage before the interviews that no word tells more of is a lead's: somebody sifts there.
    """
    if kind in _BY_TYPE:
        return StageGuess(_BY_TYPE[kind], f"type {kind}")
    if kind == _END:
        return StageGuess("other", f"type {kind}")
    guess = guess_stage_kind(name)
    if guess.kind == "other" and kind == _SCREEN:
        return StageGuess("lead", f"type {kind}")
    return guess


PLANS = synced(
    "interview_plans",
    "interviewPlan.list",
    PlanRow,
    no_fragments,
    {},
    params={"includeArchived": True},  # applications of long ago are in their stages
    scope="Interviews: read",
)
STAGES = asked(
    "stages",
    "interviewStage.list",
    StageRow,
    stage,
    {"stage": ("requisition", "name", "order", "kind")},
    parent=Parent(stream=PLANS.name, param="interviewPlanId", every=timedelta(days=1)),
    required_by=("application",),
    scope="Interviews: read",
)
STREAMS = (PLANS, STAGES)
