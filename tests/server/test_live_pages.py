"""Every page over HTTP: who sees what, how errors are worded, and what the log says."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.server.conftest import HEADER, NOW, OPS, SMALL, TOKEN, Site, opened, serving, site

from atsbridge.model import Hold, Notice, NoticeState
from atsbridge.model.notice import Destination, Purpose
from atsbridge.server.safeguards.safe_headers import POLICY
from atsbridge.timesource import ManualTime

RECRUITER, MANAGER, OTHER = "person0@acme.example", "person3@acme.example", "person2@acme.example"
PAGES = (
    "/",
    "/mine",
    "/inbox",
    "/cases/1",
    "/roles/acme/ENG-0",
    "/briefs/acme/r0",
    "/metrics",
    "/x",
)


@pytest.mark.parametrize("path", [*PAGES, "/roles/nowhere/x"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {HEADER: "no address"},
        {"X-Forwarded-For": "127.0.0.1"},
    ],
)
def test_who_is_nobody_learns_nothing(live: Site, path: str, headers: dict[str, str]) -> None:
    """401 without a body, the same for pages that exist and for those that do not."""
    live.server.door._refusals._buckets.clear()
    answer = live.plain(path, **headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "server" not in answer.headers


def test_a_header_from_anywhere_else_is_no_login(tmp_path: Path) -> None:
    """Only the addresses of the settings are proxies; uvicorn must not believe a claimed one."""
    from tests.server.conftest import SERVE

    with site(tmp_path, serve=SERVE.replace("127.0.0.1", "10.0.0.7")) as made:
        for claimed in ("10.0.0.7", "10.0.0.7, 127.0.0.1"):
            answer = made.plain("/", **{HEADER: OPS, "X-Forwarded-For": claimed})
            assert answer.status_code == 401


def test_wrong_tokens_are_slowed_down(tmp_path: Path) -> None:
    """After ten from one address nobody there is told whether a token is right; pages go on."""
    from tests.server.conftest import SERVE

    time = ManualTime(NOW)
    with site(tmp_path, time=time, serve=SERVE.replace("127.0.0.1", "10.0.0.7")) as made:
        found = [made.plain("/", Authorization=f"Bearer {n}").status_code for n in range(12)]
        assert found == [401] * 10 + [429] * 2
        assert made.get("/").status_code == 200


def test_each_reader_has_a_limit(tmp_path: Path) -> None:
    from tests.server.conftest import SERVE

    serve, time = SERVE.replace("10000", "3"), ManualTime(NOW)
    with site(tmp_path, serve=serve, time=time) as made:
        assert [made.get("/", RECRUITER).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = made.get("/", RECRUITER)
        assert (refused.content, refused.headers["retry-after"]) == (b"", "21")
        assert made.get("/", MANAGER).status_code == 200


def test_every_answer_carries_the_safe_headers(live: Site) -> None:
    """Also errors. No page is kept in a cache, none sets a cookie but the form's."""
    for path in ("/", "/roles/acme/none", "/healthz"):
        answer = live.get(path, OPS)
        assert answer.headers["content-security-policy"] == POLICY
        assert "unsafe" not in POLICY
        assert "script" not in POLICY.replace("default-src 'none'", "")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    style = re.search(r'href="(/style/\w+\.css)"', live.get("/", OPS).text)
    assert style is not None
    sheet = live.plain(style[1])
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]


def test_a_reader_sees_the_roles_of_their_teams(live: Site) -> None:
    """Operators and the token see all; a stranger sees nothing, and is told why."""
    everything = re.findall(r">Engineer (\d+)\s*<", live.get("/", OPS).text)
    assert sorted(map(int, everything)) == list(range(SMALL.requisitions))
    assert re.findall(r">Engineer (\d+)\s*<", live.get("/").text) == everything
    theirs = re.findall(r">Engineer (\d+)\s*<", live.get("/", RECRUITER).text)
    assert 0 < len(theirs) < SMALL.requisitions
    stranger = live.get("/", "nobody@acme.example")
    assert stranger.status_code == 200
    assert "Engineer" not in stranger.text
    assert "on no hiring team" in stranger.text


def test_filter_and_search(live: Site) -> None:
    """By words in any order, by state, by side; what does not exist counts as nothing."""

    def found(query: str) -> list[str]:
        return re.findall(r">Engineer (\d+)\s*<", live.get(f"/?{query}", OPS).text)

    assert found("q=engineer+11") == ["11"]
    assert found("q=eng-7") == ["7"]
    assert found("q=nothing+like+it") == []
    late, every = found("show=late"), found("")
    assert 0 < len(late) < len(every)
    sides = found("side=recruiter"), found("side=hiring_manager")
    assert sorted(sides[0] + sides[1]) == sorted(every)
    assert found("show=%00&side=x&account=nowhere&q=") == every
    assert "No role matches." in live.get("/?q=%3Cscript%3E", OPS).text
    assert "<script>" not in live.get("/?q=%3Cscript%3Ealert(1)", OPS).text


