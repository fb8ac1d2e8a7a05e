"""What Ashby's refusals mean: most come as 200."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from atsbridge.errors import AuthError, DeniedError, FatalError, RetryableError
from atsbridge.net.response import HttpResponse
from atsbridge.ports import Refusal
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.fake.listing import refusal
from atsbridge_ashby.refusals import CODES, classify, explain, permission_of
from atsbridge_ashby.spec import SPEC


def answer(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, msgspec.json.encode(body), "https://api.example/job.list")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"success": True, "results": []}, 200, None),
        ({"results": []}, 200, None),
        (refusal("sync_token_expired"), 200, Refusal.SYNC_TOKEN),
        (refusal("incremental_sync_too_large"), 200, Refusal.SYNC_TOKEN),
        (refusal("next_cursor_expired"), 200, Refusal.PAGE_TOKEN),
        (refusal("missing_endpoint_permission"), 200, Refusal.PERMISSION),
        (refusal("missing_endpoint_permission"), 403, Refusal.PERMISSION),
        (refusal("application_not_found"), 200, Refusal.NOT_FOUND),
        (refusal("brand_new_code"), 200, Refusal.INVALID),
        (refusal("brand_new_code"), 403, Refusal.CREDENTIAL),
        (refusal("brand_new_code"), 404, None),
        (refusal("rate_limit_exceeded"), 429, None),
        ({"success": False}, 200, Refusal.INVALID),
        ({"success": False}, 403, None),
        ({"success": False, "errors": ["sync_token_expired"]}, 200, Refusal.SYNC_TOKEN),
        ({"success": False, "errors": [{"message": "not_found"}]}, 200, Refusal.NOT_FOUND),
    ],
)
def test_the_code_says_what_is_meant(body: Any, status: int, expected: Refusal | None) -> None:
    """In `errorInfo`, in older answers in `errors`; None leaves it to the status."""
    assert classify(answer(body, status)) is expected


def test_the_vendors_words_are_quoted() -> None:
    """The message, else the code."""
    assert explain(answer(refusal("x", "Job is gone"))) == "Job is gone"
    assert explain(answer({"success": False, "errors": ["not_found"]})) == "not_found"


def test_every_list_has_a_permission_with_a_name() -> None:
    """As the scope of its stream says."""
    for stream in SPEC.streams:
        assert permission_of(stream.path.removeprefix("/")) == stream.scope
    assert permission_of("candidate.createNote") == "Candidates: write"
    assert permission_of("report.generate") == ""


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("missing_endpoint_permission", DeniedError),
        ("invalid_api_key", AuthError),
        ("not_found", FatalError),
        ("internal_server_error", RetryableError),
        ("brand_new_code", FatalError),
    ],
)
def test_a_refusal_in_a_200_is_never_an_empty_list(
    fake: Fake, ashby: Ashby, code: str, error: type[Exception]
) -> None:
    """Each leads to its decision."""
    fake.server.faults.add("job.list", times=None, status=200, body=refusal(code))
    with pytest.raises(error) as caught:
        list(ashby.pages(SPEC.stream("jobs")))
    assert code.replace("_", " ") in str(caught.value)


def test_a_missing_permission_is_named(
    served: Callable[..., Fake], connected: Callable[..., Ashby]
) -> None:
    """As Ashby's screen groups it."""
    ashby = connected(served(denied=frozenset({"hiringProcessMetadataRead"})))
    with pytest.raises(DeniedError) as caught:
        list(ashby.pages(SPEC.stream("archive_reasons")))
    assert "Hiring process metadata: read" in caught.value.remedy


def test_codes_are_listed_once() -> None:
    """And each has a meaning."""
    assert set(CODES.values()) <= set(Refusal)
