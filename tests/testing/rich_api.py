"""Changes that give the generated POST connector what vendors with such APIs have.

* the history of an application is a list per application, whose rows name neither the application
  nor have an id of their own;
* stages are a list per interview plan; plans are read only because they are parents of stages;
* reasons are a slow list, read once a day, whose ids have another name.
"""

from __future__ import annotations

CONNECTOR = (
    (
        "from collections.abc import Iterator\n",
        "from collections.abc import Iterator\nfrom datetime import timedelta\n",
    ),
    ("    Instant,\n", "    Instant,\n    Parent,\n"),
    ("    declare_absent,\n", "    declare_absent,\n    no_fragments,\n"),
    (
        '    "candidate=candidate_id requisition=job_id status applied_at rejected_at",\n',
        """    "candidate=candidate_id requisition=job_id stage=stage_id reason=reason_id status"
    " applied_at rejected_at",
""",
    ),
    (
        "# A row of which more than one record is made.\n",
        """STAY = SimpleRow(
    "stage_stay", "application=application_id stage=stage_id entered_at left_at", rename="camel"
)
CATEGORIES = {
    "lead": "lead",
    "review": "review",
    "screen": "screen",
    "assessment": "assessment",
    "reference": "reference",
    "other": "other",
    "talk": "interview",
    "offer": "offer",
    "hired": "hired",
}
STAGE = SimpleRow("stage", "name order kind=category", kind=CATEGORIES)
SIDES = {"us": "ours", "them": "theirs", "hired": "hired", "other": "other"}
REASON = SimpleRow("reason", "name=label kind=side", kind=SIDES)


class Plan(msgspec.Struct):
    id: str


# A row of which more than one record is made.
""",
    ),
    (
        '    listed("application", "Applications: read", APPLICATION, changes=True),\n',
        """    Stream(
        name="plan",
        path="/plan.list",
        method="POST",
        row=Plan,
        normalize=no_fragments,
        owns={},
        params={"limit": 100},
        reconciliation=Reconciliation(complete=True),
        scope="Jobs: read",
    ),
    Stream(
        name="stage",
        path="/stage.list",
        method="POST",
        row=STAGE.row,
        normalize=STAGE.normalize,
        owns=STAGE.owns,
        parent=Parent("plan", param="planId", every=timedelta(hours=12)),
        scope="Jobs: read",
    ),
    Stream(
        name="reason",
        path="/reason.list",
        method="POST",
        row=REASON.row,
        normalize=REASON.normalize,
        owns=REASON.owns,
        params={"limit": 100},
        id_from=("reasonId",),
        every=timedelta(days=1),
        reconciliation=Reconciliation(complete=True),
        scope="Applications: read",
    ),
    listed("application", "Applications: read", APPLICATION, changes=True),
    Stream(
        name="history",
        path="/application.history",
        method="POST",
        row=STAY.row,
        normalize=STAY.normalize,
        owns=STAY.owns,
        params={"limit": 100},
        id_from=("applicationId", "stageId", "enteredAt"),
        parent=Parent(
            "application",
            param="applicationId",
            into="applicationId",
            complete=(("stage_stay", "application"),),
        ),
        scope="Applications: read",
    ),
""",
    ),
)
FAKE = (
    (
        'ARGUMENTS = {"limit": int, "cursor": str, "syncToken": str}',
        """PLANS = ("plan-a", "plan-b")  # of the stages with even and with odd numbers
SIDES = {"ours": "us", "theirs": "them"}
ARGUMENTS = {"limit": int, "cursor": str, "syncToken": str}""",
    ),
    (
        """"candidateId=candidate jobId=requisition status appliedAt=applied_at"
        " rejectedAt=rejected_at",
""",
        """"candidateId=candidate jobId=requisition stageId=stage reasonId=reason status"
        " appliedAt=applied_at rejectedAt=rejected_at",
""",
    ),
    (
        "def serve(",
        '''def stages(company: Company, plan: str) -> list[dict[str, Any]]:
    """The stages of a plan."""
    found = rows(company, "stage", "name order category=kind")
    for row in found:
        row["category"] = "talk" if row["category"] == "interview" else row["category"]
    return [row for row in found if PLANS[int(row["id"][:8], 16) % 2] == plan]


def history(company: Company, application: str) -> list[dict[str, Any]]:
    """The stays of an application: rows without an id, which do not name the application."""
    members = "of=application stageId=stage enteredAt=entered_at leftAt=left_at"
    found = rows(company, "stage_stay", members)
    mine = [row for row in found if row.pop("of") == application]
    return [{name: value for name, value in row.items() if name != "id"} for row in mine]


def reasons(company: Company) -> list[dict[str, Any]]:
    """The reasons, whose ids have another name."""
    found = rows(company, "reason", "label=name side=kind")
    return [
        {"reasonId": row.pop("id"), **row, "side": SIDES.get(row["side"], row["side"])}
        for row in found
    ]


def under(company: Company, path: str, asked: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of the lists that are not plain; None for a parent that does not exist."""
    if path == "/plan.list":
        return [{"id": plan, "updated_at": company.now.isoformat()} for plan in PLANS]
    if path == "/stage.list":
        plan = asked.pop("planId", "")
        return stages(company, plan) if plan in PLANS else None
    if path == "/reason.list":
        return reasons(company)
    application = asked.pop("applicationId", "")
    known = company.records("application").get(application)
    return history(company, application) if known is not None else None


UNDER = ("/plan.list", "/stage.list", "/reason.list", "/application.history")


def tell(kind: str, record: Any, values: dict[str, Any], company: Company) -> Any:
    """A stay has an id made of what it is."""
    if kind == "stage_stay":
        at = record.entered_at.isoformat().replace(":", "%3A")
        return f"{record.application}:{record.stage}:{at}", values
    return record.id, values


def serve(''',
    ),
    (
        "        path = SINGLE.get(request.path, request.path)\n",
        """        if request.path in UNDER and request.method == "POST":
            with company.lock:
                company.advance(time.now())
                asked = request.json()
                found = under(company, request.path, asked)
                if found is None:
                    return refused("not_found", "there is no such parent")
                return page(asked, found, time.now())
        path = SINGLE.get(request.path, request.path)
""",
    ),
)
