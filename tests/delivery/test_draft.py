"""Stages run in their order, until one settles the notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, Stage, require, run_stages, unless_sent
from atsbridge.delivery.pipeline import END, REMOVE_TAG, SEND, find_pipeline
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Notice,
    Purpose,
    Receipt,
    drop_notice,
)
from atsbridge.model.record import Key
from atsbridge.model.write_actions import Mark, address

NOTICE = Notice(
    key="k1",
    account="acme",
    case=1,
    rule="late",
    subject=Key("acme", "application", "a1"),
    destination=Destination("slack", "person", "ann@x.example"),
    purpose=Purpose.SEND,
)
ENV = cast("DeliveryEnv", None)  # these stages do not use it


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def stage(ran: list[str]) -> Any:
    def make(name: str, **changes: Any) -> Stage:
        def run(draft: Draft, _env: DeliveryEnv) -> Draft | Settled:
            ran.append(name)
            return replace(draft, **changes)

        return run

    return make


def drop(draft: Draft, _env: DeliveryEnv) -> Settled:
    return Settled(drop_notice(draft.notice, DropCode.REPEATED))


def test_a_settled_notice_ends_the_pipeline(stage: Any, ran: list[str]) -> None:
    """Later stages do not run."""
    result = run_stages((stage("one"), drop, stage("two")), Draft(NOTICE), ENV)
    assert isinstance(result, Settled)
    assert result.notice.drop is not None
    assert ran == ["one"]


def test_what_arrived_is_not_sent_again(stage: Any, ran: list[str]) -> None:
    """The stages within are left out once there is a receipt; those after it run."""
    found = stage("found", receipt=Receipt({"id": "m1"}))
    stages = (found, unless_sent(stage("send"), drop), stage("record"))
    result = run_stages(stages, Draft(NOTICE), ENV)
    assert isinstance(result, Draft)
    assert ran == ["found", "record"]


def test_a_pipeline_without_a_needed_stage_is_an_error() -> None:
    """A programming error is found by the first notice, not sent to a person."""
    with pytest.raises(ValueError, match="stage"):
        require(None)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_a_pipeline(purpose: Purpose) -> None:
    """Of at least the stages that find a destination and keep a receipt."""
    names = [
        getattr(one, "__name__", "") for one in find_pipeline(replace(NOTICE, purpose=purpose))
    ]
    assert "record_receipt" in names


def test_the_end_of_a_tag_is_its_removal() -> None:
    """The end of a message edits it."""
    tag = Destination("ats", "ats", address(NOTICE.subject, Mark("tag", "late")))
    assert find_pipeline(replace(NOTICE, purpose=Purpose.RESOLVE)) is END
    assert find_pipeline(replace(NOTICE, purpose=Purpose.RESOLVE, destination=tag)) is REMOVE_TAG
    assert find_pipeline(replace(NOTICE, destination=tag)) is SEND
