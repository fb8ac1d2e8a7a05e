"""What becomes of a notice that could not be sent: tried again, sent anew, or dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.delivery_report import make_dead_notice, make_refusal_notice
from atsbridge.delivery.stages import endings
from atsbridge.errors import AtsbridgeError, AuthError, DeniedError, FatalError, RetryableError
from atsbridge.model import (
    ENDS,
    DropCode,
    Notice,
    NoticeError,
    NoticeState,
    Purpose,
    drop_notice,
)

TRIES = 8  # a notice that failed so often is dead; waits double from 5 minutes: 10 hours
_FIRST_WAIT = timedelta(minutes=5)
_DENIED_WAIT = timedelta(hours=1)  # somebody has to grant a permission first
# A chat service that asks for more time is asked again after this: what it names may be wrong.
_LONGEST_WAIT = timedelta(hours=6)


def settle_failure(notice: Notice, error: AtsbridgeError, env: DeliveryEnv) -> Notice:
    """The notice as it is stored after an error: it is tried again later, and dead after TRIES.

    A refused credential or permission of a chat service does not count as a try: a person has to
    repair it, and the operators are notified at once. A refused write to the ATS is dead at once,
    because another try would be refused too.
    """
    if isinstance(error, FatalError) and notice.purpose is Purpose.ANSWER:
        return drop_notice(notice, DropCode.MESSAGE_DELETED, text=error.what)
    env.report(notice, error)
    in_ats = notice.destination.kind == "ats"
    repairable = isinstance(error, AuthError) or (isinstance(error, DeniedError) and not in_ats)
    # One that departed before may have arrived: the next run looks it up like any second try.
    attempts = max(notice.attempts, int(notice.departed)) + (not repairable)
    if notice.purpose in ENDS and not in_ats and attempts >= TRIES and not notice.sent_anew:
        return endings.queue_anew(notice)
    problem = NoticeError(error.code, str(error))
    tried = replace(notice, departed=False, attempts=attempts, error=problem)
    refused = in_ats and isinstance(error, (DeniedError, FatalError))
    if refused or attempts >= TRIES:
        _tell_ops(tried, error, env, refused=refused)
        return replace(tried, state=NoticeState.DEAD)
    later = env.time.now() + find_wait(error, attempts)
    return replace(tried, state=NoticeState.RETRY, not_before=later)


def _tell_ops(notice: Notice, error: AtsbridgeError, env: DeliveryEnv, *, refused: bool) -> None:
    """Tell the operators of a dead notice, unless it is a message to them."""
    if notice.purpose is not Purpose.OPS:
        make = make_refusal_notice if refused else make_dead_notice
        env.tell_ops(make(notice, error, env.directory.ops, env.time.now()))


def find_wait(error: AtsbridgeError, attempts: int) -> timedelta:
    """How long until the next try: at least what the sink asks for, at most _LONGEST_WAIT."""
    if isinstance(error, AuthError):
        return _FIRST_WAIT
    if isinstance(error, DeniedError):
        return _DENIED_WAIT
    wait: timedelta = _FIRST_WAIT * 2 ** max(attempts - 1, 0)
    asked = error.retry_after if isinstance(error, RetryableError) else None
    longest = _LONGEST_WAIT.total_seconds()
    if asked is not None and asked > 0:  # not for NaN, which is no number to wait for
        wait = max(wait, timedelta(seconds=min(asked, longest)))
    return wait