def test_what_is_unknown_and_what_is_not_theirs_look_the_same(live: Site) -> None:
    """404 in words, and the same words."""
    for reader in (OTHER, OPS):
        unknown = live.get("/roles/acme/ENG-999", reader)
        assert unknown.status_code == 404
        assert "There is no such role" in unknown.text
        for path in ("/roles/nowhere/ENG-0", "/cases/999", "/cases/x", "/cases/" + "9" * 400, "/x"):
            assert live.get(path, reader).status_code == 404, path
    hidden = live.get("/roles/acme/ENG-0", OTHER)
    assert hidden.status_code == 404
    assert hidden.text == unknown.text.replace("/inbox", "/inbox")
    assert live.get("/briefs/acme/ENG-0", OTHER).text == hidden.text
    assert live.get("/inbox", RECRUITER).status_code == 404
    assert live.get("/metrics", RECRUITER).status_code == 404


def test_a_role_by_code_and_by_id(live: Site) -> None:
    for name in ("ENG-0", "r0"):
        page = live.get(f"/roles/acme/{name}", MANAGER)
        assert page.status_code == 200
        assert "<h1><bdi>Engineer 0</bdi></h1>" in page.text.replace(" </bdi>", "</bdi>")
        assert 'class="clock"' in page.text


def test_a_case_with_text_and_picture(live: Site) -> None:
    """For the team and for who has to act; not for others."""
    page = live.get("/cases/1", RECRUITER)
    assert page.status_code == 200
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "stalled-in-stage" in page.text
    assert live.get("/cases/1", OTHER).status_code == 404
    assert live.get("/cases/2", MANAGER).status_code == 200  # a3 is owed by person 3
    assert live.get("/cases/2", OTHER).status_code == 404


def test_my_promises(live: Site) -> None:
    """What waits on the reader and on nobody else."""
    mine = re.findall(r'href="/cases/(\d+)"', live.get("/mine", RECRUITER).text)
    theirs = re.findall(r'href="/cases/(\d+)"', live.get("/mine", MANAGER).text)
    assert mine
    assert theirs
    assert not set(mine) & set(theirs)
    assert "nothing can wait on you" in live.get("/mine", "nobody@acme.example").text
    assert "You read with a token" in live.get("/mine").text


