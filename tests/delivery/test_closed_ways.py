"""A sink that refuses: the notice takes the next way to its reader, and ops hear of it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.errors import (
    AtsbridgeError,
    AuthError,
    DeniedError,
    FatalError,
    PluginError,
    RetryableError,
)
from atsbridge.model.case import End
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")
EMAIL = "mara@acme.example"
MARA = Destination(
    "post", "person", EMAIL, "u1", (recipient_reason(RecipientCode.ROLE, role="seat.user"),)
)
ROOM = Destination("post", "channel", "#engineering", why=(recipient_reason(RecipientCode.NAMED),))
Run = Callable[[], DeliveryReport]


@pytest.fixture
def mail(post: Any) -> Any:
    """A second sink that reaches everybody."""
    return type(post)()


@pytest.fixture
def people(directory: Directory) -> Directory:
    """Chat first, then mail; ops read mail."""
    return replace(directory, sinks=("post", "mail"), ops=Destination("mail", "channel", "ops@a"))


@pytest.fixture
def run(
    store: SqlStore,
    post: Any,
    mail: Any,
    rules: dict[str, Rule],
    people: Directory,
    time: ManualTime,
) -> Run:
    return lambda: deliver(
        DeliveryRequest("acme", store, {"post": post, "mail": mail}, rules, people, time)
    )


@pytest.fixture
def put(store: SqlStore, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., None]:
    """Queue notices on the one case, changed as asked."""

    def go(*keys: str, to: Destination = MARA, purpose: Purpose = Purpose.SEND, **changes: Any):
        there = store.cases.read_cases("acme")
        case = replace(there[0], **changes) if there else given[1](**changes)
        notices = [
            Notice(
                key=key,
                account="acme",
                case=0,
                rule="feedback-late",
                subject=SEAT,
                destination=to,
                purpose=purpose,
                step=-1 if purpose is Purpose.RESOLVE else 1,
                created_at=time.now(),
            )
            for key in keys
        ]
        store.cases.save_decision(
            Decision(account="acme", at=time.now(), cases=[case], notices=notices)
        )

    return go


REFUSALS = [
    AuthError("Slack says token_revoked"),
    DeniedError("Slack says missing_scope"),
    FatalError("Slack says cannot_dm_bot"),
    PluginError("sink post raised KeyError"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
def test_the_next_sink_that_reaches_the_person_is_taken(
    refusal: AtsbridgeError, store: SqlStore, put: Any, run: Run, post: Any, mail: Any
) -> None:
    """Sent, in this very run, with where it really went; the refusal is in the report."""
    post.faults = [refusal]
    put("k1")
    report = run()
    assert report.counts == {NoticeState.SENT: 1}
    assert (post.sent, mail.sent) == ([], [(EMAIL, "k1", None)])
    (sent,) = store.outbox.read_notices("acme", states=[NoticeState.SENT])
    assert (sent.destination.sink, sent.destination.person) == ("mail", "u1")
    assert [failure.what for failure in report.failures] == [refusal.what]


@pytest.mark.parametrize("refusal", REFUSALS[:2], ids=lambda error: type(error).__name__)
def test_a_sink_that_cannot_even_be_asked_is_passed_by(
    refusal: AtsbridgeError, put: Any, run: Run, post: Any, mail: Any, monkeypatch: Any
) -> None:
    """The look-up of a person fails: the next sink is asked."""

    def find_address(email: str) -> str:
        raise refusal

    monkeypatch.setattr(post, "find_address", find_address, raising=False)
    put("k1")
    assert run().counts == {NoticeState.SENT: 1}
    assert mail.sent == [(EMAIL, "k1", None)]


def test_ops_hear_of_a_closed_sink_once(
    put: Any, run: Run, post: Any, mail: Any, time: ManualTime
) -> None:
    """One word for any number of messages and ticks; it names no reader."""
    put("k1", "k2")
    for key in ("k3", "k4", "k5"):
        post.faults = [AuthError("Slack says token_revoked", remedy="Check the token")]
        run()
        put(key)
    run()
    words = [message for message in mail.messages if message.headline.startswith("Sink post")]
    (word,) = words
    assert word.body.startswith("Slack says token_revoked. Check the token.\n")
    assert EMAIL not in word.body


def test_a_closed_sink_is_told_nowhere_but_in_the_report_if_ops_read_it(
    store: SqlStore,
    put: Any,
    rules: dict[str, Rule],
    people: Directory,
    time: ManualTime,
    post: Any,
) -> None:
    """Word of a revoked token that comes once the token is mended helps nobody."""
    post.faults = [AuthError("Slack says token_revoked")]
    put("k1")
    chat = replace(people, ops=Destination("post", "channel", "#ops"))
    mail = type(post)()
    report = deliver(
        DeliveryRequest("acme", store, {"post": post, "mail": mail}, rules, chat, time)
    )
    assert [notice.key for notice in store.outbox.read_notices("acme")] == ["k1"]
    assert len(report.failures) == 1


def test_a_closed_sink_does_not_lead_to_strangers(
    store: SqlStore, put: Any, run: Run, post: Any, mail: Any, time: ManualTime
) -> None:
    """Where nothing else reaches the person it waits: neither delegate nor owner is disturbed."""
    mail.strangers = {EMAIL}
    post.faults = [AuthError("Slack says token_revoked")]
    put("k1")
    assert run().counts == {NoticeState.RETRY: 1}
    assert [
        one.destination for one in store.outbox.read_notices("acme", states=[NoticeState.RETRY])
    ] == [MARA]
    time.advance(timedelta(minutes=5))
    run()
    assert post.sent == [(EMAIL, "k1", None)]


def test_a_channel_that_is_gone_leads_to_the_rules_owner_then_to_ops(
    put: Any, run: Run, post: Any, mail: Any
) -> None:
    """Renamed or archived; the message says why it comes there."""
    put("k1", to=ROOM)
    post.faults = [FatalError("Slack says channel_not_found")]
    run()
    assert post.sent == [("#recruiting-ops", "k1", None)]
    assert "the channel #engineering cannot be written to" in post.messages[0].why
    put("k2", to=ROOM)
    post.faults = [FatalError("Slack says is_archived"), FatalError("Slack says is_archived")]
    run()
    assert ("ops@a", "k2", None) in mail.sent


def test_a_notice_that_nobody_takes_waits(
    store: SqlStore, put: Any, run: Run, post: Any, mail: Any
) -> None:
    """Every way is closed: the first error is told, and it is tried again later."""
    put("k1", to=ROOM)
    post.faults = [FatalError("first"), FatalError("second")]
    mail.faults = [FatalError("third")]
    report = run()
    assert report.counts == {NoticeState.RETRY: 1}
    assert [failure.what for failure in report.failures] == ["first"]


def test_trouble_that_passes_is_waited_for(put: Any, run: Run, post: Any, mail: Any) -> None:
    """No second copy by mail of what chat will take in five minutes."""
    post.faults = [RetryableError("Slack says ratelimited")]
    put("k1")
    assert run().counts == {NoticeState.RETRY: 1}
    assert mail.sent == []


def test_a_revoked_token_leads_a_reminder_to_no_team(
    store: SqlStore, put: Any, run: Run, post: Any, mail: Any, monkeypatch: Any
) -> None:
    """Nobody can be looked up: what is for a person waits, whatever owner and ops could read."""
    mail.strangers = {EMAIL}

    def find_address(_email: str) -> str:
        raise AuthError("Slack says token_revoked")

    monkeypatch.setattr(post, "find_address", find_address, raising=False)
    put("k1")
    run()
    (kept,) = (n for n in store.outbox.read_notices("acme") if n.key == "k1")
    assert (kept.state, kept.destination) == (NoticeState.RETRY, MARA)
    assert post.sent == []
    assert all(key != "k1" for _, key, _ in mail.sent)


def test_a_closed_sink_leads_a_channels_message_nowhere_else(
    store: SqlStore, put: Any, run: Run, post: Any, mail: Any
) -> None:
    """The token will be mended: its readers get it then, and nobody else before."""
    post.faults = [AuthError("Slack says token_revoked")]
    put("k1", to=ROOM)
    run()
    (kept,) = (n for n in store.outbox.read_notices("acme") if n.key == "k1")
    assert (kept.state, kept.destination) == (NoticeState.RETRY, ROOM)
    assert all(key != "k1" for _, key, _ in mail.sent)


@pytest.mark.parametrize("refusal", [FatalError("is_archived"), DeniedError("missing_scope")])
def test_the_end_that_the_sink_refuses_takes_another_way_once(
    refusal: AtsbridgeError, put: Any, run: Run, post: Any, mail: Any
) -> None:
    """Edit and new message are refused for good: the person's next sink brings the news."""
    put("k1")
    run()
    put("k2", purpose=Purpose.RESOLVE, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    post.faults = [refusal, refusal]
    run()
    run()
    assert [key for _, key, _ in mail.sent if key == "k2"] == ["k2"]
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_the_end_in_a_deleted_channel_reaches_the_rules_owner_once(
    put: Any, run: Run, post: Any, mail: Any
) -> None:
    """Where a team had the first message, a team has the last."""
    put("k1", to=ROOM)
    run()
    over = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
    put("k2", to=ROOM, purpose=Purpose.RESOLVE, **over)
    post.faults = [FatalError("channel_not_found"), FatalError("channel_not_found")]
    run()
    run()
    assert [(to, key) for to, key, _ in post.sent] == [
        ("#engineering", "k1"),
        ("#recruiting-ops", "k2"),
    ]


def test_the_end_in_a_sink_that_was_removed_takes_another_way(
    store: SqlStore,
    put: Any,
    run: Run,
    mail: Any,
    rules: dict[str, Rule],
    people: Directory,
    time: ManualTime,
) -> None:
    """The settings no longer name it: nothing can be edited there."""
    put("k1")
    run()
    put("k2", purpose=Purpose.RESOLVE, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    only_mail = replace(people, sinks=("mail",))
    deliver(DeliveryRequest("acme", store, {"mail": mail}, rules, only_mail, time))
    assert mail.sent == [(EMAIL, "k2", None)]


def test_the_end_stays_with_its_message(
    put: Any, run: Run, post: Any, mail: Any, store: SqlStore
) -> None:
    """A revoked token does not lose it: the message is edited once the token is mended."""
    put("k1")
    run()
    put("k2", purpose=Purpose.RESOLVE, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    post.faults = [AuthError("Slack says token_revoked")]
    assert run().counts == {NoticeState.RETRY: 1}
    assert (mail.sent, len(post.sent)) == ([], 1)


def test_ops_hear_of_a_missing_permission_at_the_first_try(
    put: Any,
    post: Any,
    store: SqlStore,
    time: ManualTime,
    rules: dict[str, Rule],
    people: Directory,
) -> None:
    """Direct messages are refused for want of a scope, and there is no other way to the person.

    Ops are told in their channel of the same sink by the next run; the message waits for the
    scope as long as it takes, and goes out once it is there.
    """
    there = replace(people, sinks=("post",), ops=Destination("post", "channel", "#ops"))

    def run() -> None:
        deliver(DeliveryRequest("acme", store, {"post": post}, rules, there, time))

    put("k1")
    post.faults = [
        DeniedError("Slack says missing_scope", remedy="Give the app the scope im:write")
    ]
    run()
    run()
    (told,) = [one for one in post.messages if "refuses messages" in one.headline]
    assert "im:write" in told.body
    for _ in range(12):
        time.advance(timedelta(hours=2))
        post.faults = [DeniedError("Slack says missing_scope")]
        run()
    (kept,) = [one for one in store.outbox.read_notices("acme") if one.key == "k1"]
    assert kept.state is NoticeState.RETRY
    assert len([one for one in post.messages if "refuses messages" in one.headline]) == 1
    post.faults = []
    time.advance(timedelta(hours=2))
    run()
    assert [key for to, key, _ in post.sent if to == EMAIL] == ["k1"]
