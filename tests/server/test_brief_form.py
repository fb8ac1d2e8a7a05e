"""The form of a brief: who may send it, what is refused, and what it stores."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from benchmarks.report_store import stored
from sqlalchemy import create_engine, insert
from tests.server.conftest import HEADER, NOW, OPS, Site, opened, serving

from atsbridge.context import AccountContext, brief_writer_of
from atsbridge.model import Key
from atsbridge.store.database import RECORDS
from atsbridge.timesource import ManualTime

RECRUITER, MANAGER, OTHER = "person0@acme.example", "person3@acme.example", "person2@acme.example"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Site]:
    """Role 0 has a brief."""
    with opened(tmp_path) as services:
        file = tmp_path / "briefs" / "eng-0.yaml"
        file.parent.mkdir()
        file.write_text(
            "requisition: ENG-0\nsections:\n  must_haves: [Five years of Go]\n", "utf-8"
        )
        engine = create_engine(f"sqlite:///{tmp_path / 'atsbridge.db'}")
        with engine.begin() as connection:
            for user, role in (("u0", "recruiter"), ("u3", "hiring_manager")):
                row = {"id": f"t{user}", "requisition": "r0", "user": user, "role": role}
                connection.execute(insert(RECORDS["team_member"]), stored("team_member", row))
        engine.dispose()
        with services.store.lock("acme"):
            brief_writer_of(AccountContext(services, "acme"), [file])[0].write(None)
            services.store.subjects.derive("acme", NOW)
        with serving(services, tmp_path, time=ManualTime(NOW)) as made:
            yield made


_HIDDEN = ("token", "seen", "shown")


def form_of(made: Site, reader: str) -> tuple[requests.Session, dict[str, str]]:
    """A browser with the form open, and the form's fields."""
    browser = requests.Session()
    browser.headers.update({HEADER: reader, "Origin": made.url})
    page = browser.get(f"{made.url}/briefs/acme/r0", timeout=20)
    assert page.status_code == 200
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text) for name in _HIDDEN}
    return browser, {name: one[1] if one else "" for name, one in found.items()}


