"""What goes wrong between us and Greenhouse, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from atsbridge.errors import (
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
)
from atsbridge.net.response import HttpResponse
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake.api import all_scopes
from atsbridge_greenhouse.problems import explain

PLANTED = "planted-secret-0815"


def listed(connector: Greenhouse, name: str) -> int:
    """How many rows the list has."""
    return sum(len(page.rows) for page in connector.pages(connector.spec.stream(name)))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"message": "Unauthorized", "errors": ["Token expired"]}, "Unauthorized; Token expired"),
        ({"message": "Forbidden"}, "Forbidden"),
        ({"message": "Bad", "errors": [{"per_page": "too many"}]}, "Bad; per_page: too many"),
        (
            {"message": "Bad", "errors": [{"message": "is unknown", "field": "fields"}]},
            "Bad; fields: is unknown",
        ),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"errors": "cursor"}, "cursor"),
        ([], ""),
    ],
)
def test_what_the_vendor_says_is_one_sentence(body: object, sentence: str) -> None:
    """All the shapes its error bodies come in."""
    assert (
        explain(HttpResponse(422, {}, json.dumps(body).encode(), "https://x.example")) == sentence
    )


def test_a_missing_scope_names_the_list(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """403 on one list; the others go on."""
    connector = connected(served(scopes=all_scopes() - {"harvest:offers:list"}))
    with pytest.raises(DeniedError, match="Forbidden") as caught:
        listed(connector, "offers")
    assert "offers" in caught.value.where
    assert listed(connector, "users") > 0


def test_a_missing_scope_of_a_list_between_is_named(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """Interviews need job_interviews: the remedy names that one, not the stream's own."""
    connector = connected(served(scopes=all_scopes() - {"harvest:job_interviews:list"}))
    with pytest.raises(FatalError, match="cannot be read without job_interviews") as no:
        listed(connector, "interviews")
    assert "harvest:job_interviews:list" in no.value.remedy


def test_a_wrong_secret_stops_with_the_remedy(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """What to check is said; the secret and the client id are not."""
    connector = connected(served(), client_secret=PLANTED)
    with pytest.raises(AuthError) as caught:
        listed(connector, "users")
    assert "client_secret" in caught.value.remedy
    assert PLANTED not in f"{caught.value} {caught.value!r}"


def test_a_malformed_client_id_is_not_echoed(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """The token host repeats it in its error, we do not."""
    connector = connected(served(), client_id="malformed client id")
    with pytest.raises(AuthError) as caught:
        listed(connector, "users")
    assert "malformed client id" not in str(caught.value)


def test_no_secret_in_reprs(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """Settings, connector, session: whoever prints them gives nothing away."""
    connector = connected(served(client_secret=PLANTED))
    listed(connector, "offices")
    printed = f"{connector!r} {connector.session!r} {vars(connector)!r}"
    assert PLANTED not in printed
    assert "Bearer" not in printed


def test_no_candidate_in_errors(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], company: Company
) -> None:
    """An answer that breaks off is reported without what it held."""
    fake = served()
    connector = connected(fake)
    fake.server.faults.add(r"/v3/candidates", times=9, truncate=True)
    with pytest.raises(SourceError) as caught:
        list(connector.refresh("candidate", list(company.records("candidate"))[:5]))
    said = f"{caught.value} {caught.value!r}"
    names = [company.candidate_name(key) for key in list(company.records("candidate"))[:5]]
    assert not any(last in said for _, last in names)


def test_an_expired_cursor_starts_the_window_again(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """CursorError, which is how the engine knows that it may begin anew."""
    connector = connected(served(cursor_life=0))
    stream = connector.spec.stream("applications")
    small = replace(stream, params={**stream.params, "per_page": "20"})
    with pytest.raises(CursorError):
        list(connector.pages(small))


def test_a_token_that_ended_is_renewed_once(greenhouse: Greenhouse, clock: ManualTime) -> None:
    """An hour and more passes between two ticks of one process."""
    assert listed(greenhouse, "offices") > 0
    clock.sleep(3700)
    assert listed(greenhouse, "offices") > 0


@pytest.mark.parametrize("expiry", ["expires_at", "expires_in"])
def test_a_token_is_asked_for_once_an_hour(
    served: Callable[..., Fake],
    connected: Callable[..., Greenhouse],
    clock: ManualTime,
    expiry: str,
) -> None:
    """In whichever way its end is written."""
    fake = served(expiry=expiry)
    connector = connected(fake)
    for _ in range(5):
        listed(connector, "offices")
        clock.sleep(600)
    assert fake.server.count("/token") == 1


def test_a_token_taken_back_is_asked_for_again(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """401 in the middle: one new token, one repeat, and the caller sees nothing of it."""
    fake = served()
    connector = connected(fake)
    listed(connector, "offices")
    fake.server.app.tokens.issued.clear()
    assert listed(connector, "offices") > 0


def test_acting_as_somebody_who_may_not_read(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], company: Company
) -> None:
    """doctor names the cause: the acting user is no Site Admin."""
    user = next(iter(company.records("user")))
    fake = served()
    lines = {line.what: line for line in connected(fake, sub=user).check()}
    assert not lines["acting user"].good
    assert "Site Admin" in lines["acting user"].remedy
    admitted = connected(served(admins=[user]), sub=user)
    assert listed(admitted, "users") > 0


def test_doctor_names_each_missing_scope_and_where_it_is_given(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """Also those of lists that are only read to complete others."""
    missing = {"harvest:scorecards:list", "harvest:job_interviews:list"}
    connector = connected(served(scopes=all_scopes() - missing))
    bad = {line.what: line.remedy for line in connector.check() if not line.good}
    assert bad.keys() == {"read scorecards", "read job_interviews"}
    assert "harvest:job_interviews:list" in bad["read job_interviews"]
    assert all("API Credential Management" in remedy for remedy in bad.values())


def test_doctor_ends_at_a_bad_credential(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """Nothing further can work: one line says so."""
    connector = connected(served(), client_secret=PLANTED)
    (line,) = connector.check()
    assert not line.good
    assert PLANTED not in f"{line}"


def test_the_old_api_is_named(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """v1 and v2 answer nobody any more; a configuration from then is told what to write."""
    with pytest.raises(FatalError, match="switched off") as caught:
        connected(served(), base_url="https://harvest.greenhouse.io/v1")
    assert "/v3" in caught.value.remedy


def test_a_server_that_is_down_is_tried_again_later(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse]
) -> None:
    """5xx: retried with back-off, then left to the next tick."""
    fake = served()
    connector = connected(fake)
    fake.server.faults.add(r"/v3/users", times=2, status=503)
    assert listed(connector, "users") > 0
    fake.server.faults.add(r"/v3/users", times=50, status=503)
    with pytest.raises(RetryableError):
        listed(connector, "users")
