"""The fake is as strict as Ashby: what the vendor refuses, it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_ashby.fake import KEY
from atsbridge_ashby.fake.truth import Truth

Call = Callable[..., Any]
Body = dict[str, Any]


@pytest.fixture
def call(clock: ManualTime) -> Iterator[Call]:
    """Send one request a second: the answer's status and body."""
    with requests.Session() as session:

        def send(fake: Fake, action: str, *, key: str = KEY, **body: Any) -> tuple[int, Body]:
            clock.advance(timedelta(seconds=1))
            url = f"{fake.server.url}/{action}"
            answer = session.post(url, json=body, auth=(key, ""), timeout=5)
            return answer.status_code, answer.json()

        yield send


def code(answer: tuple[int, Body]) -> str:
    """The code of a refusal, which comes in a 200."""
    status, body = answer
    assert (status, body["success"]) == (200, False), body
    assert body["errors"] == [body["errorInfo"]["code"]]
    return str(body["errorInfo"]["code"])


def whole(call: Call, fake: Fake, action: str, **body: Any) -> tuple[list[Body], str]:
    """All rows of a list, and its sync token."""
    rows: list[Body] = []
    _, answer = call(fake, action, **body)
    while True:
        rows += answer["results"]
        if not answer["moreDataAvailable"]:
            assert "nextCursor" not in answer
            return rows, answer.get("syncToken", "")
        assert "syncToken" not in answer, "the token comes with the last page only"
        _, answer = call(fake, action, cursor=answer["nextCursor"], **body)


def test_a_missing_key_is_401_and_a_wrong_one_403(fake: Fake, call: Call) -> None:
    """A key that lacks a permission gets a 403, too; its code tells them apart."""
    url = f"{fake.server.url}/user.list"
    assert requests.post(url, json={}, timeout=5).status_code == 401
    status, body = call(fake, "user.list", key="wrong")
    assert (status, body["errorInfo"]["code"]) == (403, "invalid_api_key")


def test_each_module_has_a_permission_of_its_own(served: Callable[..., Fake], call: Call) -> None:
    """The others are still answered."""
    fake = served(denied=frozenset({"offersRead"}))
    status, body = call(fake, "offer.list")
    assert (status, body["errorInfo"]["code"]) == (403, "missing_endpoint_permission")
    assert call(fake, "approval.list")[0] == 200
    assert "offersRead" not in call(fake, "apiKey.info")[1]["results"]["scopes"]


def test_an_unknown_endpoint_and_a_get_are_not_found(fake: Fake, call: Call) -> None:
    """Every call is a POST."""
    assert call(fake, "user.everything")[0] == 404
    answer = requests.get(f"{fake.server.url}/user.list", auth=(KEY, ""), timeout=5)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("user.list", {"limit": 101}),
        ("user.list", {"limit": 0}),
        ("user.list", {"limit": "100"}),
        ("user.list", {"limit": True}),
        ("user.list", {"includeDeactivated": "true"}),
        ("user.list", {"updatedAfter": 1}),
        ("archiveReason.list", {"limit": 100}),
        ("interviewStage.list", {}),
        ("application.listHistory", {}),
        ("application.listHistory", {"applicationId": "x", "syncToken": "s"}),
        ("approval.list", {"entityType": "candidate"}),
        ("candidate.createNote", {"candidateId": "x"}),
    ],
)
def test_what_a_list_does_not_take_is_refused(
    fake: Fake, call: Call, action: str, body: Body
) -> None:
    """A parameter that is unknown, of another type, out of range, or missing."""
    assert code(call(fake, action, **body)) == "invalid_input"


def test_pages_and_tokens(fake: Fake, call: Call, company: Company, clock: ManualTime) -> None:
    """A token shows what changed since the reading began that gave it, and nothing else."""
    rows, token = whole(call, fake, "application.list", limit=50)
    assert len({row["id"] for row in rows}) == len(rows) == len(company.records("application"))
    before = {row["id"]: row for row in rows}
    clock.advance(timedelta(days=2))
    changed, later = whole(call, fake, "application.list", limit=50, syncToken=token)
    assert 0 < len(changed) < len(rows)
    assert all(before.get(row["id"]) != row for row in changed)
    now, _ = whole(call, fake, "application.list", limit=50)
    assert {row["id"]: row for row in now} == before | {row["id"]: row for row in changed}
    assert whole(call, fake, "application.list", limit=50, syncToken=later)[0] == []


def test_a_token_belongs_to_its_list_and_its_parameters(fake: Fake, call: Call) -> None:
    """A cursor, too; both are refused elsewhere."""
    _, token = whole(call, fake, "user.list")
    assert code(call(fake, "job.list", syncToken=token)) == "sync_token_invalid"
    assert code(call(fake, "user.list", includeDeactivated=True, syncToken=token)) == (
        "sync_token_invalid"
    )
    cursor = call(fake, "application.list", limit=10)[1]["nextCursor"]
    assert code(call(fake, "application.list", limit=10, status="Active", cursor=cursor)) == (
        "invalid_next_cursor"
    )