def test_both_sides_agree_by_the_form(written: Site) -> None:
    """Through the same door as the command; the page then shows it."""
    url = f"{written.url}/briefs/acme/r0"
    for reader in (RECRUITER, MANAGER):
        browser, fields = form_of(written, reader)
        assert fields["token"]
        answer = browser.post(url, data=fields, timeout=20, allow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/briefs/acme/r0")
    page = written.get("/briefs/acme/r0", RECRUITER).text
    assert page.count(": agreed ") == 2
    assert "Five years of Go" in page


def test_only_the_two_sides_have_the_form(written: Site) -> None:
    """Operators and programs read the brief, and write nothing."""
    for reader in (OPS, ""):
        assert 'name="token"' not in written.get("/briefs/acme/r0", reader).text
    browser, _ = form_of(written, OPS)
    assert (
        browser.post(f"{written.url}/briefs/acme/r0", data={"a": "b"}, timeout=20).status_code
        == 403
    )


@pytest.mark.parametrize(
    ("headers", "change", "status"),
    [
        ({"Origin": "https://evil.example"}, {}, 403),
        ({"Origin": "null"}, {}, 403),
        ({"Origin": None}, {}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, {}, 403),
        ({}, {"token": "0" * 64}, 403),
        ({"Cookie": "atsbridge-form=" + "0" * 64}, {}, 403),
        ({"Content-Type": "text/plain"}, {}, 415),
    ],
)
def test_a_forged_form_stores_nothing(
    written: Site, headers: dict[str, str | None], change: dict[str, str], status: int
) -> None:
    """From another site, with another token, with a cookie that somebody else set."""
    browser, fields = form_of(written, RECRUITER)
    browser.headers.update(headers)  # type: ignore[arg-type]
    answer = browser.post(f"{written.url}/briefs/acme/r0", data=fields | change, timeout=20)
    assert answer.status_code == status
    assert ": agreed " not in written.get("/briefs/acme/r0", RECRUITER).text


def test_the_cookie_is_for_the_form_only(written: Site) -> None:
    """Not readable by scripts, not sent by other sites, and on no other page."""
    cookie = written.get("/briefs/acme/r0", RECRUITER).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "set-cookie" not in written.get("/roles/acme/r0", RECRUITER).headers


def test_a_form_that_is_too_large_or_no_form(written: Site) -> None:
    browser, fields = form_of(written, RECRUITER)
    url = f"{written.url}/briefs/acme/r0"
    assert browser.post(url, data={**fields, "x": "y" * 200_000}, timeout=20).status_code == 413
    many = {f"f{n}": "x" for n in range(50)}
    assert browser.post(url, data=many, timeout=20).status_code == 400
    raw = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.post(url, data=b"\xff=%ff", headers=raw, timeout=20).status_code == 400


def test_a_run_at_work_makes_the_form_wait(written: Site) -> None:
    """It waits for the run; one that takes too long is told, and nothing is stored."""
    browser, fields = form_of(written, RECRUITER)
    url = f"{written.url}/briefs/acme/r0"
    with written.services.store.lock("acme"):
        answer = browser.post(url, data=fields, timeout=20)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert "Nothing was stored" in answer.text
    assert browser.post(url, data=fields, timeout=20, allow_redirects=False).status_code == 303
    assert threading.active_count() < 50


def answer(made: Site, reader: str, **sections: str) -> requests.Response:
    """Send the form with these sections changed, as a browser sends it."""
    browser, fields = form_of(made, reader)
    fields |= {"act": "answer"} | {f"section.{name}": text for name, text in sections.items()}
    url = f"{made.url}/briefs/acme/r0"
    return browser.post(url, data=fields, timeout=20, allow_redirects=False)


def test_answers_are_stored_through_the_same_door(written: Site) -> None:
    """What differs is stored, with who wrote it; the page shows it again in the form."""
    said = "Two to one for what is written.\nIt hurts to say no </textarea><script>alert(1)"
    assert answer(written, MANAGER, team_culture=said, soft_skills="").status_code == 303
    page = written.get("/briefs/acme/r0", RECRUITER).text
    assert "Two to one for what is written.\nIt hurts to say no &lt;/textarea&gt;" in page
    assert "<script>" not in page
    brief = Key("acme", "brief", "r0")
    (change,) = [
        one
        for one in written.services.store.history.read_changes(brief, ["sections"])
        if one.actor == MANAGER
    ]
    assert set(change.new) == {"team_culture"}


def test_an_answer_that_cannot_be_stored_is_shown_again(written: Site) -> None:
    """With its reason and its text; the others are stored."""
    told = answer(
        written, RECRUITER, must_haves="Ten years", team_culture="y" * 5000, priorities="Speed"
    )
    assert told.status_code == 409
    assert "precedence" in told.text
    assert "too long" in told.text
    assert ">\nTen years</textarea>" in told.text
    page = written.get("/briefs/acme/r0", RECRUITER).text
    assert "Speed" in page
    assert "Ten years" not in page
    assert "Five years of Go" in page


def test_operators_and_strangers_write_no_answer(written: Site) -> None:
    """They have no form, and a token of another reader does not help."""
    for reader in (OPS, OTHER):
        browser, fields = form_of(written, RECRUITER)
        browser.headers[HEADER] = reader
        fields |= {"act": "answer", "section.priorities": "planted"}
        told = browser.post(f"{written.url}/briefs/acme/r0", data=fields, timeout=20)
        assert told.status_code in (403, 404)
    assert "planted" not in written.get("/briefs/acme/r0", RECRUITER).text


def test_nobody_agrees_to_what_they_have_not_seen(written: Site) -> None:
    """Somebody changed the brief while the page was open."""
    browser, fields = form_of(written, RECRUITER)
    assert answer(written, MANAGER, priorities="Speed before experience").status_code == 303
    url = f"{written.url}/briefs/acme/r0"
    told = browser.post(url, data=fields, timeout=20, allow_redirects=False)
    assert told.status_code == 409
    assert "has changed since you opened it" in told.text
    assert ": agreed " not in written.get("/briefs/acme/r0", RECRUITER).text


def test_what_the_other_side_wrote_meanwhile_stays(written: Site) -> None:
    """Both have the form open. Who left a section alone does not empty it again; who wrote into the
    same one reads what it says now, and may replace it."""
    browser, fields = form_of(written, RECRUITER)
    assert answer(written, MANAGER, priorities="Speed", team_culture="Calm").status_code == 303
    said = {"section.priorities": "Experience", "section.team_culture": "", "act": "answer"}
    url = f"{written.url}/briefs/acme/r0"
    told = browser.post(url, data=fields | said, timeout=20, allow_redirects=False)
    assert told.status_code == 409
    assert "<bdi>Speed</bdi>" in told.text
    assert ">\nExperience</textarea>" in told.text
    assert ">\nCalm</textarea>" in told.text
    again = re.search(r'name="shown" value="([^"]+)"', told.text)
    assert again is not None
    fields |= {"shown": again[1], "section.team_culture": "Calm", "act": "answer"}
    told = browser.post(url, data={**said, **fields}, timeout=20, allow_redirects=False)
    assert told.status_code == 303
    page = written.get("/briefs/acme/r0", MANAGER).text
    assert ">\nExperience</textarea>" in page
    assert ">\nCalm</textarea>" in page


def test_pay_in_a_brief_is_for_its_two_sides(written: Site) -> None:
    """They wrote it; operators and programs read the other sections."""
    said = answer(written, MANAGER, market_expectations="EUR 90,000", priorities="Speed")
    assert said.status_code == 303
    for reader, reads in ((RECRUITER, True), (OPS, False), ("", False)):
        page = written.get("/briefs/acme/r0", reader).text
        assert "Speed" in page
        assert ("90,000" in page) is reads
        assert ("it may name pay" in page) is not reads
