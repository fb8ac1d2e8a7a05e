"""A notice on its way through the stages of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from atsbridge.delivery.batch_messages import BatchMessage
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.routing import Route
from atsbridge.model import Case, Found, Message, Notice, Receipt
from atsbridge.rules import Rule

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a notice so far; each stage adds to it.

    `first`: the message of the case that was sent to the same place first. `thread`: the message to
    reply to. `receipt`: set once it is sent, or found at its destination (`found_there`).
    """

    notice: Notice
    case: Case | None = None
    rule: Rule | None = None
    facts: Found | None = None
    route: Route | None = None
    first: Notice | None = None
    thread: Receipt | None = None
    message: Message | None = None
    batch: BatchMessage | None = None
    receipt: Receipt | None = None
    found_there: bool = False

    @property
    def was_tried(self) -> bool:
        """Whether an earlier try may have reached the destination."""
        return self.notice.departed or self.notice.attempts > 0


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of the pipeline: how the notice is stored, and others that are stored with it."""

    notice: Notice
    along: tuple[Notice, ...] = ()


Stage: TypeAlias = Callable[[Draft, DeliveryEnv], Draft | Settled]


def run_stages(stages: tuple[Stage, ...], draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Run the stages in their order, until one settles the notice."""
    for stage in stages:
        result = stage(draft, env)
        if isinstance(result, Settled):
            return result
        draft = result
    return draft


def unless_sent(*stages: Stage) -> Stage:
    """One stage that runs these, unless the message is at its destination already."""

    def run(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
        return draft if draft.receipt is not None else run_stages(stages, draft, env)

    return run


def require(value: _T | None) -> _T:
    """The value that an earlier stage has set."""
    if value is None:
        raise ValueError("a stage that this one needs is missing from the pipeline")
    return value
