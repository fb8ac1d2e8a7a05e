"""The weekly message: to both of a pair that agreed, the same text, once a week, come what may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize, fill, write_settings
from tests.report.conftest import NOW

from atsbridge.app import open_services
from atsbridge.context import AccountContext, AccountSummary, Services
from atsbridge.model import (
    Choice,
    ChoiceTopic,
    ChoiceValue,
    Message,
    Notice,
    NoticeState,
    Purpose,
)
from atsbridge.tick import RunObserver, RunOptions, tick
from atsbridge.tick.delivery_stage import deliver_notices
from atsbridge.tick.pair_messages import OFFERS, PairMessages
from atsbridge.timesource import ManualTime

SIZE = StoreSize(requisitions=12, applications=120, promises=400, cases=10, pairs=4)
HOUR = timedelta(hours=1)
_NOTIFY = 'ops = "ops"\nweekly = "wed 09:30"\n'


@contextmanager
def world(
    folder: Path, *, opted_in: bool = True, extra: str = "", answered: bool = True
) -> Iterator[Services]:
    """A filled store on a Wednesday noon; messages are due at half past nine.

    `answered`: whether replies are read in the sink.
    """
    config = write_settings(folder, SIZE, opted_in=opted_in)
    config.write_text(config.read_text("utf-8").replace('ops = "ops"\n', _NOTIFY) + extra, "utf-8")
    with open_services(config, time=ManualTime(NOW)) as services:
        fill(services, folder, SIZE, NOW)
        specs = Services.sink_spec
        reading = lambda self, name: replace(specs(self, name), replies=answered)  # noqa: E731
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Services, "sink_spec", reading)
            yield services


def run(services: Services) -> list[tuple[Notice, Message]]:
    """One look at the pairs, and a delivery; what was sent of them."""
    sent: list[tuple[Notice, Message]] = []
    context = AccountContext(services, "acme")
    PairMessages(context, services.time.now()).queue()
    done = AccountSummary("acme")
    deliver_notices(context, done, lambda *one: sent.append(one), look_first=False)
    assert done.failures == []
    return [one for one in sent if one[0].pair]


def later(services: Services, **span: float) -> Services:
    return replace(services, time=ManualTime(services.time.now() + timedelta(**span)))


def test_both_get_the_same_text_once(tmp_path: Path) -> None:
    """Also after the run state is lost, as by a kill between the two writes."""
    with world(tmp_path) as services:
        sent = run(services)
        assert {one.purpose for one, _ in sent} == {Purpose.WEEKLY}
        texts = {one.destination.address: message for one, message in sent}
        assert len(texts) == len(sent)  # one message each, however many pairs they are in
        single = {reader: text for reader, text in texts.items() if text.chart is not None}
        assert single
        for reader, text in single.items():
            others = [body for other, body in texts.items() if other != reader]
            assert any(text.headline in f"{one.headline} {one.body}" for one in others)
            assert any(text.body in one.body for one in others)
        assert run(services) == []
        state = AccountContext(services, "acme").run_state
        state.write_weekly("")
        assert run(services) == []
        state.write_weekly("")
        assert run(later(services, hours=-1)) == []  # a clock that runs backward
        assert len(run(later(services, days=7))) == len(sent)
        stored = services.store.outbox.read_notices("acme", states=[NoticeState.SENT])
        assert [one for one in stored if one.text is not None] == []


def test_one_who_says_no_ends_it_for_both(tmp_path: Path) -> None:
    """Also what waits already; nothing is kept of it."""
    with world(tmp_path) as services:
        context = AccountContext(services, "acme")
        PairMessages(context, NOW).queue()
        (pair, *_) = [one.pair for one in services.store.outbox.read_notices("acme") if one.pair]
        no = Choice(pair[0], ChoiceTopic.PAIRS, ChoiceValue.OFF, NOW, "Kim in slack")
        services.store.choices.save_choices([no])
        sent = run(services)
        assert [one for one, _ in sent if pair[0] in one.pair] == []
        dropped = services.store.outbox.read_notices("acme", states=[NoticeState.DROPPED])
        assert {str(one.drop.code) for one in dropped if one.drop} == {"withdrawn"}
        assert run(later(services, days=7)) != []


def test_who_works_with_several_loses_only_what_ended(tmp_path: Path) -> None:
    """What waits about their other colleagues still comes, as those read it."""
    with world(tmp_path) as services:
        context = AccountContext(services, "acme")
        messages = PairMessages(context, NOW)
        messages.queue()
        texts = {pair.emails: messages.render(pair).body for pair in messages.agreed}
        reader, gone = "person3@acme.example", "person1@acme.example"
        assert sum(reader in pair for pair in texts) == 3
        no = Choice(gone, ChoiceTopic.PAIRS, ChoiceValue.OFF, NOW, "Kim in slack")
        services.store.choices.save_choices([no])
        (body,) = [text.body for one, text in run(services) if one.destination.address == reader]
        for pair, text in texts.items():
            assert (text in body) is (reader in pair and gone not in pair)
        stored = services.store.outbox.read_notices("acme", states=[NoticeState.SENT])
        assert [one for one in stored if gone in one.pair] == []


def test_each_at_their_own_hour(tmp_path: Path) -> None:
    """The text is made when the first of both may read it; the other reads it hours later."""
    zones = {n: "America/New_York" if n == 3 else "Europe/London" for n in range(6)}
    west = "".join(
        f'\n[people."person{n}@acme.example"]\ntimezone = "{zone}"\n' for n, zone in zones.items()
    )
    with world(tmp_path, extra=west) as services:
        early = replace(services, time=ManualTime(NOW.replace(hour=9, minute=30)))
        sent = run(early)
        reached = {one.destination.address for one, _ in sent}
        assert "person3@acme.example" not in reached
        waiting = [
            one
            for one in services.store.outbox.read_notices("acme", states=[NoticeState.QUEUED])
            if one.destination.address == "person3@acme.example"
        ]
        assert waiting
        assert {one.not_before for one in waiting} == {NOW.replace(hour=14, minute=30)}
        afternoon = replace(services, time=ManualTime(NOW.replace(hour=15)))
        assert {one.destination.address for one, _ in run(afternoon)} == {"person3@acme.example"}


def test_a_week_that_was_missed_is_left_out(tmp_path: Path) -> None:
    with world(tmp_path) as services:
        assert run(later(services, days=3)) == []
        assert run(later(services, days=6)) == []
        assert run(later(services, days=7)) != []


def test_the_offer_comes_once_in_a_life(tmp_path: Path) -> None:
    """Not again after a lost run state, and not to whoever said no or stopped."""
    with world(tmp_path, opted_in=False) as services:
        stop = Choice(
            "person0@acme.example", ChoiceTopic.DELIVERY, ChoiceValue.STOP, NOW, "Kim in slack"
        )
        services.store.choices.save_choices([stop])
        sent = run(services)
        people = [one.destination.address for one, _ in sent]
        assert {one.purpose for one, _ in sent} == {Purpose.OFFER}
        assert len(people) == len(set(people)) <= OFFERS
        assert people
        assert "person0@acme.example" not in people
        AccountContext(services, "acme").run_state.write_offered([])
        assert run(services) == []
        assert run(later(services, days=30)) == []


def test_no_offer_where_no_reply_is_read(tmp_path: Path) -> None:
    """Such as by mail: whoever agreed in another way gets the weekly message there."""
    with world(tmp_path, opted_in=False, answered=False) as services:
        assert run(services) == []
    agreed = tmp_path / "agreed"
    agreed.mkdir()
    with world(agreed, answered=False) as services:
        assert {one.purpose for one, _ in run(services)} == {Purpose.WEEKLY}


def test_nothing_without_consent(tmp_path: Path) -> None:
    with world(tmp_path, opted_in=False) as services:
        assert {one.purpose for one, _ in run(services)} == {Purpose.OFFER}
        yes = [
            Choice(f"person{n}@acme.example", ChoiceTopic.PAIRS, ChoiceValue.ON, NOW, "x")
            for n in (0, 1)
        ]  # two recruiters: no pair
        services.store.choices.save_choices(yes)
        assert run(services) == []


@pytest.mark.parametrize("late", [0, 1])
def test_thanks_for_a_month_without_a_weekly_message(tmp_path: Path, late: int) -> None:
    """Only where every promise was kept, and not again within a month."""
    with world(tmp_path) as services:
        config = services.settings.notify.__dict__
        config["weekly"] = None
        import sqlite3

        with sqlite3.connect(tmp_path / "atsbridge.db") as base:
            base.execute("UPDATE promises SET outcome = 'on_time' WHERE outcome = 'late'")
            base.execute("DELETE FROM cases")
            if late:
                base.execute("UPDATE promises SET outcome = 'late' WHERE recruiter = 'u0'")
        sent = run(services)
        assert {one.purpose for one, _ in sent} == {Purpose.STREAK}
        thanked = {one.pair for one, _ in sent}
        assert any("person0@acme.example" in pair for pair in thanked) is (late == 0)
        assert run(later(services, days=2)) == []


def test_an_account_with_nothing_else_to_do_still_sends_it(tmp_path: Path) -> None:
    """A whole run wakes up for it, and only then."""
    quiet = StoreSize(requisitions=4, applications=4, promises=40, cases=0, pairs=2)
    config = write_settings(tmp_path, quiet)
    config.write_text(config.read_text("utf-8").replace('ops = "ops"\n', _NOTIFY), "utf-8")
    clock = ManualTime(NOW - timedelta(days=2))
    with open_services(config, time=clock) as services:
        fill(services, tmp_path, quiet, NOW - timedelta(days=2))
        sent: list[Purpose] = []
        options = RunOptions(accounts=("acme",), sync=False)
        observer = RunObserver(watch=lambda notice, _message: sent.append(notice.purpose))

        def weekly() -> int:
            sent.clear()
            assert not tick(services, options, observer).accounts[0].locked
            return sent.count(Purpose.WEEKLY)

        assert weekly() == 0
        clock.advance(timedelta(days=1))
        assert weekly() == 0
        clock.advance(timedelta(days=1) - 3 * HOUR)  # Wednesday, nine o'clock
        assert weekly() == 0
        clock.advance(HOUR)
        assert weekly() > 0
        assert weekly() == 0
