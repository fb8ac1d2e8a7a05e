"""A sandbox that stands."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests

from atsbridge.sandbox.chat.fake_slack import FakeSlack
from atsbridge.sandbox.company.fake_company import START, Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake, FakeServer, Response
from atsbridge.sandbox.running_sandbox import RunningSandbox, SandboxAccount
from atsbridge.settings.settings_model import Settings
from atsbridge.shared_clock import SharedClock
from atsbridge.timesource import TimeSource


def serve(company: Company, time: TimeSource) -> Fake:
    server = FakeServer(lambda _: Response(body=[]), time=time)
    return Fake(server, {"base_url": f"{server.url}/v3", "api_key": "k-1", "beta": True}, company)


@pytest.fixture
def two() -> Callable[[SharedClock, FakeSlack | None], RunningSandbox]:
    def make(clock: SharedClock, slack: FakeSlack | None = None) -> RunningSandbox:
        companies = {
            "acme": Company(1, applications=60),
            "globex": Company(2, applications=60, profile=CompanyProfile(domain="globex.example")),
        }
        line = {"field": "custom.hiring_status", "equals": "On hold"}
        tenant = SandboxAccount(
            "plain", serve, {"requisition.on_hold": line, "reason_kind": {"Gone": "theirs"}}
        )
        return RunningSandbox(companies, {"acme": tenant, "globex": tenant}, slack, clock)

    return make


def test_what_it_writes_is_a_configuration(clock: SharedClock, two: Callable) -> None:
    """Valid TOML, accepted by the settings, and every account's URL answers."""
    with two(clock, None) as standing:
        parsed = tomllib.loads(standing.config())
        settings = Settings.model_validate(parsed)
        for account in parsed["accounts"].values():
            assert requests.get(account["base_url"], timeout=5).json() == []
    assert parsed["accounts"]["acme"]["beta"] is True
    assert parsed["accounts"]["acme"]["map"]["reason_kind"] == {"Gone": "theirs"}
    assert settings.run.clock_file == str(clock.path.resolve())
    assert settings.offices["New York"].timezone == "America/New_York"
    assert len(settings.people) == 50


def test_accounts_share_no_slack_unless_told(clock: SharedClock, two: Callable) -> None:
    """Each has a workspace, a sink and an ops team of its own."""
    with two(clock, None) as standing:
        parsed = tomllib.loads(standing.config())
        assert standing.find_slack("acme") is not standing.find_slack("globex")
    sinks = {name: account["sinks"] for name, account in parsed["accounts"].items()}
    assert sinks == {"acme": ["slack_acme"], "globex": ["slack_globex"]}
    teams = parsed["accounts"]["globex"]["teams"]["recruiting_ops"]
    assert teams == {"sink": "slack_globex", "to": "channel:#recruiting-ops"}
    urls = {sink["base_url"] for sink in parsed["sinks"].values()}
    assert len(urls) == 2


def test_a_lent_slack_is_shared_and_not_closed(clock: SharedClock, two: Callable) -> None:
    """One sink for both accounts; the lender closes it."""
    with FakeSlack((), clock) as slack:
        with two(clock, slack) as standing:
            parsed = tomllib.loads(standing.config())
            assert set(parsed["sinks"]) == {"slack"}
            assert standing.find_slack("globex") is slack
        assert requests.post(f"{slack.url}/auth.test", timeout=5).json()["error"] == "not_authed"


def test_advancing_moves_clock_and_companies(clock: SharedClock, two: Callable) -> None:
    """All come to the same instant."""
    with two(clock, None) as standing:
        standing.advance(START + timedelta(days=1))
        assert clock.now() == START + timedelta(days=1)
        assert {c.now for c in standing.companies.values()} == {clock.now()}


def test_leaving_ends_every_server(clock: SharedClock, two: Callable) -> None:
    """Nothing listens any more."""
    with two(clock, None) as standing:
        urls = [fake.server.url for fake in standing.fakes.values()]
        urls += [slack.url for slack in standing.slacks.values()]
    assert len(urls) == 4
    for url in urls:
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=5)
