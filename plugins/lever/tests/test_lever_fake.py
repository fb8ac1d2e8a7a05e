"""The fake is as strict as Lever: what it refuses, hides, orders and moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_lever.fake import KEY

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(fake: Fake, clock: ManualTime) -> Ask:
    """A request with the key, on a clock that lets the bucket fill."""

    def get(path: str, method: str = "GET", key: str = KEY, **more: Any) -> requests.Response:
        clock.advance(timedelta(seconds=1))
        url = f"{fake.settings['base_url']}{path}"
        return requests.request(method, url, auth=(key, ""), timeout=5, **more)

    return get


def whole(ask: Ask, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every row of a list."""
    rows: list[dict[str, Any]] = []
    while True:
        body = ask(path, params=params).json()
        rows += body["data"]
        if not body["hasNext"]:
            assert "next" not in body
            return rows
        params["offset"] = body["next"]


def test_only_the_key_as_user_name_opens(fake: Fake, ask: Ask) -> None:
    """A wrong key, none, one as a password or as a bearer token gets 401 with a body."""
    url = f"{fake.settings['base_url']}/users"
    answers = [
        ask("/users", key="wrong"),
        requests.get(url, timeout=5),
        requests.get(url, auth=("x", KEY), timeout=5),
        requests.get(url, headers={"Authorization": f"Bearer {KEY}"}, timeout=5),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.json()["code"] for answer in answers)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/users", {"limit": "101"}),
        ("/users", {"limit": "0"}),
        ("/users", {"limit": "many"}),
        ("/users", {"updated_at_start": "1"}),
        ("/users", {"includeDeactivated": "yes"}),
        ("/opportunities", {"updated_at_start": "yesterday"}),
        ("/opportunities", {"owner_id": "x"}),
        ("/opportunities", {"archived": "maybe"}),
        ("/opportunities", {"expand": "interviews"}),
        ("/opportunities", {"confidentiality": "secret"}),
        ("/opportunities", {"offset": "%5B1%5D"}),
        ("/postings", {"updated_at_start": "1", "state": "published"}),
        ("/requisitions", {"updated_at_start": "1"}),
    ],
)
def test_parameters_it_does_not_know_get_400(ask: Ask, path: str, params: dict[str, str]) -> None:
    """Unknown names, bad values, filters that do not combine."""
    answer = ask(path, params=params)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message"}


def test_unknown_paths_and_ids_get_404(ask: Ask) -> None:
    """There is no account-wide list of interviews, and no nobody."""
    for path in ("/interviews", "/offers", "/opportunities/nobody", "/postings/none", "/feedback"):
        assert ask(path).status_code == 404
    assert ask("/users", method="DELETE").status_code == 404


@pytest.mark.parametrize(
    ("denied", "path"),
    [
        ("users", "/users"),
        ("stages", "/disposition_stages"),
        ("requisitions", "/requisitions"),
        ("opportunities", "/opportunities"),
        ("offers", "/opportunities/{0}/offers"),
        ("feedback", "/opportunities/{0}/interviews?expand=feedbackForms"),
    ],
)
def test_a_permission_the_key_lacks_is_403_there_and_nowhere_else(
    served: Callable[..., Fake], company: Company, denied: str, path: str
) -> None:
    """Each list has its own box on the key."""
    fake = served(denied=frozenset({denied}), confidential=True)
    someone = next(iter(company.records("application")))
    base = fake.settings["base_url"]
    assert requests.get(base + path.format(someone), auth=(KEY, ""), timeout=5).status_code == 403
    assert requests.get(f"{base}/archive_reasons", auth=(KEY, ""), timeout=5).status_code == 200