@pytest.fixture(scope="module")
def secretive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Role 3 is confidential: its team is person 0 (recruiter) and person 4 (manager)."""
    folder = tmp_path_factory.mktemp("secretive")
    with opened(folder) as services:
        with closing(sqlite3.connect(folder / "atsbridge.db")) as connection, connection:
            connection.execute("UPDATE requisitions SET confidential = 1 WHERE id = 'r3'")
        held = Notice(
            key="held-1",
            account="acme",
            case=2,
            rule="stalled-in-stage",
            subject=services.store.cases.read_case(2).subject,  # type: ignore[union-attr]
            destination=Destination("console", "person", "person3@acme.example", person="u3"),
            purpose=Purpose.SEND,
            step=0,
            state=NoticeState.HELD,
            hold=Hold.SHADOW,
            created_at=NOW,
        )
        services.store.outbox.queue([held])
        with serving(services, folder) as made:
            yield made


def test_confidential_roles_are_for_their_team_only(secretive: Site) -> None:
    """Not for operators and not for the token: title, code, cases, brief and messages."""
    for reader in (OPS, "", OTHER):
        for path in ("/", "/?q=eng-3", "/mine", "/inbox"):
            text = secretive.get(path, reader).text
            assert not re.search(r"Engineer 3\b|ENG-3\b|roles/acme/r3\b", text), (reader, path)
        for path in ("/roles/acme/r3", "/roles/acme/ENG-3", "/briefs/acme/r3", "/cases/2"):
            assert secretive.get(path, reader).status_code == 404, (reader, path)
    assert "Person 3" not in secretive.get("/inbox", OPS).text
    assert "1 more is about confidential roles" in secretive.get("/inbox", OPS).text
    team = secretive.get("/roles/acme/r3", RECRUITER)
    assert team.status_code == 200
    assert "for the hiring team only" in team.text
    assert "Engineer 3" in secretive.get("/", "person4@acme.example").text


def test_who_has_to_act_sees_their_own_case(secretive: Site) -> None:
    """Person 3 is not on the team of role 3; the message told them of the case already."""
    page = secretive.get("/cases/2", "person3@acme.example")
    assert page.status_code == 200
    assert "/roles/acme/r3" not in page.text
    assert secretive.get("/roles/acme/r3", "person3@acme.example").status_code == 404


def test_somebody_who_left_sees_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        with closing(sqlite3.connect(tmp_path / "atsbridge.db")) as connection, connection:
            connection.execute("UPDATE users SET active = 0 WHERE id = 'u0'")
        with serving(services, tmp_path) as made:
            assert "on no hiring team" in made.get("/", RECRUITER).text
            assert made.get("/roles/acme/r0", RECRUITER).status_code == 404


def test_names_can_be_withheld(tmp_path: Path) -> None:
    """With `clearance = "open"` no page names a person or shows initials."""
    serve = '\n[report]\nclearance = "open"\n'
    with opened(tmp_path) as services:
        pass
    config = tmp_path / "atsbridge.toml"
    text = re.sub(r"\[report\]\npairs = \[.*\]\n", "", config.read_text("utf-8"))
    config.write_text(text + serve, "utf-8")
    from atsbridge.app import open_services

    with (
        open_services(config, time=ManualTime(NOW)) as services,
        serving(services, tmp_path) as made,
    ):
        for path in ("/", "/cases/1", "/roles/acme/r0", "/briefs/acme/r0", "/inbox"):
            page = made.get(path, OPS)
            assert page.status_code == 200
            assert not re.search(r"Person \d", page.text), path
            assert "acme.example" not in page.text, path


def test_reading_needs_no_lock(live: Site) -> None:
    """Every page is there while a run holds the account."""
    with live.services.store.lock("acme"):
        for path in PAGES[:-1]:
            assert live.get(path, OPS).status_code == 200, path


def test_health_and_metrics(live: Site) -> None:
    """Health needs no login and says nothing else; metrics are for operators."""
    assert live.plain("/healthz").text == "ok\n"
    live.get("/", OPS)
    text = live.get("/metrics").text
    assert 'atsbridge_http_requests_total{method="GET",route="/",status="200"}' in text
    assert (
        'atsbridge_open_cases{account="acme",clock="breached",rule="stalled-in-stage"} 10.0' in text
    )
    assert "person" not in text


def test_the_log_has_routes_and_no_names(tmp_path: Path) -> None:
    """No path, query, address or e-mail address; one JSON object a line.

    A line is written after its answer has left, so the log is read once the server has stopped.
    """
    with site(tmp_path) as made:
        made.get("/roles/acme/ENG-0?q=secret-4711", RECRUITER)
        made.get("/?q=secret-4711")
    lines = [json.loads(line) for line in made.log.getvalue().splitlines()]
    first, second = (line for line in lines if line["action"] == "request")
    assert first | {"at": "", "ms": 0, "bytes": 0} == {
        "at": "",
        "action": "request",
        "method": "GET",
        "route": "/roles/{account}/{name}",
        "status": 200,
        "ms": 0,
        "bytes": 0,
        "reader": "proxy",
    }
    assert second["reader"] == "token"
    for planted in ("secret-4711", "ENG-0", "person", "acme", TOKEN, "127.0.0.1", "Engineer"):
        assert planted not in made.log.getvalue()


def test_a_fault_is_a_page_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has where it happened, and no value of it."""

    def broken(*_: object) -> None:
        raise KeyError("Ada Lovelace")

    with site(tmp_path) as made:
        monkeypatch.setattr("atsbridge.server.pages.case_page.CasePage.view", broken)
        page = made.get("/cases/1", OPS)
        assert page.status_code == 500
        assert "The fault is ours" in page.text
        assert made.get("/", OPS).status_code == 200
        assert "KeyError" in made.log.getvalue()
        assert "Lovelace" not in page.text + made.log.getvalue()


def test_each_open_case_stands_once_on_the_page_of_its_role(
    live: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first have their clock drawn; the others are lines with a link."""
    page = live.get("/roles/acme/ENG-0", RECRUITER).text
    assert (page.count("<details"), len(re.findall(r'href="/cases/\d+"', page))) == (3, 3)
    monkeypatch.setattr("atsbridge.server.pages.requisition_page._DRAWN", 1)
    page = live.get("/roles/acme/ENG-0", RECRUITER).text
    assert (page.count("<details"), len(set(re.findall(r'href="/cases/(\d+)"', page)))) == (1, 3)
