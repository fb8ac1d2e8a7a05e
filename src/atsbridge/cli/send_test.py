"""`atsbridge doctor --send-test WHO`: one harmless message along each way to somebody.

What goes to whom otherwise is `delivery`'s. Nothing is ever written into an ATS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atsbridge.errors import AtsbridgeError, ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Destination, Message
    from atsbridge.ports import Checked, Sink

_UNKNOWN = "Give them this e-mail address there, or name another sink in dm of [notify]"


def tested(app: Services, who: str, accounts: list[str]) -> Iterator[Checked]:
    """A line for each way to `who`: an e-mail address, "channel:#name", or a team.

    Ways are those of these accounts; each is tried once, whoever shares it. ConfigError where
    there is no such team, or no way at all.
    """
    ways = dict.fromkeys(to for name in accounts for to in _ways(app, name, who))
    if not ways:
        raise ConfigError(
            f"no sink leads to {who}",
            where=", ".join(accounts),
            remedy="Add a sink, and name it in dm of [notify]",
        )
    message = _message(app, who)
    for to in ways:
        yield _tried(app, to, message)


def _ways(app: Services, account: str, who: str) -> Iterator[Destination]:
    from atsbridge.model import Destination

    sinks = [name for name in app.sink_names(account) if name != "ats"]
    if "@" in who:
        order = dict.fromkeys((*app.settings.notify.dm, *sinks))
        for name in order:
            if name in sinks and app.sink_spec(name).dms:
                yield Destination(name, "person", who, why="a test")
    elif who.startswith("channel:"):
        chosen = [name for name in app.settings.notify.dm if name in sinks]
        for name in chosen[:1]:  # as a rule's step does
            yield Destination(name, "channel", who.removeprefix("channel:"), why="a test")
    else:
        teams = app.teams(account)
        if who not in teams:
            raise ConfigError(
                f"{who!r} is no e-mail address, no channel:#name and no team",
                where="--send-test",
                remedy=f"Teams of {account}: {', '.join(sorted(teams)) or 'none'}",
            )
        yield teams[who]


def _message(app: Services, who: str) -> Message:
    from atsbridge.model import Message

    now = app.time.now()
    return Message(
        key=f"test-{int(now.timestamp() * 1000)}",
        headline="A test of atsbridge",
        body=(
            f"Somebody ran `atsbridge doctor --send-test {who}` to see whether messages arrive"
            " here. They do; there is nothing to be done."
        ),
        tone="glad",
    )


def _tried(app: Services, to: Destination, message: Message) -> Checked:
    """How it went. Whatever the sink raises is a line, never the end."""
    from atsbridge.delivery import Guarded
    from atsbridge.ports import Checked

    what = f"{to.sink}: {to.address}"
    try:
        sink: Sink = Guarded(to.sink, app.open_sink(to.sink))
        if to.kind == "person" and sink.reach(to.address) is None:
            return Checked(what, good=False, detail="nobody there has it", remedy=_UNKNOWN)
        sink.send(to, message)
    except AtsbridgeError as error:
        return Checked(what, good=False, detail=error.what, remedy=error.remedy)
    return Checked(what, good=True, detail="sent: look whether it arrived")
