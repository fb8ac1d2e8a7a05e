"""What goes wrong at Lever's end: said in one sentence with a remedy, and without a secret."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from atsbridge.errors import AuthError, CursorError, DeniedError, SkipRecord, SourceError
from atsbridge.ports.connector import Tools
from atsbridge.ports.stream import Stream
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_lever import interviews, opportunities, postings
from atsbridge_lever.connector import Lever
from atsbridge_lever.fake import KEY
from atsbridge_lever.spec import SPEC

Served = Callable[..., Fake]
Connected = Callable[..., Lever]


def drain(lever: Lever, stream: Stream, **more: Any) -> list[bytes]:
    return [bytes(raw) for page in lever.pages(stream, **more) for raw in page.rows]


def decoded(raws: list[bytes], stream: Stream) -> int:
    """How many of the rows cannot be read."""
    bad = 0
    for raw in raws:
        try:
            list(stream.normalize(msgspec.json.decode(raw, type=stream.row)))
        except (msgspec.DecodeError, SkipRecord):
            bad += 1
    return bad


def test_a_wrong_key_names_where_keys_are_made(fake: Fake, connected: Connected) -> None:
    """The account and the vendor's own screen, and not the key."""
    lever = connected(fake, api_key="another-secret-key-77aa")
    with pytest.raises(AuthError) as caught:
        drain(lever, SPEC.stream("users"))
    text = f"{caught.value} {caught.value!r} {lever.session!r}"
    assert "API Credentials" in text
    assert "account acme" in text
    assert "another-secret-key-77aa" not in text
    assert base64.b64encode(b"another-secret-key-77aa:").decode() not in text


def test_secrets_stay_out_of_reprs_and_validation() -> None:
    """Settings can be printed, and a wrong one does not show the key."""
    settings = SPEC.settings(api_key=KEY)
    assert KEY not in f"{settings!r} {settings}"
    with pytest.raises(ValidationError) as caught:
        SPEC.settings(api_key=KEY, base_url="nowhere", color=KEY)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("bad", [{"api_key": ""}, {}, {"api_key": "k", "base_url": "ftp://x"}])
def test_settings_that_cannot_work_are_refused(bad: dict[str, str]) -> None:
    """An empty key, none, an address of another sort."""
    with pytest.raises(ValidationError):
        SPEC.settings(**bad)


def test_one_missing_permission_ends_its_own_stream_alone(
    served: Served, connected: Connected
) -> None:
    """Lever's own words and the remedy; the others go on."""
    lever = connected(served(denied=frozenset({"users"}), confidential=True))
    with pytest.raises(DeniedError, match=r"no permission for users.*make one with"):
        drain(lever, SPEC.stream("users"))
    assert drain(lever, SPEC.stream("stages"))


def test_without_reasons_nobody_guesses_who_was_hired(
    served: Served, connected: Connected, clock: ManualTime
) -> None:
    """Archived opportunities then have no status; active ones do; it is asked for once."""
    fake = served(denied=frozenset({"archive_reasons"}), confidential=True)
    lever = connected(fake)
    window = (clock.now().replace(year=2020), clock.now())
    rows = [
        msgspec.json.decode(raw, type=opportunities.Opportunity)
        for raw in drain(lever, opportunities.STREAM, window=window)
    ]
    told = {
        (row.archived is None, f.values["status"])
        for row in rows
        for f in opportunities.normalize(row)
        if f.kind == "application"
    }
    assert told == {(True, "active"), (False, None)}
    assert fake.server.count("/v1/archive_reasons") == 1


def test_without_stages_ids_tell_who_is_early(served: Served, connected: Connected) -> None:
    """Built-in stages are known by their ids: nobody looks for interviews of new applicants with
    whom nothing happened."""
    lever = connected(served(denied=frozenset({"stages"}), confidential=True))
    rows = [
        msgspec.json.decode(raw, type=opportunities.Opportunity)
        for raw in drain(lever, opportunities.STREAM)
    ]
    live = [r for r in rows if r.archived is None]
    asked = {r.stage for r in live if opportunities.may_have_interviews(r)}
    assert asked == {r.stage for r in live} - {"applicant-new"}


