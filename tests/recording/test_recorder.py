"""Recordings of the fakes hold nothing of theirs, and the connectors read them."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atsbridge.errors import ConfigError, DeniedError
from atsbridge.ports import ConnectorSpec, Tools
from atsbridge.recording import (
    RecordedAccount,
    RecordedList,
    RecordingOptions,
    Replacer,
    known_members,
    known_terms,
    read_recordings,
    record,
    write_recording,
)
from atsbridge.sandbox import Company, CompanyProfile, Request, Response
from atsbridge.testing.recording_checks import RecordingChecks
from atsbridge.timesource import ManualTime
from atsbridge_ashby.fake import company_ids as ashby_ids
from atsbridge_ashby.fake import serve as serve_ashby
from atsbridge_ashby.spec import SPEC as ASHBY
from atsbridge_greenhouse.fake import company_ids as greenhouse_ids
from atsbridge_greenhouse.fake import serve as serve_greenhouse
from atsbridge_greenhouse.spec import SPEC as GREENHOUSE
from atsbridge_lever.fake import company_ids as lever_ids
from atsbridge_lever.fake import serve as serve_lever
from atsbridge_lever.spec import SPEC as LEVER

PLANTED = ("Zelda", "Plantedson", "901820555", "DE89370400440532013000", "zelda.planted")
NOTE = "Zelda Plantedson +49 30 901820555 DE89370400440532013000 zelda.planted@home.example"
FAKES = {
    "greenhouse": (GREENHOUSE, serve_greenhouse, greenhouse_ids, "per_requisition"),
    "lever": (LEVER, serve_lever, lever_ids, "shared"),
    "ashby": (ASHBY, serve_ashby, ashby_ids, "per_requisition"),
}


def plant(value: Any, name: str = "") -> Any:
    """The answer with private texts in every text that names or describes, and beside every one."""
    if isinstance(value, list):
        return [plant(one, name) for one in value]
    if not isinstance(value, dict):
        told = isinstance(value, str) and name in ("name", "text", "title", "label", "notes")
        return f"{value} {NOTE}" if told else value
    found = {key: plant(one, key) for key, one in value.items()}
    return {**found, "x_private": NOTE, "x_map": {NOTE: 901820555}} if "id" in value else found


def served(name: str, applications: int = 60) -> Iterator[tuple[ConnectorSpec, Company, Any]]:
    """A connector on a fake whose answers are full of private texts."""
    spec, serve, ids, pipeline = FAKES[name]
    profile = CompanyProfile(ids, pipeline)  # type: ignore[arg-type]
    company = Company(5, applications=applications, requisitions=6, profile=profile)
    clock = ManualTime(company.now)
    with serve(company, clock) as fake:
        app = fake.server.app

        def answer(request: Request) -> Response:
            response = app(request)
            if response.status != 200 or "token" in request.path:
                return response
            body = response.body
            plain = json.loads(body) if isinstance(body, bytes) else body
            return Response(200, plant(plain), response.headers)

        fake.server.app = answer
        settings = spec.settings.model_validate(dict(fake.settings))
        connector = spec.open(settings, Tools("acme", clock))
        yield spec, company, connector
        connector.close()


def recorded(spec: ConnectorSpec, connector: Any) -> RecordedAccount:
    replacer = Replacer(
        known_terms(spec), known_members(spec), lambda n: hashlib.sha256(b"x").digest()[:n]
    )
    return record(connector, replacer, RecordingOptions(pages=2, parents=8))


@pytest.fixture(scope="module", params=FAKES)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ConnectorSpec, Company, Path]]:
    """The recording of a fake, as files."""
    folder = tmp_path_factory.mktemp("recording") / "out"
    for spec, company, connector in served(request.param):
        found = recorded(spec, connector)
        assert found.failures == {}
        assert found.changed == {}, "every row that was understood is still understood"
        write_recording(folder, found.lists)
        yield spec, company, folder


def test_nothing_of_the_answers_is_in_the_files(
    made: tuple[ConnectorSpec, Company, Path],
) -> None:
    """Neither what was planted, nor any name, address or id of the company."""
    _, company, folder = made
    text = "\n".join(path.read_text("utf-8") for path in folder.iterdir())
    assert [one for one in PLANTED if one in text] == []
    people = [person.email for person in company.people]
    people += [person.name for person in company.people]
    for one in company.records("candidate"):
        people += [" ".join(company.candidate_name(one)), company.candidate_email(one)]
    assert [one for one in people if one in text] == []
    titles = {str(one.title) for one in company.records("requisition").values()}  # type: ignore[attr-defined]
    assert [one for one in titles if one in text] == []
    ids = [f'"{one}"' for kind in ("application", "user") for one in company.records(kind)]
    long = [one for one in ids if len(one) > 12]
    assert [one for one in long if one in text] == []


def test_only_their_owner_may_read_the_files(made: tuple[ConnectorSpec, Company, Path]) -> None:
    for path in made[2].iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_contract_replays_them(made: tuple[ConnectorSpec, Company, Path]) -> None:
    class Replayed(RecordingChecks):
        spec = made[0]
        recordings = (made[2],)

    assert len(list(Replayed().recorded())) > 5
    Replayed().test_recorded_rows_are_understood()


def test_references_still_lead_to_records(made: tuple[ConnectorSpec, Company, Path]) -> None:
    from atsbridge.recording import understand

    spec, _, folder = made
    known: dict[str, set[str]] = {}
    named: set[str] = set()
    for one in read_recordings(folder):
        for row in one.rows:
            for fragment in understand(spec.stream(one.stream), row) or ():
                known.setdefault(fragment.kind, set()).add(fragment.id)
                if fragment.kind == "application":
                    named.add(fragment.values.get("requisition") or "")
    assert named & known["requisition"]


def test_lists_by_post_are_recorded_page_by_page(tmp_path: Path) -> None:
    """Two pages by cursor, children by a parent in the body, and no sync token in a file."""
    for spec, _, connector in served("ashby", 250):
        found = {one.stream: one for one in recorded(spec, connector).lists}
        assert len(found["applications"].rows) == 200
        assert len({row["id"] for row in found["applications"].rows}) == 200
        stays = found["stage_history"].rows
        parents = {row["applicationId"] for row in stays}
        assert 1 < len(parents) <= 8
        assert parents <= {row["id"] for row in found["applications"].rows}
        files = write_recording(tmp_path / "out", list(found.values()))
        assert "syncToken" not in "".join(file.read_text("utf-8") for file in files)


def test_a_contract_with_a_row_that_is_not_understood_fails(tmp_path: Path) -> None:
    rows = [{"id": [n]} for n in range(30)]
    write_recording(tmp_path / "bad", [RecordedList("users", rows)])

    class Replayed(RecordingChecks):
        spec = GREENHOUSE
        recordings = (tmp_path / "bad",)

    with pytest.raises(AssertionError, match="30 of 30 of users"):
        Replayed().test_recorded_rows_are_understood()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", "utf-8")
    with pytest.raises(ConfigError, match="not empty"):
        write_recording(tmp_path, [RecordedList("users", [{"id": 1}])])


@pytest.mark.parametrize("content", ["", "[]", '{"version": 9, "stream": "x", "rows": []}'])
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "users.recording.json").write_text(content, "utf-8")
    with pytest.raises(ConfigError, match="recording"):
        list(read_recordings(tmp_path))


def test_words_of_the_code_are_known_and_its_documentation_is_not() -> None:
    terms = known_terms(LEVER)
    assert {"hired", "applicant"} <= terms
    assert not any(len(term) > 40 for term in terms)
    assert {"id", "createdAt", "feedbackForms"} <= known_members(LEVER)


def test_a_list_that_cannot_be_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for spec, _, connector in served("lever"):
        pages = connector.pages

        def refused(stream: Any, pages: Any = pages, **how: Any) -> Any:
            if stream.name == "users":
                raise DeniedError("not allowed")
            return pages(stream, **how)

        monkeypatch.setattr(connector, "pages", refused)
        found = recorded(spec, connector)
        assert found.failures == {"users": "not allowed"}
        assert "postings" in [one.stream for one in found.lists if one.rows]
