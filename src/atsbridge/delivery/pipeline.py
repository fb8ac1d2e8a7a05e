"""The stages that each kind of notice goes through, in their order.

Every stage takes a draft and returns it with more, or settles it: held, dropped or queued anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.delivery import writeback
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, Stage, require, run_stages, unless_sent
from atsbridge.delivery.stages import (
    addressing,
    applicability,
    batches,
    both_sides,
    endings,
    guards,
    personal_messages,
    rendering,
    sending,
    tag_removal,
    threads,
)
from atsbridge.model import PAIR, Notice, Purpose

# Whether the reader may have it, and the text: what a message and its rehearsal share.
COMPOSE: tuple[Stage, ...] = (
    guards.guard_personal,
    guards.guard_confidential,
    guards.guard_tag,
    rendering.render_case_message,
)
SEND: tuple[Stage, ...] = (
    applicability.load_case,
    applicability.hold_stopped_rule,
    applicability.drop_without_case,
    applicability.drop_untried_obsolete,
    applicability.hold_shadow,
    applicability.hold_suppressed,
    applicability.load_facts,
    addressing.find_route,
    addressing.queue_for_stand_in,
    threads.find_first_message,
    threads.find_thread,
    sending.look_up_earlier_try,
    unless_sent(
        applicability.drop_obsolete,
        *COMPOSE,
        guards.refuse_repeat,
        sending.depart,
        sending.send,
    ),
    sending.record_receipt,
    sending.notify_watcher,
    sending.refresh_first_message,
)
END: tuple[Stage, ...] = (
    applicability.load_case,
    applicability.hold_stopped_rule,
    applicability.replace_removed_rule,
    applicability.drop_without_case,
    applicability.load_facts,
    endings.find_ended_message,
    endings.edit_first_message,
    unless_sent(
        addressing.find_route,
        guards.guard_personal,
        endings.guard_confidential,
        endings.drop_if_sent_elsewhere,
        addressing.queue_for_stand_in,
        rendering.render_case_message,
        endings.find_thread,
        sending.look_up_earlier_try,
        unless_sent(guards.refuse_repeat, sending.depart, sending.send),
    ),
    sending.record_receipt,
    sending.notify_watcher,
)
BATCH: tuple[Stage, ...] = (
    addressing.find_route,
    sending.look_up_earlier_try,
    batches.compose_batch,
    unless_sent(
        batches.drop_empty_batch,
        guards.refuse_repeat,
        sending.depart,
        sending.send,
    ),
    sending.record_receipt,
    sending.notify_watcher,
)
APART: tuple[Stage, ...] = (
    personal_messages.drop_withdrawn,
    addressing.find_route,
    personal_messages.guard_reader,
    sending.look_up_earlier_try,
    personal_messages.render_personal,
    unless_sent(guards.refuse_repeat, sending.depart, sending.send),
    sending.record_receipt,
    sending.notify_watcher,
)
ANSWER: tuple[Stage, ...] = (
    addressing.find_route,
    threads.find_first_message,
    threads.find_thread,
    threads.drop_without_thread,
    rendering.render_answer,
    sending.look_up_earlier_try,
    unless_sent(sending.depart, sending.send),
    sending.record_receipt,
)
PAIR_MESSAGE: tuple[Stage, ...] = (
    addressing.find_route,
    both_sides.guard_pair,
    sending.look_up_earlier_try,
    unless_sent(
        both_sides.compose,
        guards.refuse_repeat,
        sending.depart,
        sending.send,
    ),
    sending.record_receipt,
    both_sides.note_sent,
    sending.notify_watcher,
)
REMOVE_TAG: tuple[Stage, ...] = (
    tag_removal.load_facts,
    addressing.find_route,
    threads.find_first_message,
    tag_removal.wait_for_unsettled_tag,
    tag_removal.keep_tag,
    tag_removal.render_removal,
    tag_removal.remove_tag,
    sending.record_receipt,
)
# The stages of a rehearsal: those above that ask no sink, hold nothing back and store nothing.
_REHEARSED_STEP: tuple[Stage, ...] = (
    applicability.load_case,
    applicability.drop_without_case,
    applicability.load_facts,
    addressing.find_route,
    *COMPOSE,
)
_REHEARSED_END: tuple[Stage, ...] = (
    applicability.load_case,
    applicability.replace_removed_rule,
    applicability.drop_without_case,
    applicability.load_facts,
    addressing.find_route,
    guards.guard_personal,
    endings.guard_confidential,
    rendering.render_case_message,
)
_REHEARSED_BATCH: tuple[Stage, ...] = (
    addressing.find_route,
    batches.compose_batch,
    batches.drop_empty_batch,
)
_REHEARSED_APART: tuple[Stage, ...] = (
    both_sides.hide_ratings,
    addressing.find_route,
    personal_messages.guard_reader,
    personal_messages.render_personal,
)
_REHEARSED_PAIR: tuple[Stage, ...] = (
    addressing.find_route,
    both_sides.hide_ratings,
    both_sides.guard_pair,
    both_sides.compose,
)
_REHEARSALS: Mapping[Purpose, tuple[Stage, ...]] = {
    Purpose.SEND: _REHEARSED_STEP,
    Purpose.FOLLOW_UP: _REHEARSED_STEP,
    Purpose.RESOLVE: _REHEARSED_END,
    Purpose.HANDED_OVER: _REHEARSED_END,
    Purpose.SUMMARY: _REHEARSED_BATCH,
    Purpose.CLEANUP: _REHEARSED_BATCH,
    Purpose.DIGEST: _REHEARSED_BATCH,
    Purpose.OPS: _REHEARSED_BATCH,
    Purpose.ANSWER: (addressing.find_route, rendering.render_answer),
    Purpose.WEEKLY: _REHEARSED_APART,
    Purpose.OFFER: _REHEARSED_APART,
    Purpose.PULSE: _REHEARSED_APART,
    Purpose.PULSE_RESULT: _REHEARSED_APART,
    Purpose.STREAK: _REHEARSED_APART,
    **dict.fromkeys(PAIR, _REHEARSED_PAIR),
}
_BY_PURPOSE: Mapping[Purpose, tuple[Stage, ...]] = {
    Purpose.SEND: SEND,
    Purpose.FOLLOW_UP: SEND,
    Purpose.RESOLVE: END,
    Purpose.HANDED_OVER: END,
    Purpose.SUMMARY: BATCH,
    Purpose.CLEANUP: BATCH,
    Purpose.DIGEST: BATCH,
    Purpose.OPS: BATCH,
    Purpose.ANSWER: ANSWER,
    Purpose.WEEKLY: APART,
    Purpose.OFFER: APART,
    Purpose.PULSE: APART,
    Purpose.PULSE_RESULT: APART,
    Purpose.STREAK: APART,
    **dict.fromkeys(PAIR, PAIR_MESSAGE),
}


def find_pipeline(notice: Notice) -> tuple[Stage, ...]:
    """The stages of a notice, by its purpose; the end of a tag or field is its removal."""
    if notice.purpose is Purpose.RESOLVE and writeback.read_mark(notice.destination):
        return REMOVE_TAG
    return _BY_PURPOSE[notice.purpose]


def find_rehearsal(notice: Notice) -> tuple[Stage, ...]:
    """The stages that find the reader and the text of a notice."""
    return _REHEARSALS[notice.purpose]


def run_pipeline(notice: Notice, env: DeliveryEnv) -> Settled:
    """The notice as it is to be stored. RouteClosed where its route turns out to be closed."""
    result = run_stages(find_pipeline(notice), Draft(notice), env)
    if isinstance(result, Settled):
        return result
    require(result.receipt)
    along = result.batch.settle_lines(result.notice) if result.batch else ()
    return Settled(result.notice, along)
