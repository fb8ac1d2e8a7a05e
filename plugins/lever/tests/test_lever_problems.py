"""Every error body that Lever is known to send, as one sentence with its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.errors import SourceError
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_lever.connector import Lever

NEWER = "Lever may have changed what it takes: look for a newer connector, and report it"
KEY = "A Lever key cannot be changed: make one with this permission"
GONE = "It may have been deleted; the next sync shows"
LATER = "The next run tries again"
REFUSALS: dict[str, tuple[str, str, int, Any, str]] = {
    "bad parameter": (
        *("GET", "/users", 400),
        {"code": "BadRequest", "message": "limit must be at most 100"},
        f"refused the request (400): limit must be at most 100. {NEWER}",
    ),
    "list forbidden": (
        *("GET", "/feedback_templates", 403),
        {"code": "Forbidden", "message": "API key has no permission"},
        f"does not allow this (403): API key has no permission. {KEY}: Feedback templates: list",
    ),
    "requisitions forbidden": (
        *("GET", "/requisitions", 403),
        {},
        (
            f"does not allow this (403). {KEY}: Requisitions: list, or set requisitions = false"
            " where Lever has none"
        ),
    ),
    "children forbidden": (
        *("GET", "/opportunities/o1/offers", 403),
        {"code": "Forbidden"},
        f"does not allow this (403): Forbidden. {KEY}: Offers: list",
    ),
    "note forbidden": (
        *("POST", "/opportunities/o1/notes", 403),
        {"code": "Forbidden"},
        f"does not allow this (403): Forbidden. {KEY}: Notes: write",
    ),
    "tag forbidden": (
        *("POST", "/opportunities/o1/addTags", 403),
        {},
        f"does not allow this (403). {KEY}: Opportunities: write",
    ),
    "unknown path": (
        *("GET", "/users", 404),
        {"code": "ResourceNotFound", "message": "/users was not found"},
        "refused the request (404): /users was not found. Check base_url: it ends in /v1",
    ),
    "unknown object": (
        *("GET", "/opportunities/o1", 404),
        {"code": "ResourceNotFound", "message": "opportunity o1 was not found"},
        f"refused the request (404): opportunity o1 was not found. {GONE}",
    ),
    "code alone": (
        *("GET", "/requisition_fields/f1", 404),
        {"code": "NotFoundError"},
        f"refused the request (404): NotFoundError. {GONE}",
    ),
    "conflict": (
        *("POST", "/opportunities/o1/notes", 409),
        {"code": "Conflict"},
        f"refused the request (409): Conflict. {NEWER}",
    ),
    "unprocessable": (
        *("GET", "/opportunities/o1/resumes", 422),
        {"message": "could not be processed"},
        f"refused the request (422): could not be processed. {NEWER}",
    ),
    "slow": (
        *("POST", "/opportunities/o1/notes", 408),
        {"code": "RequestTimeout"},
        f"gave up waiting for the request (408): RequestTimeout. {LATER}",
    ),
    "limit": (*("GET", "/users", 429), {}, f"asks to wait (429: rate limit). {LATER}"),
    "fault": (
        *("GET", "/users", 500),
        {"code": "InternalError"},
        f"has a fault of its own (500): InternalError. {LATER}",
    ),
    "maintenance": (
        *("GET", "/users", 503),
        None,
        "has a fault of its own (503). Lever is being maintained; the next run tries again",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_one_sentence_with_its_remedy(fake: Fake, lever: Lever, case: str) -> None:
    """The vendor's words, and what to do where; after the place."""
    method, path, status, body, said = REFUSALS[case]
    fake.server.faults.add(f"/v1{path}$", times=None, status=status, body=body)
    with pytest.raises(SourceError) as caught:
        lever.session.send(method, path, safe=method == "GET")
    assert str(caught.value) == f"{caught.value.where}: {said}"
    assert caught.value.where.endswith(f"/v1{path}")


def test_a_refused_key_names_where_keys_are_made(fake: Fake, lever: Lever) -> None:
    """In the app of this account's own data center."""
    body = {"code": "Unauthorized", "message": "Invalid API key"}
    fake.server.faults.add("/v1/users$", times=None, status=401, body=body)
    with pytest.raises(SourceError) as caught:
        lever.session.get("/users")
    assert caught.value.what == "refused the credential (401): Invalid API key"
    assert "Settings, Integrations and API, API Credentials" in caught.value.remedy
