"""What newly failed and what recovered since the last run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.context.run_failure import FailureCode, RunFailure
from atsbridge.context.run_state import RunState
from atsbridge.context.run_summary import AccountSummary, Summary
from atsbridge.tick.run_news import find_news, is_new_mistake

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)


def test_a_mistake_in_the_settings_is_news_once(app: Any, report: Any) -> None:
    """cron mails every line: another mistake is told, and that it is over."""
    assert is_new_mistake(app.store, "no team")
    assert not is_new_mistake(app.store, "no team")
    assert is_new_mistake(app.store, "no sink")
    assert list(find_news(app.store, report())) == ["recovered: settings: no sink"]


def test_an_account_may_bear_any_name(app: Any) -> None:
    """What failed of an account called "rules" is not taken for what failed of the rules."""
    failed = RunFailure("rules", "the token was refused", "", FailureCode.AUTH)

    def at_fault() -> Summary:
        return Summary(at=NOW, accounts=[AccountSummary("rules", failures=[failed])])

    assert len(list(find_news(app.store, at_fault()))) == 1
    assert list(find_news(app.store, at_fault())) == []
    broken = at_fault()
    broken.rule_error = "a.yaml:1:1: no such key"
    assert list(find_news(app.store, broken)) == ["a.yaml:1:1: no such key"]


def test_what_nobody_tried_again_has_not_recovered(app: Any, report: Any) -> None:
    """A server that is down all night is told once, and once when it took a message."""
    down = RunFailure(
        "acme/email", "nobody listens there", "", FailureCode.RETRYABLE, place="sink/email"
    )

    def lines(*found: RunFailure, worked: str = "") -> list[str]:
        summary = report(*found)
        summary.accounts[0].worked |= {worked}
        return list(find_news(app.store, summary))

    said = [lines(*found) for found in ((down,), (), (down,), ())]
    assert said == [[str(down)], [], [], []]
    assert lines(worked="acme/offers") == []
    assert lines(worked="sink/email") == [f"recovered: {down}"]
    assert lines(worked="sink/email") == []


def test_an_account_that_was_skipped_has_not_recovered(app: Any, report: Any) -> None:
    """Locked by another run, or left out of this one: nothing of it was tried."""
    failed = RunFailure("acme/offers", "answers 500", "", FailureCode.RETRYABLE)
    list(find_news(app.store, report(failed)))
    locked = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    without = Summary(at=NOW, accounts=[AccountSummary("globex")])
    assert [*find_news(app.store, locked), *find_news(app.store, without)] == []
    assert list(find_news(app.store, report(failed))) == []


def test_the_same_kind_of_failure_in_other_words_is_no_news(app: Any, report: Any) -> None:
    """Another 5xx, another count: told once. Of another kind: told."""
    first = RunFailure("acme/offers", "answers 500", "", FailureCode.RETRYABLE)
    other = replace(first, what="answers 503, tried 3 times")
    refused = replace(first, what="the token was refused", code=FailureCode.AUTH)
    assert list(find_news(app.store, report(first))) == [str(first)]
    assert list(find_news(app.store, report(other))) == []
    assert list(find_news(app.store, report(refused))) == [str(refused)]


def test_what_goes_on_untried_is_no_news(app: Any, report: Any) -> None:
    """Told in its first words, it is told again only after it was over; so when it is over."""
    lost = RunFailure(
        "acme/users",
        "email came as a number",
        "",
        FailureCode.SCHEMA_DRIFT,
        "acme/users/fields",
        "email",
    )
    goes_on = replace(lost, what="still cannot be read: user.email", code=FailureCode.STILL)
    assert list(find_news(app.store, report(lost))) == [str(lost)]
    assert list(find_news(app.store, report(goes_on))) == []
    assert list(find_news(app.store, report(lost))) == []
    well = report()
    well.accounts[0].worked |= {"acme/users/fields"}
    assert list(find_news(app.store, well)) == [f"recovered: {lost}"]


def test_rules_have_recovered_once_they_were_read(app: Any) -> None:
    """A run that read no rules (all accounts locked, or none judged) says nothing of them."""
    wrong = Summary(at=NOW, accounts=[AccountSummary("acme")], rule_error="a.yaml:1:1: no key")
    list(find_news(app.store, wrong))
    idle = Summary(at=NOW, accounts=[AccountSummary("acme", locked=True)])
    assert list(find_news(app.store, idle)) == []
    judged = Summary(at=NOW, accounts=[AccountSummary("acme", worked={"acme/rules"})])
    assert list(find_news(app.store, judged)) == ["recovered: a.yaml:1:1: no key"]


def test_a_list_that_was_not_asked_has_not_recovered(new_world: Callable[..., Any]) -> None:
    """A dry run in between says nothing; the run that reads the list again does."""
    world = new_world(20, both=True)
    try:
        assert world.tick().code == 0
        server = world.standing.fakes["acme"].server
        server.faults.add("/v3/offers", None, status=500, body={"message": "Internal error"})
        world.standing.advance(world.now + timedelta(hours=1))
        assert "acme/offers" in world.tick().err
        server.faults.clear()
        assert "recovered" not in world.call("run", "--dry-run").err
        world.standing.advance(world.now + timedelta(hours=1))
        assert "recovered: acme/offers" in world.tick().err
    finally:
        world.close()


def test_another_lost_field_of_a_list_is_news(app: Any, report: Any) -> None:
    """Another count of the same field is not."""
    lost = RunFailure(
        "acme/users",
        "email came as a number in 3 records",
        "",
        FailureCode.SCHEMA_DRIFT,
        "acme/users/fields",
        "email",
    )
    more = replace(lost, what="email came as a number in 4 records")
    name = replace(lost, what="name came as a list in 1 records", detail="name")
    assert list(find_news(app.store, report(lost))) == [str(lost)]
    assert list(find_news(app.store, report(more))) == []
    assert list(find_news(app.store, report(more, name))) == [str(name)]


def test_a_failure_that_an_earlier_version_kept_is_not_reported_again(
    app: Any, report: Any
) -> None:
    """It had no code, and called the stage "judge"; its end is reported once."""
    rows = [["acme/store", "the disk is full", "Free some space", "acme/run/judge", ""]]
    RunState(app.store.run_state, "acme").write_failures(rows)
    full = RunFailure(
        "acme/store", "The disk is full", "Free space", FailureCode.STORE, "acme/run/evaluate"
    )
    assert list(find_news(app.store, report(full))) == []
    well = report()
    well.accounts[0].worked |= {"acme/run/evaluate"}
    assert list(find_news(app.store, well)) == ["recovered: acme/store: The disk is full"]
