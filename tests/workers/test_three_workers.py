"""Three worker processes on a real PostgreSQL, and what happens to them."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Sequence

import pytest

from .conftest import Fleet, OwnServer, Worker

END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
HOURS = (32, 24)  # after them people were told twice


def work_through(fleet: Fleet, spans: Sequence[int] = HOURS, within: float = 180) -> None:
    """Let time pass until every account has sent the same messages; then stop the workers.

    Each span waits for that: what an account did not send before the next would become one message
    with what comes then.
    """
    for hours in spans:
        fleet.advance(hours)
        served = fleet.served(2, fleet.rounds())
        fleet.until(lambda served=served: served() and fleet.is_even(), within)
    for one in fleet.workers:
        if one.process.poll() is None:
            assert one.stop(within=90) == 0, fleet.describe()


def check_nothing_lost_or_twice(fleet: Fleet, repeats: int = 0) -> None:
    """Each account ended alike: the same cases, and each message once."""
    sent = fleet.sent()
    assert sent.keys() == set(fleet.accounts)
    assert len(set(sent.values())) == 1, sent
    cases = fleet.query("SELECT account, count(*) FROM cases GROUP BY account")
    assert len({number for _, number in cases}) == 1, cases
    assert (
        fleet.query("SELECT key FROM notices WHERE state IN ('queued', 'sending', 'retry')") == []
    )
    posted = Counter(
        str(message["metadata"]["event_payload"]["key"])
        for slack in fleet.world.standing.slacks.values()
        for _, message in slack.everything()
    )
    assert posted.total() - len(posted) <= repeats
    known = {key for (key,) in fleet.query("SELECT key FROM notices WHERE state = 'sent'")}
    assert known <= posted.keys()


def check_never_two_at_once(fleet: Fleet) -> None:
    """A second run of an account finds it locked and says so; none did."""
    assert not [line for one in fleet.workers for line in one.lines("skip")]


@pytest.mark.timeout(600)
def test_whatever_happens_to_workers_every_account_is_served(fleet: Fleet) -> None:
    """One is killed while the next round of its account is queued; one stands still and goes on;
    the database ends all sessions."""
    fleet.start(3)
    fleet.until(fleet.served(1), 60)
    check_never_two_at_once(fleet)
    victim, account = find_worker_at_work(fleet)
    victim.send(signal.SIGSTOP)  # it keeps the job while the next round is queued
    fleet.until(lambda: is_queued(fleet, account), 60)
    victim.send(signal.SIGKILL)
    victim.process.wait()
    stopped, account = find_worker_at_work(fleet)
    stopped.send(signal.SIGSTOP)
    before = fleet.rounds()
    fleet.until(lambda: fleet.rounds()[account] >= before[account] + 2, 60)
    stopped.send(signal.SIGCONT)
    fleet.query(END_ALL)
    mine = len(stopped.lines("round"))
    work_through(fleet)
    assert len(stopped.lines("round")) > mine, fleet.describe()
    check_nothing_lost_or_twice(fleet, repeats=3)
    assert not fleet.query(
        "SELECT number FROM workers WHERE process <> :dead", dead=victim.process.pid
    )


@pytest.mark.timeout(600)
def test_workers_outlive_a_restart_of_the_database(own_fleet: Fleet, own_server: OwnServer) -> None:
    """The server stops while accounts are at work with messages to send, stays away until every
    worker has noticed, and starts again. Nobody restarts a worker."""
    workers = own_fleet.start(3)
    own_fleet.until(own_fleet.served(1), 180)
    own_fleet.advance(HOURS[0])
    find_worker_at_work(own_fleet)
    own_server.stop()
    own_fleet.until(lambda: all(one.lines("error") for one in workers), 60)
    missed = own_fleet.rounds()
    own_server.start()
    own_fleet.until(own_fleet.served(1, missed), 180)
    assert [one.process.poll() for one in workers] == [None] * 3, own_fleet.describe()
    work_through(own_fleet, HOURS[1:])
    check_nothing_lost_or_twice(own_fleet, repeats=3)
    check_never_two_at_once(own_fleet)


def find_worker_at_work(fleet: Fleet) -> tuple[Worker, str]:
    """A worker, and an account whose job it has."""
    living = {one.process.pid: one for one in fleet.workers if one.process.poll() is None}
    found: list[tuple[int, str]] = []

    def look() -> bool:
        rows = fleet.query(
            "SELECT process, lock FROM procrastinate_jobs JOIN workers ON number = worker_id"
            " WHERE status = 'doing'"
        )
        found[:] = [(row.process, row.lock) for row in rows if row.process in living]
        return bool(found)

    fleet.until(look, 60)
    process, account = found[0]
    return living[process], account


def is_queued(fleet: Fleet, account: str) -> bool:
    return bool(
        fleet.query(
            "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :account AND status = 'todo'",
            account=account,
        )
    )


@pytest.mark.torture
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("fleet", [300], indirect=True)
def test_three_hundred_accounts_are_served_every_round(fleet: Fleet) -> None:
    """One worker is killed, another stands still for a while. All are as in use: a minute passes
    until the accounts of a dead worker are served."""
    killed, stopped, _ = fleet.start(3)
    fleet.until(fleet.served(1), 3600)
    stopped.send(signal.SIGSTOP)
    killed.send(signal.SIGKILL)
    killed.process.wait()
    fleet.start(1)
    fleet.until(fleet.served(1, fleet.rounds()), 3600)
    stopped.send(signal.SIGCONT)
    work_through(fleet, within=3600)
    check_nothing_lost_or_twice(fleet, repeats=4)
    check_never_two_at_once(fleet)
