"""How often a worker looks at what. All in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.ports import DEAD_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTimings:
    """The intervals of one worker process.

    `heartbeat`: between its signs of life. `dead_after`: without one, a worker counts as dead.
    `reap`: between two looks for dead workers. `plan`: between two looks for rounds that are due
    and webhooks that arrived. `catch_up`: between two looks for rounds that nobody serves. `poll`:
    between two looks into the queue; its notifications usually come first. `reconnect`: the longest
    wait before the database is tried again. `report`: between two writes of the metrics.
    """

    heartbeat: float = 10.0
    dead_after: float = DEAD_AFTER
    reap: float = 30.0
    plan: float = 2.0
    catch_up: float = 30.0
    poll: float = 5.0
    reconnect: float = 30.0
    report: float = 60.0
