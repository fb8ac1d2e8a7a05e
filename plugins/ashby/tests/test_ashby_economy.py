"""How many requests a sync takes: as the plan says, at any size."""

from __future__ import annotations

import pytest

from atsbridge.sync import request_cost
from atsbridge_ashby.spec import SPEC
from atsbridge_ashby.typical import sizes

_WHOLE = (
    *("users", "departments", "locations", "jobs", "openings", "interview_plans"),
    *("offers", "approvals"),
)
MINUTE = 900  # requests that the connector sends in one


@pytest.mark.parametrize(
    ("active", "lists", "children"),
    [(1_000, 140, 2_010), (10_000, 1_300, 20_100), (200_000, 26_000, 402_000)],
)
def test_a_first_load_at_three_sizes(active: int, lists: int, children: int) -> None:
    """Each list by the hundred, and the history of what is open or ended not long ago."""
    took = request_cost.requests(SPEC, sizes(active))
    below = sum(took[name] for name in ("stages", "stage_history"))
    assert 0.9 * lists <= sum(took.values()) - below <= lists
    assert 0.9 * children <= below <= children


@pytest.mark.parametrize(("active", "usual", "worst"), [(1_000, 15, 40), (10_000, 15, 150)])
def test_a_quiet_run_costs_little(active: int, usual: int, worst: int) -> None:
    """One request for each list with a token. In the worst one the night's whole lists and the
    daily reading of all stages fall together, and two users are asked for their pauses."""
    token = sum(s.incremental is not None and not s.only_if_mapped for s in SPEC.streams)
    assert token + 2 <= usual
    took = request_cost.requests(SPEC, sizes(active))
    night = sum(took[name] - 1 for name in _WHOLE) + took["archive_reasons"]
    assert token + 2 + night + took["stages"] <= worst


def test_only_short_lists_are_read_whole_at_night() -> None:
    """A night at 200,000 active applications takes five minutes."""
    nightly = {s.name for s in SPEC.streams if s.incremental and s.incremental.nightly}
    assert nightly == set(_WHOLE)
    took = request_cost.requests(SPEC, sizes(200_000))
    assert sum(took[name] for name in (*_WHOLE, "stages")) <= 5 * MINUTE