def test_the_bucket_is_ten_a_second_and_twenty_at_once(fake: Fake, clock: ManualTime) -> None:
    """The refusal says nothing of when to come back."""
    url = f"{fake.settings['base_url']}/stages"
    with requests.Session() as session:
        session.auth = (KEY, "")
        statuses = [session.get(url, timeout=5).status_code for _ in range(21)]
        refused = session.get(url, timeout=5)
        clock.advance(timedelta(seconds=1))
        statuses += [session.get(url, timeout=5).status_code for _ in range(11)]
    assert statuses == [200] * 20 + [429] + [200] * 10 + [429]
    assert refused.status_code == 429
    assert not {name for name in refused.headers if name.lower().startswith(("retry", "x-rate"))}


def test_the_default_list_has_archived_and_active_together(ask: Ask, company: Company) -> None:
    """`archived` narrows it."""
    everybody = whole(ask, "/opportunities", confidentiality="all")
    active = whole(ask, "/opportunities", confidentiality="all", archived="false")
    assert len(everybody) == len(company.records("application"))
    assert [row["id"] for row in active] == [r["id"] for r in everybody if r["archived"] is None]
    assert 0 < len(active) < len(everybody)


def test_opportunities_come_by_stage_and_latest_advance(ask: Ask) -> None:
    """A mutable order, and a token that is percent-encoded JSON of the next page's first row."""
    rows = whole(ask, "/opportunities", confidentiality="all", limit=30)
    stages = {row["id"]: n for n, row in enumerate(ask("/stages").json()["data"])}
    keys = [(stages[row["stage"]], -row["lastAdvancedAt"]) for row in rows]
    assert keys == sorted(keys)
    token = ask("/opportunities", params={"confidentiality": "all", "limit": 30}).json()["next"]
    assert "%" in token
    rank, advanced, id_ = json.loads(unquote(token))
    assert (advanced, id_) == (rows[30]["lastAdvancedAt"], rows[30]["id"])
    assert rank == 100 + stages[rows[30]["stage"]]


def test_a_token_that_was_unquoted_is_refused(ask: Ask) -> None:
    """It goes back as it came, or not at all."""
    token = ask("/opportunities", params={"limit": 5}).json()["next"]
    assert ask("/opportunities", params={"limit": 5, "offset": token}).status_code == 200
    bad = ask("/opportunities", params={"limit": 5, "offset": unquote(token)})
    assert (bad.status_code, bad.json()["message"]) == (400, "Invalid offset token")


def test_confidential_rows_hide_unless_asked_for(
    served: Callable[..., Fake], ask: Ask, company: Company
) -> None:
    """And a key without the right may not ask, nor look at one by its id."""
    secret = {r.id for r in company.records("requisition").values() if r.confidential}
    if not secret:
        some = next(iter(company.records("requisition")))
        company.ledger.change("requisition", some, company.now, confidential=True)
        secret = {some}
    assert not secret & {row["id"] for row in whole(ask, "/postings")}
    assert secret <= {row["id"] for row in whole(ask, "/postings", confidentiality="all")}
    base = served().settings["base_url"]
    for path in ("/postings?confidentiality=all", f"/postings/{min(secret)}"):
        assert requests.get(base + path, auth=(KEY, ""), timeout=5).status_code == 403


def test_what_moves_the_two_clocks_of_an_opportunity(ask: Ask, clock: ManualTime) -> None:
    """Booking moves lastInteractionAt alone, a tag updatedAt alone, a note both."""
    seen: dict[str, list[tuple[int | None, int]]] = {}
    booked: set[str] = set()
    for _ in range(12):
        clock.advance(timedelta(hours=3))
        rows = whole(ask, "/opportunities", confidentiality="all", archived="false")
        for row in rows:
            seen.setdefault(row["id"], []).append((row["updatedAt"], row["lastInteractionAt"]))
    for pairs in seen.values():
        for before, after in pairwise(pairs):
            booked.add("alone" if after[0] == before[0] and after[1] > before[1] else "")
    assert "alone" in booked

    quiet = whole(ask, "/opportunities", confidentiality="all", archived="false")[0]
    path = f"/opportunities/{quiet['id']}"
    ask(f"{path}/addTags", method="POST", json={"tags": ["urgent"]})
    tagged = ask(path).json()["data"]
    assert "urgent" in tagged["tags"]
    assert tagged["lastInteractionAt"] == quiet["lastInteractionAt"]
    assert tagged["updatedAt"] > (quiet["updatedAt"] or 0)
    ask(f"{path}/notes", method="POST", json={"value": "hello"})
    noted = ask(path).json()["data"]
    assert noted["lastInteractionAt"] > quiet["lastInteractionAt"]
    assert noted["updatedAt"] > tagged["updatedAt"]


