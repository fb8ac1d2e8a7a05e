"""Names of candidates: read by id, when a message needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_ashby.connector import Ashby


def read_names(connector: Ashby, *ids: str) -> dict[str, Any]:
    return {
        fragment.id: (fragment.values["display_name"], fragment.values["initials"])
        for stream, page in connector.refresh("candidate", ids)
        for raw in page.rows
        for fragment in stream.normalize(msgspec.json.decode(raw, type=stream.row))
    }


def test_a_name_is_read_with_one_request(
    company: Company, fake: Fake, connected: Callable[..., Ashby]
) -> None:
    """Its first letters too; whoever is not found is left out."""
    connector = connected(fake)
    one, other = sorted(company.records("candidate"))[:2]
    before = connector.requests
    found = read_names(connector, one, other, "00000000-0000-4000-8000-000000000000")
    assert connector.requests - before == 3
    names = [" ".join(company.candidate_name(who)) for who in (one, other)]
    assert found == {
        who: (name, "".join(part[0] for part in name.split()))
        for who, name in zip((one, other), names, strict=True)
    }
