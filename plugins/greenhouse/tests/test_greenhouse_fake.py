"""The fake is as strict as the real Harvest v3: what is refused there is refused here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.fake.api import RESOURCES

Ask = Callable[..., requests.Response]


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served(limit=1000)


def token(fake: Fake) -> str:
    """A good bearer token."""
    pair = (fake.settings["client_id"], fake.settings["client_secret"])
    body = {"grant_type": "client_credentials"}
    answer = requests.post(fake.settings["token_url"], data=body, auth=pair, timeout=5)
    return str(answer.json()["access_token"])


@pytest.fixture
def ask(fake: Fake) -> Iterator[Ask]:
    """GET a list with a good token."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token(fake)}"

        def get(path: str, **params: Any) -> requests.Response:
            base = "" if path.startswith("http") else fake.settings["base_url"] + "/"
            return session.get(base + path, params=params, timeout=5)

        yield get


def pages(ask: Ask, path: str, **params: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list, following Link as it is."""
    answer = ask(path, **params)
    found = [answer.json()]
    while "next" in answer.links:
        answer = ask(answer.links["next"]["url"])
        assert answer.status_code == 200
        found.append(answer.json())
    return found


@pytest.mark.parametrize(
    ("pair", "body", "status"),
    [
        (None, {"grant_type": "client_credentials"}, 401),
        (("not an id", "secret"), {"grant_type": "client_credentials"}, 400),
        (("other-client-1", "secret"), {"grant_type": "client_credentials"}, 401),
        ("good", {"grant_type": "password"}, 400),
        ("good", {}, 400),
        ("good", {"grant_type": "client_credentials", "sub": "12"}, 400),
        ("good", {"grant_type": "client_credentials"}, 200),
    ],
)
def test_the_token_host_is_strict(fake: Fake, pair: Any, body: Any, status: int) -> None:
    """Basic authentication, a good pair, the right grant, an existing user."""
    good = (fake.settings["client_id"], fake.settings["client_secret"])
    auth = good if pair == "good" else pair
    answer = requests.post(fake.settings["token_url"], data=body, auth=auth, timeout=5)
    assert answer.status_code == status


def test_a_token_ends_after_an_hour(ask: Ask, clock: ManualTime) -> None:
    """And there is no refresh token."""
    assert ask("users").status_code == 200
    clock.advance(timedelta(minutes=61))
    assert ask("users").status_code == 401


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("users", {}, 401),
        ("users", {"Authorization": "Bearer nonsense"}, 401),
        ("nonsense", {}, 404),
        ("users/7", {}, 404),
    ],
)
def test_routes_come_before_tokens(
    fake: Fake, path: str, header: dict[str, str], status: int
) -> None:
    """An unknown route is 404 even without a token; v3 has no show endpoints."""
    url = f"{fake.settings['base_url']}/{path}"
    assert requests.get(url, headers=header, timeout=5).status_code == status


def test_a_missing_scope_is_forbidden(served: Callable[..., Fake]) -> None:
    """403, and taking a scope away works at once, for tokens given out before too."""
    fake = served(scopes={"harvest:users:list"})
    header = {"Authorization": f"Bearer {token(fake)}"}
    base = fake.settings["base_url"]
    assert requests.get(f"{base}/users", headers=header, timeout=5).status_code == 200
    assert requests.get(f"{base}/jobs", headers=header, timeout=5).status_code == 403
    fake.server.app.scopes.clear()
    assert requests.get(f"{base}/users", headers=header, timeout=5).status_code == 403


@pytest.mark.parametrize(
    ("path", "params", "named"),
    [
        ("jobs", {"name": "Engineer"}, "name"),
        ("jobs", {"sort": "id"}, "sort"),
        ("application_stages", {"application_id": "1"}, "application_id"),
        ("interviewers", {"interview_id": "1"}, "interview_id"),
        ("scorecards", {"job_ids": "1"}, "job_ids"),
        ("rejection_details", {"job_ids": "1"}, "job_ids"),
        ("applications", {"per_page": "501"}, "501"),
        ("applications", {"per_page": "0"}, "per_page"),
        ("applications", {"ids": ",".join(map(str, range(51)))}, "ids"),
        ("applications", {"job_ids": ",".join(map(str, range(51)))}, "job_ids"),
        ("applications", {"ids": "one"}, "ids"),
        ("applications", {"fields": "id,applied_at"}, "applied_at"),
        ("applications", {"status": "in_process"}, "status"),
        ("applications", {"updated_at": "2026-11-01"}, "updated_at"),
        ("applications", {"updated_at": "since|2026-11-01"}, "updated_at"),
        ("applications", {"updated_at": "gte|yesterday"}, "updated_at"),
        ("offers", {"updated_at[gte]": "2026-11-01"}, "updated_at[gte]"),
        ("interviewers", {"cursor": "nonsense"}, "cursor"),
        ("openings", {"open": "yes"}, "open"),
    ],
)
def test_what_is_not_documented_is_refused(
    ask: Ask, path: str, params: dict[str, str], named: str
) -> None:
    """422, and the errors name what was wrong."""
    answer = ask(path, **params)
    assert answer.status_code == 422
    assert named in str(answer.json()["errors"])


def test_a_cursor_comes_alone_and_ends(ask: Ask, clock: ManualTime) -> None:
    """Beside any other parameter it is refused, and after its time too."""
    link = ask("applications", per_page=5).links["next"]["url"]
    assert ask(link, per_page=5).status_code == 422
    assert ask(link).status_code == 200
    clock.advance(timedelta(minutes=11))
    assert ask(link).status_code == 422


def test_pages_are_newest_first_and_whole(ask: Ask, company: Company) -> None:
    """Ids fall from row to row over all pages, none twice, none left out."""
    found = [row["id"] for page in pages(ask, "applications", per_page=30) for row in page]
    assert found == sorted(set(found), reverse=True)
    assert {str(n) for n in found} >= company.records("application").keys()


@pytest.mark.parametrize("name", RESOURCES)
def test_every_list_keeps_its_shape(ask: Ask, name: str) -> None:
    """Rows hold the documented members, ids are integers, `fields` cuts them down."""
    rows = ask(name, per_page=500).json()
    for row in rows:
        assert set(row) <= set(RESOURCES[name].members)
        assert isinstance(row["id"], int)
    assert [set(r) for r in ask(name, per_page=2, fields="id").json()] == [{"id"}] * min(
        2, len(rows)
    )


def test_a_filter_by_date_keeps_what_lies_in_it(ask: Ask, company: Company) -> None:
    """All four operators, pairs in a row."""
    stamps = sorted(r.updated_at for r in company.records("application").values() if r.updated_at)
    low, high = (s.isoformat().replace("+00:00", "Z") for s in (stamps[20], stamps[40]))
    rows = ask("applications", per_page=500, updated_at=f"gte|{low}|lt|{high}").json()
    kept = [r for r in rows if not r["prospect"]]
    assert len(kept) == sum(stamps[20] <= s < stamps[40] for s in stamps)
    rows = ask("applications", per_page=500, updated_at=f"gt|{low}|lte|{high}").json()
    kept = [r for r in rows if not r["prospect"]]
    assert len(kept) == sum(stamps[20] < s <= stamps[40] for s in stamps)


@pytest.mark.parametrize(
    ("path", "switch"),
    [("users", "show_service_accounts"), ("rejection_reasons", "include_defaults")],
)
def test_some_rows_are_hidden_by_default(ask: Ask, path: str, switch: str) -> None:
    """Service users and the vendor's own reasons come only when asked for."""
    usual = ask(path, per_page=500).json()
    every = ask(path, per_page=500, **{switch: "true"}).json()
    assert len(every) > len(usual)


def test_offers_come_in_all_versions(ask: Ask, company: Company) -> None:
    """Unless only the current ones are asked for."""
    every = ask("offers", per_page=500).json()
    current = ask("offers", per_page=500, current_only="true").json()
    assert len(every) == len(company.records("offer"))
    assert {row["status"] for row in current} <= {"Created", "Accepted", "Rejected"}


def test_traps_of_the_real_lists_are_there(ask: Ask) -> None:
    """Templates, prospects, drafts with a date, stages never entered, states of the answer."""
    applications = ask("applications", per_page=500).json()
    drafts = ask("scorecards", per_page=500, status="draft").json()
    running = next(str(r["id"]) for r in applications if r["stage_id"])
    stages = ask("application_stages", application_ids=running).json()
    assert any(row["is_template"] for row in ask("jobs", per_page=500).json())
    assert any(row["prospect"] for row in applications)
    assert "active" not in {row["status"] for row in applications}
    assert any(row["submitted_at"] for row in drafts)
    assert [row["entered_at"] is not None for row in stages].count(True) == 1
    assert len(stages) > 3


def test_the_window_of_the_rate_limit(served: Callable[..., Fake], clock: ManualTime) -> None:
    """So many in 30 seconds, counted in headers, then 429 with Retry-After."""
    fake = served(limit=3)
    header = {"Authorization": f"Bearer {token(fake)}"}
    url = f"{fake.settings['base_url']}/offices"
    answers = [requests.get(url, headers=header, timeout=5) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    clock.advance(timedelta(seconds=int(answers[-1].headers["Retry-After"])))
    assert requests.get(url, headers=header, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"candidate_id": None}, "candidate_id"),
        ({"note_type": "note"}, "note_type"),
        ({"visibility": "privately_visible"}, "visibility"),
        ({"subject": "Hello"}, "subject"),
        ({"type": "NOTE"}, "type"),
        ({"application_id": 12}, "application_id"),
    ],
)
def test_notes_are_taken_strictly(
    fake: Fake, company: Company, change: dict[str, Any], named: str
) -> None:
    """The write's own words, no unknown key, an application of that candidate."""
    candidate = int(next(iter(company.records("candidate"))))
    good = {"candidate_id": candidate, "note_type": "NOTE", "visibility": "private", "body": "Hi"}
    url = f"{fake.settings['base_url']}/notes"
    header = {"Authorization": f"Bearer {token(fake)}"}
    answer = requests.post(url, json={**good, **change}, headers=header, timeout=5)
    assert answer.status_code == 422
    assert named in str(answer.json()["errors"])
    assert requests.post(url, json=good, headers=header, timeout=5).status_code == 201


def test_a_note_on_nobody_becomes_an_orphan(fake: Fake, company: Company) -> None:
    """The vendor does not look the candidate up, so a careful client does."""
    note = {"candidate_id": 4, "note_type": "NOTE", "visibility": "private", "body": "Hi"}
    url = f"{fake.settings['base_url']}/notes"
    header = {"Authorization": f"Bearer {token(fake)}"}
    assert requests.post(url, json=note, headers=header, timeout=5).status_code == 201
    assert company.notes[-1].candidate == "4"
