"""Every error body that Greenhouse is known to send, as one sentence with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from atsbridge.errors import SourceError
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_greenhouse.connector import Greenhouse

SCREEN = "Configure > Dev Center > API Credential Management"
NEWER = "Greenhouse may have changed what it takes: look for a newer connector, and report it"
CREDENTIAL = (
    f"Check client_id and client_secret: {SCREEN}, type 'Harvest V3 (OAuth)'. The secret is shown"
    " once, and a rotated one ends within a week"
)
LATER = "The next run tries again"
GONE = "It may have been deleted; the next sync shows"


def _scope(scope: str) -> str:
    return (
        f"Give the credential the scope {scope} ({SCREEN}), and let it act as its own service user"
        " or as a Site Admin"
    )


HARVEST: dict[str, tuple[str, str, int, Any, str]] = {
    "unknown parameter": (
        *("GET", "users", 422),
        {"message": "Bad", "errors": ["job_id is not a valid query parameter"]},
        f"refused the request (422): Bad; job_id is not a valid query parameter. {NEWER}",
    ),
    "page too large": (
        *("GET", "users", 422),
        {"message": "Invalid", "errors": [{"message": "501 is too many", "field": "per_page"}]},
        f"refused the request (422): Invalid; per_page: 501 is too many. {NEWER}",
    ),
    "bad body": (
        *("POST", "notes", 400),
        {"message": "Bad request", "errors": [{"visibility": "is not included in the list"}]},
        f"refused the request (400): Bad request; visibility: is not included in the list. {NEWER}",
    ),
    "token": (
        *("GET", "users", 401),
        {"message": "Unauthorized", "errors": ["Token expired"]},
        f"refused the credential (401): Unauthorized; Token expired. {CREDENTIAL}",
    ),
    "scope of a list": (
        *("GET", "offers", 403),
        {"message": "Forbidden"},
        f"does not allow this (403): Forbidden. {_scope('harvest:offers:list')}",
    ),
    "scope of a write": (
        *("PATCH", "applications/7", 403),
        {"message": "Forbidden"},
        f"does not allow this (403): Forbidden. {_scope('harvest:applications:update')}",
    ),
    "scope of taking off": (
        *("DELETE", "applied_candidate_tags/7", 403),
        {},
        f"does not allow this (403). {_scope('harvest:applied_candidate_tags:destroy')}",
    ),
    "route": (
        *("GET", "users", 404),
        {"message": "Resource not found"},
        "refused the request (404): Resource not found. Check base_url: it ends in /v3",
    ),
    "row": (
        *("PATCH", "applications/7", 404),
        {"message": "Resource not found"},
        f"refused the request (404): Resource not found. {GONE}",
    ),
    "too much": (
        *("POST", "notes", 413),
        {"message": "Too large"},
        "refused the request (413): Too large. Write less at once",
    ),
    "limit": (
        *("GET", "users", 429),
        {},
        f"asks to wait (429: rate limit). {LATER}",
    ),
    "down": (
        *("GET", "users", 503),
        {"status": "?"},
        f"has a fault of its own (503). {LATER}",
    ),
    "down while it writes": (
        *("POST", "notes", 500),
        None,
        f"has a fault of its own (500). {LATER}",
    ),
}
TOKEN: dict[str, tuple[int, Any, str]] = {
    "no credential": (
        401,
        {"message": "No credential", "errorId": "e-1"},
        "refused the credential (401)",
    ),
    "malformed id": (
        400,
        {"message": "Malformed client id sandbox-client-4711", "errorId": "e-2"},
        "the credential was refused by the token address (400)",
    ),
    "unknown pair": (401, {"error": "invalid_client"}, "refused the credential (401)"),
    "grant": (
        400,
        {"message": "grant_type must be one of authorization_code, refresh_token"},
        "the credential was refused by the token address (400)",
    ),
    "acting user": (
        400,
        {"error": "invalid_grant"},
        "the credential was refused by the token address (400)",
    ),
    "not for this client": (
        400,
        {"error": "unauthorized_client"},
        "the credential was refused by the token address (400)",
    ),
}


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served()


@pytest.mark.parametrize("case", HARVEST)
def test_a_refusal_is_one_sentence_with_its_remedy(
    fake: Fake, connected: Callable[..., Greenhouse], case: str
) -> None:
    """The vendor's words, and what to do where; after the place."""
    method, path, status, body, said = HARVEST[case]
    connector = connected(fake)
    fake.server.faults.add(f"/v3/{path}$", times=None, status=status, body=body)
    with pytest.raises(SourceError) as caught:
        connector.session.send(method, path, safe=method == "GET")
    assert str(caught.value) == f"{caught.value.where}: {said}"
    assert caught.value.where.endswith(f"/v3/{path}")


@pytest.mark.parametrize("case", TOKEN)
def test_a_refused_credential_names_what_to_check(
    fake: Fake, connected: Callable[..., Greenhouse], case: str
) -> None:
    """One sentence; what the token host repeats of the credential is not repeated."""
    status, body, said = TOKEN[case]
    fake.server.faults.add("/token$", times=None, status=status, body=body)
    with pytest.raises(SourceError) as caught:
        connected(fake).session.get("users")
    assert caught.value.what == said
    assert caught.value.remedy.startswith("Check client_id and client_secret of account acme")
    assert "sandbox-client-4711" not in str(caught.value)
