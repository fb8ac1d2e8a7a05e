"""Run the checks of `atsbridge doctor`: everything that would make the next run fail or err.

The installation: settings, files, store, rules. Sinks: tokens and permissions. Accounts: host,
credential, lists, names that the ATS does not have, people who cannot be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from atsbridge.app.health import account_health, local_health
from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import CheckableSink, CheckResult

_UNSEEN = "shows only once something is sent: try `atsbridge doctor --send-test WHO`"


def examine(services: Services, names: Iterable[str]) -> dict[str, list[CheckResult]]:
    """Every check of these accounts: a heading -> its lines, in the order to read them in."""
    names = list(names)
    found = {"atsbridge": list(local_health.check_installation(services))}
    for name in _used_sinks(services, names):
        found[f"sink {name}"] = list(_check_sink(services, name))
    for name in names:
        found[name] = list(account_health.check_account(services, name))
    return found


def _used_sinks(services: Services, accounts: Iterable[str]) -> list[str]:
    """The sinks these accounts may use, each once; the ATS itself is not one of them."""
    names = dict.fromkeys(one for name in accounts for one in services.sink_names(name))
    return [name for name in names if name != "ats"]


def _check_sink(services: Services, name: str) -> Iterator[CheckResult]:
    """Its credential and permissions, where it can tell without sending."""
    try:
        sink = services.open_sink(name)
        if not sink.spec.checks:
            yield CheckResult("opened", good=True, detail=_UNSEEN)
            return
        yield from cast("CheckableSink", sink).check()
        if sink.spec.listens:
            yield _check_listening(services, name)
    except AtsbridgeError as error:
        yield CheckResult("connection", good=False, detail=error.what, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001  a plugin's fault is a line, too
        what = f"the sink raised {type(error).__name__}"
        yield CheckResult("connection", False, what, "Report it to the author of the sink")


def _check_listening(services: Services, name: str) -> CheckResult:
    """Whether `atsbridge listen` is at work: without it, the chat warns who presses a button."""
    from atsbridge.replies import is_listening

    if is_listening(services, name):
        return CheckResult("listening", good=True, detail="`atsbridge listen` is running")
    return CheckResult(
        "listening",
        good=False,
        detail="`atsbridge listen` is not running: nobody receives the buttons",
        remedy="Start it, for example as atsbridge-listen.service",
        warning=True,
    )
