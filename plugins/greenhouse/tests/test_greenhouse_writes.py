"""Notes on jobs, tags and custom fields: where they go, once, and taken off again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.errors import AmbiguousError, DeniedError, FatalError
from atsbridge.model.record import Key
from atsbridge.model.write_actions import CAPABILITIES, Mark, tag
from atsbridge.ports.connector import Note
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse import field_writer
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake.api import all_scopes
from atsbridge_greenhouse.fake.people import SERVICE_USER
from atsbridge_greenhouse.fake.stored_writes import Written

LATE = tag("feedback late")


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served()


@pytest.fixture
def written(fake: Fake) -> Written:
    """What the fake holds of it."""
    found: Any = fake.server.app
    assert isinstance(found.truth.written, Written)
    return found.truth.written


@pytest.fixture
def greenhouse(fake: Fake, connected: Callable[..., Greenhouse]) -> Greenhouse:
    return connected(fake)


@pytest.fixture
def application(company: Company) -> Key:
    return Key("acme", "application", next(iter(company.records("application"))))


@pytest.fixture
def on_job(company: Company) -> Note:
    job = Key("acme", "requisition", next(iter(company.records("requisition"))))
    return Note(job, "No profile for five days.", "8f21c0")


# --- notes on jobs ------------------------------------------------------------------------------


def test_a_note_on_a_job_names_its_author_and_is_found(
    greenhouse: Greenhouse, on_job: Note, written: Written
) -> None:
    """Private; by the service user, whom the token host names; marked like any other."""
    receipt = greenhouse.write_note(on_job)
    (row,) = written.job_notes.values()
    assert row.values == {
        "job_id": int(on_job.subject.id),
        "user_id": SERVICE_USER,
        "visibility": "privately_visible",
        "body": "No profile for five days.\n[atsbridge 8f21c0]",
    }
    assert receipt.ids["note"] == str(row.id)
    assert greenhouse.find_note(on_job) == receipt
    assert greenhouse.find_note(Note(on_job.subject, "", "000000")) is None


def test_who_acts_is_the_author_of_a_note_on_a_job(
    served: Callable[..., Fake],
    connected: Callable[..., Greenhouse],
    company: Company,
    on_job: Note,
) -> None:
    """`sub` of the account."""
    someone = next(iter(company.records("user")))
    fake = served(admins=[someone])
    connected(fake, sub=someone).write_note(on_job)
    app: Any = fake.server.app
    (row,) = app.truth.written.job_notes.values()
    assert row.values["user_id"] == int(someone)


def test_without_an_author_nothing_is_written(
    fake: Fake, greenhouse: Greenhouse, on_job: Note, written: Written
) -> None:
    """The remedy is a setting."""
    fake.server.faults.add("/introspect", status=404, body={}, times=None)
    with pytest.raises(FatalError, match="needs its author") as caught:
        greenhouse.write_note(on_job)
    assert "Set sub" in caught.value.remedy
    assert written.job_notes == {}


def test_a_job_nobody_sees_gets_no_note(greenhouse: Greenhouse, written: Written) -> None:
    """It is read first."""
    with pytest.raises(FatalError, match="job of the note cannot be seen"):
        greenhouse.write_note(Note(Key("acme", "requisition", "12"), "x", "8f21c0"))
    assert written.job_notes == {}


# --- tags ---------------------------------------------------------------------------------------


def test_a_tag_is_made_once_and_hangs_on_the_candidate(
    greenhouse: Greenhouse, company: Company, application: Key, written: Written
) -> None:
    """The receipt says who bears it: all their applications show it."""
    receipt = greenhouse.add_mark(application, LATE)
    candidate = getattr(company.records("application")[application.id], "candidate", "")
    assert receipt.ids == {"on": f"candidate/{candidate}", "had": False}
    other = Key("acme", "application", list(company.records("application"))[9])
    greenhouse.add_mark(other, tag("Feedback Late"))
    assert [row.values["name"] for row in written.tags.values()] == ["feedback late"]
    assert len(written.applied) == 2


def test_a_tag_is_taken_off_one_candidate_alone(
    greenhouse: Greenhouse, company: Company, application: Key, written: Written
) -> None:
    """The tag itself stays, for others bear it."""
    other = Key("acme", "application", list(company.records("application"))[9])
    greenhouse.add_mark(application, LATE)
    greenhouse.add_mark(other, LATE)
    greenhouse.remove_mark(application, LATE)
    assert greenhouse.find_mark(application, LATE) is None
    assert greenhouse.find_mark(other, LATE) is not None
    assert len(written.tags) == 1


def test_which_tags_there_are_is_asked_once(
    fake: Fake, greenhouse: Greenhouse, company: Company
) -> None:
    """However many candidates are tagged in a tick: three requests for each."""
    seats = [Key("acme", "application", one) for one in list(company.records("application"))[:4]]
    greenhouse.add_mark(seats[0], LATE)
    before = greenhouse.requests
    for one in seats[1:]:
        greenhouse.add_mark(one, LATE)
    assert greenhouse.requests - before == 3 * 3
    assert fake.server.count("/v3/candidate_tags") == 2  # read, and made


def test_a_tag_that_was_made_anew_is_found(
    greenhouse: Greenhouse, application: Key, written: Written, clock: ManualTime
) -> None:
    """Somebody deleted it, and a process that lives for weeks reads the list again."""
    greenhouse.add_mark(application, LATE)
    written.tags.clear()
    written.applied.clear()
    clock.advance(timedelta(hours=2))
    assert greenhouse.add_mark(application, LATE).ids["had"] is False
    assert [row.values["name"] for row in written.tags.values()] == ["feedback late"]


def test_a_lost_answer_is_read_back(
    fake: Fake, greenhouse: Greenhouse, application: Key, written: Written
) -> None:
    """It may have been put on: said so, and seen by looking."""
    fake.server.faults.add("/applied_candidate_tags$", drop=True, handled=True, method="POST")
    with pytest.raises(AmbiguousError):
        greenhouse.add_mark(application, LATE)
    assert greenhouse.find_mark(application, LATE) is not None
    assert len(written.applied) == 1


def test_a_tag_that_may_not_be_made_can_be_made_by_hand(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], application: Key
) -> None:
    """The remedy says so."""
    connector = connected(served(scopes=all_scopes() - {"harvest:candidate_tags:create"}))
    with pytest.raises(DeniedError) as caught:
        connector.add_mark(application, LATE)
    assert caught.value.remedy.startswith("Make the tag 'feedback late' in Greenhouse")


# --- custom fields ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (Mark("custom.sla", "late"), "late"),
        (Mark("custom.sla_state", "late"), "Late"),
        (Mark("custom.flagged", "true"), True),
        (Mark("custom.days_late", "3"), 3),
    ],
)
def test_a_field_is_set_and_emptied_again(
    greenhouse: Greenhouse, application: Key, written: Written, mark: Mark, said: Any
) -> None:
    """In the form its type takes, of a choice the id; set twice is set once."""
    assert greenhouse.add_mark(application, mark).ids["had"] is False
    assert written.field_values[application.id] == {mark.field.removeprefix("custom."): said}
    assert greenhouse.add_mark(application, mark).ids["had"] is True
    assert greenhouse.find_mark(application, mark) is not None
    greenhouse.remove_mark(application, mark)
    assert set(written.field_values[application.id].values()) == {None}


def test_what_a_person_wrote_meanwhile_stays(
    greenhouse: Greenhouse, application: Key, written: Written
) -> None:
    """Only our own value is emptied."""
    greenhouse.add_mark(application, Mark("custom.sla", "late"))
    written.field_values[application.id]["sla"] = "waived by Ines"
    greenhouse.remove_mark(application, Mark("custom.sla", "late"))
    assert written.field_values[application.id]["sla"] == "waived by Ines"


@pytest.mark.parametrize(
    ("mark", "what"),
    [
        (Mark("custom.slaa", "late"), "no custom field 'slaa'"),
        (Mark("custom.sla_state", "gone"), "none of its choices: Late, On time"),
        (Mark("custom.flagged", "perhaps"), "the field is of type yes_no"),
        (Mark("custom.days_late", "many"), "the field is of type number"),
    ],
)
def test_a_field_that_cannot_say_so_is_told(
    greenhouse: Greenhouse, application: Key, written: Written, mark: Mark, what: str
) -> None:
    """Nothing is written, and the words name what there is."""
    with pytest.raises(FatalError, match=what):
        greenhouse.add_mark(application, mark)
    assert not any(written.field_values.values())


def test_a_write_that_empties_other_fields_is_noticed(
    fake: Fake, greenhouse: Greenhouse, application: Key
) -> None:
    """Whether a PATCH leaves the others alone is written nowhere: the answer is looked at."""
    greenhouse.add_mark(application, Mark("custom.sla", "late"))
    fields = {"flagged": {"name": "Flagged", "type": "boolean", "value": True}}
    answer = {"id": int(application.id), "custom_fields": fields}
    fake.server.faults.add(f"/applications/{application.id}$", method="PATCH", body=answer)
    with pytest.raises(FatalError, match="writing flagged emptied other fields: sla"):
        greenhouse.add_mark(application, Mark("custom.flagged", "true"))


# --- permissions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        ("application_note", "harvest:notes:create"),
        ("job_note", "harvest:job_notes:create"),
        ("tag", "harvest:applied_candidate_tags:destroy"),
        ("application_field", "harvest:applications:update"),
    ],
)
def test_doctor_tells_what_may_not_be_written(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], word: str, scope: str
) -> None:
    """By the token's scopes, without writing; with where it is switched on."""
    fake = served(scopes=all_scopes() - {scope})
    line = connected(fake).check_write(word)
    assert (line.what, line.good) == (f"write {word}", False)
    assert line.detail == f"the token lacks {scope}"
    assert "API Credential Management" in line.remedy
    others = [connected(fake).check_write(one).good for one in CAPABILITIES if one != word]
    assert others == [True, True, True]


def test_a_token_host_that_does_not_tell_leaves_it_open(fake: Fake, greenhouse: Greenhouse) -> None:
    """Unknown is not refused."""
    fake.server.faults.add("/introspect", status=404, body={}, times=None)
    line = greenhouse.check_write("tag")
    assert (line.good, line.detail) == (True, "shows only once it is written")


@pytest.mark.parametrize(
    ("held", "text", "same"),
    [
        ({"type": "short_text", "value": "007"}, "7", False),
        ({"type": "short_text", "value": "1e3"}, "1000", False),
        ({"type": "short_text", "value": "Late"}, "late", True),
        ({"type": "number", "value": 7}, "7.0", True),
        ({"type": "number", "value": "7.00"}, "7", True),
        ({"type": "number", "value": "n/a"}, "N/A", True),
        ({"type": "yes_no", "value": True}, "yes", True),
        ({"type": "yes_no", "value": True}, "1", False),
        ({"type": "short_text", "value": None}, "None", False),
    ],
)
def test_only_numbers_are_compared_as_numbers(held: Any, text: str, same: bool) -> None:
    """A text that somebody changed is theirs, and is not emptied, even if its digits are ours."""
    assert field_writer._same(field_writer._value(held), text) is same