def test_a_lever_without_requisitions_still_has_its_searches(
    served: Served, connected: Connected
) -> None:
    """Said in the settings: headcount and pay are then unknown, and nothing is asked in vain."""
    fake = served(denied=frozenset({"requisitions", "requisition_fields"}), confidential=True)
    with pytest.raises(DeniedError):
        drain(connected(fake), postings.STREAM)
    raws = drain(connected(fake, requisitions=False), postings.STREAM)
    (first, *_) = postings.normalize(msgspec.json.decode(raws[0], type=postings.Search))
    assert first.values["title"]
    assert first.values["headcount"] is None


def test_has_next_without_next_is_no_end(fake: Fake, lever: Lever) -> None:
    """A broken page is an error, not half a list."""
    fake.server.faults.add(r"/users$", body={"data": [], "hasNext": True})
    with pytest.raises(CursorError):
        drain(lever, SPEC.stream("users"))


def test_a_refused_token_sends_the_list_back_to_its_start(fake: Fake, lever: Lever) -> None:
    """`Invalid offset token` is a CursorError, which the engine answers with the first page."""
    body = {"code": "BadRequest", "message": "Invalid offset token"}
    fake.server.faults.add(r"/opportunities$", skip=1, status=400, body=body)
    stream = replace(opportunities.STREAM, params={"limit": "10"})
    with pytest.raises(CursorError, match="Invalid offset token"):
        drain(lever, stream)


def test_steady_reading_stays_below_the_limit(fake: Fake, lever: Lever, clock: ManualTime) -> None:
    """120 requests in a row: none refused, and more than 90% of the allowed rate used."""
    someone = next(iter(fake.company.records("application")))
    drain(lever, SPEC.stream("stages"))
    before = clock.monotonic()
    for _ in range(120):
        drain(lever, interviews.STREAM, parents=[someone])
    assert fake.server.statuses[429] == 0
    assert 120 / (clock.monotonic() - before) >= 0.9 * 10


def test_the_two_production_hosts_may_redirect_to_each_other(clock: ManualTime) -> None:
    """An account of the EU data center is sent there; the sandbox and strangers are not."""
    lever = SPEC.open(SPEC.settings(api_key=KEY), Tools("acme", clock))
    assert isinstance(lever, Lever)
    origins = {o.host for o in lever.session._origins if o}
    lever.close()
    assert origins == {"api.lever.co", "api.eu.lever.co"}


def test_bad_rows_are_the_readers_to_count(fake: Fake, lever: Lever) -> None:
    """Retyped, null or alien rows cost themselves; the list goes on around them."""
    good = {"id": "o1", "stage": "applicant-new", "applications": [], "newField": {"a": 1}}
    rows: list[Any] = [
        good,
        {"id": "o2", "stage": 7},
        {"id": "o3", "archived": "yes"},
        {"id": "o4", "applications": ["bare-id"]},
        {"stage": "applicant-new"},
        "a string",
        None,
        {"id": "o5", "stage": None, "stageChanges": None, "tags": None, "applications": None},
        {"id": "o6", "createdAt": "1793000000000", "updatedAt": "soon", "lastInteractionAt": 1e40},
    ]
    fake.server.faults.add(r"/opportunities$", body={"data": rows, "hasNext": False})
    raws = drain(lever, opportunities.STREAM)
    assert len(raws) == len(rows)
    assert decoded(raws, opportunities.STREAM) == 8


def test_a_requisition_that_cannot_be_read_spoils_its_posting_and_no_other(
    fake: Fake, lever: Lever
) -> None:
    """Left out it would make the search look open, or its headcount wrong."""
    (first, second, *_) = fake.company.records("requisition")
    body = [{"id": "r1", "postings": [first], "customFields": "none"}, {"id": "r2", "postings": []}]
    fake.server.faults.add(r"/requisitions$", body={"data": body, "hasNext": False})
    raws = {msgspec.json.decode(raw)["id"]: raw for raw in drain(lever, postings.STREAM)}
    assert decoded([raws[first]], postings.STREAM) == 1
    assert decoded([raws[second]], postings.STREAM) == 0