def test_rows_untouched_for_long_have_no_updated_at(ask: Ask) -> None:
    """A window never shows them."""
    rows = whole(ask, "/opportunities", confidentiality="all")
    windowed = whole(ask, "/opportunities", confidentiality="all", updated_at_start=0)
    dated = {row["id"] for row in rows if row["updatedAt"] is not None}
    assert {row["id"] for row in windowed} == dated


def test_notes_want_a_value_and_known_fields(ask: Ask, company: Company) -> None:
    """A note that is refused is not written."""
    someone = next(iter(company.records("application")))
    path = f"/opportunities/{someone}/notes"
    for body in ({}, {"value": ""}, {"value": 7}, {"value": "x", "color": "red"}, {"score": 9}):
        assert ask(path, method="POST", json=body).status_code == 400
    future = {"value": "x", "createdAt": 9_999_999_999_999}
    assert ask(path, method="POST", json=future).status_code == 400
    nobody = ask(path, method="POST", json={"value": "x"}, params={"perform_as": "nobody"})
    assert nobody.status_code == 400
    assert company.notes == []
    made = ask(path, method="POST", json={"value": "x", "secret": True})
    assert made.status_code == 201
    assert made.json()["data"]["noteId"] == made.json()["data"]["id"]


def test_departed_users_show_only_when_asked_for(ask: Ask, company: Company) -> None:
    """As in Lever's default list."""
    gone = next(iter(company.records("user")))
    company.ledger.change("user", gone, company.now, active=False)
    assert gone not in {row["id"] for row in whole(ask, "/users")}
    everybody = {row["id"]: row for row in whole(ask, "/users", includeDeactivated="true")}
    assert everybody[gone]["deactivatedAt"] is not None


def test_an_erased_candidate_leaves_only_its_deletion(ask: Ask, company: Company) -> None:
    """The lists forget it; the list of deletions has its id and time."""
    someone: Any = next(iter(company.records("application").values()))
    company.erase(someone.candidate)
    assert ask(f"/opportunities/{someone.id}").status_code == 404
    deleted = whole(ask, "/opportunities/deleted", deleted_at_start=0)
    assert someone.id in {row["id"] for row in deleted}


def test_panels_alone_say_how_the_invited_answered(ask: Ask, company: Company) -> None:
    """An interview names its people without it; a cancelled panel has no interviews left."""
    interview: Any = next(
        i for i in company.records("interview").values() if i.status == "scheduled" and i.starts_at
    )
    path = f"/opportunities/{interview.application}"
    company.ledger.change("interview", interview.id, company.now, status="scheduled")
    rows = ask(f"{path}/panels").json()["data"]
    (panel,) = [p for p in rows if any(m["id"] == interview.id for m in p["interviews"])]
    (meeting,) = panel["interviews"]
    seats: Any = [s for s in company.records("seat").values() if s.interview == interview.id]
    said = {one["id"]: one["responseStatus"] for one in meeting["interviewers"]}
    assert said == {s.user: s.response.replace("needs_action", "needsAction") for s in seats}
    plain = ask(f"{path}/interviews").json()["data"]
    assert not any("responseStatus" in one for row in plain for one in row["interviewers"])
    company.ledger.change("interview", interview.id, company.now, status="cancelled")
    (panel,) = [p for p in ask(f"{path}/panels").json()["data"] if p["id"] == panel["id"]]
    assert (panel["interviews"], panel["canceledAt"] is not None) == ([], True)
    assert ask(f"{path}/panels", params={"expand": "feedbackForms"}).status_code == 400
