"""`atsbridge doctor --send-test WHO`: one test message through each sink. Never into an ATS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atsbridge.errors import AtsbridgeError, ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Destination, Message
    from atsbridge.ports import CheckResult, Sink

_UNKNOWN = "Add this e-mail address there, or name another sink in dm of [notify]"


def send_test_messages(app: Services, who: str, accounts: list[str]) -> Iterator[CheckResult]:
    """Send a test message to `who`: an e-mail address, "channel:#name", or a team.

    Yields a check for each destination of these accounts; a shared destination is used once.
    ConfigError if there is no such team, or if no sink reaches `who`.
    """
    destinations = dict.fromkeys(
        to for name in accounts for to in _find_destinations(app, name, who)
    )
    if not destinations and _is_team(who):
        teams = sorted({team for name in accounts for team in app.teams(name)})
        raise ConfigError(
            f"{who!r} is not an e-mail address, a channel:#name or a team",
            where="--send-test",
            remedy=f"Teams of {', '.join(accounts)}: {', '.join(teams) or 'none'}",
        )
    if not destinations:
        raise ConfigError(
            f"no sink reaches {who}",
            where=", ".join(accounts),
            remedy="Add a sink, and name it in dm of [notify]",
        )
    message = _message(app, who)
    for to in destinations:
        yield _send(app, to, message)


def _find_destinations(app: Services, account: str, who: str) -> Iterator[Destination]:
    from atsbridge.model import Destination, RecipientCode, recipient_reason

    why = (recipient_reason(RecipientCode.TEST),)
    sinks = [name for name in app.sink_names(account) if name != "ats"]
    if _is_team(who):
        if who in (teams := app.teams(account)):
            yield teams[who]
    elif _is_address(who):
        order = dict.fromkeys((*app.settings.notify.dm, *sinks))
        for name in order:
            if name in sinks and app.sink_spec(name).direct_messages:
                yield Destination(name, "person", who, why=why)
    else:
        chosen = [name for name in app.settings.notify.dm if name in sinks]
        for name in chosen[:1]:  # as for a rule's step
            yield Destination(name, "channel", who.removeprefix("channel:"), why=why)


def _is_address(who: str) -> bool:
    return "@" in who.strip("@ ")


def _is_team(who: str) -> bool:
    """Whether it can only be a team: neither an address nor a channel."""
    channel = who.startswith("channel:") and who.removeprefix("channel:").strip("# ")
    return not (_is_address(who) or channel)


def _message(app: Services, who: str) -> Message:
    from atsbridge.model import Message

    now = app.time.now()
    return Message(
        key=f"test-{int(now.timestamp() * 1000)}",
        headline="Test message from atsbridge",
        body=(
            f"Somebody ran `atsbridge doctor --send-test {who}` to check that messages arrive here."
            " You do not have to do anything."
        ),
        tone="glad",
    )


def _send(app: Services, to: Destination, message: Message) -> CheckResult:
    """Send it and return the result. An error of the sink becomes a failed check."""
    from atsbridge.delivery import Guarded
    from atsbridge.ports import CheckResult

    what = f"{to.sink}: {to.address}"
    try:
        sink: Sink = Guarded(to.sink, app.open_sink(to.sink))
        if to.kind == "person" and sink.find_address(to.address) is None:
            return CheckResult(
                what, good=False, detail="nobody has this address there", remedy=_UNKNOWN
            )
        sink.send(to, message)
    except AtsbridgeError as error:
        return CheckResult(what, good=False, detail=error.what, remedy=error.remedy)
    return CheckResult(what, good=True, detail="sent: check that it arrived")