def test_a_requisition_without_anything_in_it_may_be_anybodys(fake: Fake, lever: Lever) -> None:
    """A posting that has none cannot be read then; one that has its own can."""
    (first, second, *_) = fake.company.records("requisition")
    body = [{"id": "r1", "postings": [first], "status": "open"}, {"id": "r2", "status": None}]
    fake.server.faults.add(r"/requisitions$", body={"data": body, "hasNext": False})
    raws = {msgspec.json.decode(raw)["id"]: raw for raw in drain(lever, postings.STREAM)}
    assert decoded([raws[first]], postings.STREAM) == 0
    assert decoded([raws[second]], postings.STREAM) == 1


def test_feedback_that_was_not_expanded_is_no_missing_feedback(fake: Fake, lever: Lever) -> None:
    """Bare ids do not tell who gave theirs: the interview cannot be read, nobody is blamed."""
    row = {"id": "i1", "interviewers": [{"id": "u1"}], "feedbackForms": ["f1"]}
    fake.server.faults.add(r"/interviews$", body={"data": [row], "hasNext": False})
    raws = drain(lever, interviews.STREAM, parents=["o1"])
    assert decoded(raws, interviews.STREAM) == 1


def test_an_offer_of_unreadable_age_costs_its_number(fake: Fake, lever: Lever) -> None:
    """The list is read all the same; the row is counted as one that cannot be read."""
    rows = [{"id": "o1", "createdAt": {"ms": 1793700000000}}, {"id": "o2", "createdAt": None}]
    fake.server.faults.add(r"/offers$", body={"data": rows, "hasNext": False})
    raws = drain(lever, SPEC.stream("offers"), parents=["c1"])
    assert [msgspec.json.decode(raw)["version"] for raw in raws] == [None, 1]


def test_doctor_names_what_a_key_lacks(served: Served, connected: Connected) -> None:
    """Every list and a candidacy's children are tried; the box to tick is named."""
    fake = served(denied=frozenset({"offers", "requisitions"}), confidential=True)
    lines = {line.what: line for line in connected(fake).check()}
    bad = {what for what, line in lines.items() if not line.good}
    assert bad == {"read offers", "read requisitions"}
    assert "Offers: list" in lines["read offers"].remedy
    assert {"read users", "read interviews", "read notes"} <= lines.keys()


def test_doctor_ends_at_a_wrong_key(fake: Fake, connected: Connected) -> None:
    """One bad line, the last: nothing further could work."""
    *_, line = connected(fake, api_key="wrong-key-123").check()
    assert line.what == "credential"
    assert not line.good
    assert "API Credentials" in line.remedy


def test_one_row_of_another_kind_cannot_be_refreshed(fake: Fake, lever: Lever) -> None:
    """The remedy says what to ask for instead; one that is not there is left out: a 404 alone
    proves no deletion."""
    with pytest.raises(SourceError, match="Refresh the application"):
        list(lever.refresh("seat", ["s1"]))
    ((_, nobody),) = lever.refresh("application", ["nobody"])
    assert (nobody.rows, nobody.deleted) == ((), ())
    search = next(iter(fake.company.records("requisition")))
    ((stream, page),) = lever.refresh("requisition", [search])
    assert stream is postings.STREAM
    assert msgspec.json.decode(page.rows[0])["id"] == search


@pytest.mark.parametrize(("may", "said"), [(True, "left out"), (False, "may not read")])
def test_doctor_tells_what_is_left_out_as_confidential(
    served: Served, connected: Connected, may: bool, said: str
) -> None:
    """Whether by the settings or by the key; neither is wrong."""
    fake = served(confidential=may)
    search = next(iter(fake.company.records("requisition")))
    fake.company.ledger.change("requisition", search, fake.company.now, confidential=True)
    lines = {c.what: c for c in connected(fake, confidential=False).check()}
    assert lines["confidential postings"].good
    assert said in lines["confidential postings"].detail
