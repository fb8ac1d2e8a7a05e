"""Applications that are taken up again lose their rejection, also if that list failed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_greenhouse.connector import Greenhouse

DAY = timedelta(days=1)


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served()


@pytest.fixture
def changed(fake: Fake) -> tuple[str, datetime]:
    """A running application, and when it changed last."""
    found = fake.company.records("application").items()
    return next((key, one.updated_at) for key, one in found if one.status == "active")


def read_running(connector: Greenhouse, *window: datetime) -> list[str]:
    """The applications that the list of rejections clears, in a window."""
    stream = connector.spec.stream("rejection_details")
    raws = [raw for page in connector.pages(stream, window=window) for raw in page.rows]
    rows: list[dict[str, Any]] = [msgspec.json.decode(raw) for raw in raws]
    return [str(row["application_id"]) for row in rows if str(row["id"]).startswith("no-")]


def read_applications(connector: Greenhouse, *window: datetime) -> None:
    for _ in connector.pages(connector.spec.stream("applications"), window=window):
        pass


def test_what_changed_while_the_list_failed_is_cleared_by_the_next_process(
    fake: Fake, connected: Callable[..., Greenhouse], changed: tuple[str, datetime]
) -> None:
    """The first process read the applications, not the rejections: their window grows."""
    key, at = changed
    begin, middle, end = at - DAY, at + DAY, at + 2 * DAY
    read_applications(connected(fake), begin, middle)
    later = connected(fake)
    read_applications(later, middle, end)
    before = fake.server.count("/v3/applications")
    assert key in read_running(later, begin, end + timedelta(seconds=1))
    assert fake.server.count("/v3/applications") == before + 1


def test_nothing_is_asked_again_where_the_list_was_read_each_time(
    fake: Fake, connected: Callable[..., Greenhouse], changed: tuple[str, datetime]
) -> None:
    """One clearing for each change, without a further request."""
    key, at = changed
    connector = connected(fake)
    read_applications(connector, at - DAY, at + DAY)
    before = fake.server.count("/v3/applications")
    assert key in read_running(connector, at - DAY, at + DAY)
    assert read_running(connector, at + DAY, at + 2 * DAY) == []
    assert fake.server.count("/v3/applications") == before


def test_a_window_of_the_past_asks_nothing_again(
    fake: Fake, connected: Callable[..., Greenhouse], changed: tuple[str, datetime]
) -> None:
    """The backfill reads months that end before what was noted."""
    _, at = changed
    connector = connected(fake)
    read_applications(connector, at + DAY, at + 2 * DAY)
    before = fake.server.count("/v3/applications")
    read_running(connector, at - 30 * DAY, at)
    assert fake.server.count("/v3/applications") == before


def test_an_application_that_changes_often_is_kept_once(
    fake: Fake, connected: Callable[..., Greenhouse], changed: tuple[str, datetime]
) -> None:
    """A worker whose token may not see rejections goes on for weeks."""
    key, at = changed
    connector = connected(fake)
    for _ in range(3):
        read_applications(connector, at - DAY, at + DAY)
    assert read_running(connector, at - DAY, at + DAY).count(key) == 1