def test_a_token_expires(served: Callable[..., Fake], call: Call, clock: ManualTime) -> None:
    """The vendor does not say when; here it can be chosen."""
    fake = served(token_life=timedelta(hours=6))
    _, token = whole(call, fake, "job.list")
    clock.advance(timedelta(hours=7))
    assert code(call(fake, "job.list", syncToken=token)) == "sync_token_expired"


def test_drafts_and_deactivated_users_are_listed_on_demand(
    fake: Fake, call: Call, company: Company
) -> None:
    """Without asking, neither is shown."""
    user = next(iter(company.records("user")))
    company.ledger.change("user", user, company.now, active=False)
    ids = {row["id"] for row in whole(call, fake, "user.list")[0]}
    everybody = {row["id"] for row in whole(call, fake, "user.list", includeDeactivated=True)[0]}
    assert user in everybody - ids
    job = next(iter(company.records("requisition")))
    company.ledger.change("requisition", job, company.now, status="draft")
    shown = {row["id"] for row in whole(call, fake, "job.list")[0]}
    drafts = {row["id"] for row in whole(call, fake, "job.list", status=["Draft"])[0]}
    assert job in drafts - shown


def test_jobs_with_the_same_stages_share_a_plan(fake: Fake, call: Call) -> None:
    """A plan's stages come without pages, with two at its end that jobs do not have."""
    plans, _ = whole(call, fake, "interviewPlan.list")
    jobs, _ = whole(call, fake, "job.list", status=["Draft", "Open", "Closed", "Archived"])
    assert len(plans) < len(jobs)
    assert {job["defaultInterviewPlanId"] for job in jobs} == {plan["id"] for plan in plans}
    _, answer = call(fake, "interviewStage.list", interviewPlanId=plans[0]["id"])
    assert answer["moreDataAvailable"] is False
    assert [row["type"] for row in answer["results"]][-2:] == ["Hired", "Archived"]
    assert code(call(fake, "interviewStage.list", interviewPlanId="x")) == (
        "interview_plan_not_found"
    )


def test_history_rows_do_not_name_their_application(
    fake: Fake, call: Call, company: Company
) -> None:
    """The last row of one that has ended is the stage that ends its plan."""
    ended: Any = next(row for row in Truth(company).live("application") if row.status == "rejected")
    rows, token = whole(call, fake, "application.listHistory", applicationId=ended.id)
    assert token == ""
    assert all("applicationId" not in row for row in rows)
    application = call(fake, "application.info", applicationId=ended.id)[1]["results"]
    assert rows[-1]["stageId"] == application["currentInterviewStage"]["id"]
    assert application["currentInterviewStage"]["type"] == "Archived"


def test_feedback_may_need_an_application(served: Callable[..., Fake], call: Call) -> None:
    """The schema and the description of the list differ: both are served."""
    assert whole(call, served(), "applicationFeedback.list")[0]
    assert code(call(served(all_feedback=False), "applicationFeedback.list")) == "invalid_input"


def test_an_approval_of_an_offer_names_its_version(fake: Fake, call: Call) -> None:
    """Not the offer, whose own id is another one."""
    offers, _ = whole(call, fake, "offer.list")
    approvals, _ = whole(call, fake, "approval.list", entityType="offer")
    approved = {row["entityId"] for row in approvals}
    assert approved & {row["latestVersion"]["id"] for row in offers}
    assert not approved & {row["id"] for row in offers}


def test_too_many_requests_are_told_how_long_to_wait(fake: Fake) -> None:
    """The body is a refusal like any other."""
    with requests.Session() as session:
        url = f"{fake.server.url}/department.list"
        answers = [session.post(url, json={}, auth=(KEY, ""), timeout=5) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert refused[0].json()["errorInfo"]["code"] == "rate_limit_exceeded"


def test_private_notes_need_access_to_private_fields(
    served: Callable[..., Fake], call: Call, company: Company
) -> None:
    """And are seen with it only."""
    candidate = next(iter(company.records("candidate")))
    note = {"candidateId": candidate, "note": "Hello", "isPrivate": True}
    assert code(call(served(), "candidate.createNote", **note)) == "missing_permission"
    may = served(private=True)
    assert call(may, "candidate.createNote", **note)[1]["success"]
    assert len(whole(call, may, "candidate.listNotes", candidateId=candidate)[0]) == 1
    assert whole(call, served(), "candidate.listNotes", candidateId=candidate)[0] == []
