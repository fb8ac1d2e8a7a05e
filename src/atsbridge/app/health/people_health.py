"""Find people who may get messages and whom no sink reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atsbridge.context import AccountContext, Services
from atsbridge.errors import SourceError
from atsbridge.ports import CheckResult

if TYPE_CHECKING:
    from atsbridge.model import User

_ASKED = 200  # people looked up in chat: a minute or two of its rate
_NAMED = 12  # in one line


def check_people(services: Services, account: str) -> Iterator[CheckResult]:
    """One line: how many of those on open requisitions can be reached, and who cannot."""
    people = _involved(services, account)
    if not people:
        return
    without = [one for one in people if not one.email]
    asked = [one for one in people if one.email][:_ASKED]
    unreachable, error = [], None
    for one in asked:
        try:
            if not _is_reached(services, account, one.email or ""):
                unreachable.append(one)
        except SourceError as fault:  # the line about the sink says why
            error = fault
            break
    if error is not None:
        yield CheckResult("people", False, f"could not be looked up: {error.what}", error.remedy)
        return
    total = len(asked) + len(without)
    unreached = [*(f"{one.name or one.id} (no address)" for one in without)]
    unreached += [one.email or "" for one in unreachable]
    if not unreached:
        yield CheckResult("people", True, f"all {total} on open requisitions can be reached")
        return
    shown = ", ".join(unreached[:_NAMED])
    more = f" and {len(unreached) - _NAMED} more" if len(unreached) > _NAMED else ""
    yield CheckResult(
        "people",
        False,
        f"{len(unreached)} of {total} on open requisitions cannot be reached: {shown}{more}",
        'Where somebody has another address in chat, write [people."ADDRESS IN THE ATS"]'
        ' chat = "ADDRESS IN CHAT"; what is owed to others goes to the rule\'s owner',
        warning=True,
    )


def _involved(services: Services, account: str) -> list[User]:
    """Active recruiters, managers and interviewers of open requisitions, in order of id."""
    store = services.store
    open_ones = {
        one.id
        for one in store.history.read_records(account, "requisition")
        if getattr(one, "status", None) == "open"
    }
    ids = {
        str(getattr(one, "user", ""))
        for one in store.history.read_records(account, "team_member")
        if getattr(one, "requisition", None) in open_ones
    }
    users = AccountContext(services, account).users
    return [users[one] for one in sorted(ids) if one in users and users[one].active is not False]


def _is_reached(services: Services, account: str, email: str) -> bool:
    return any(
        sink.spec.direct_messages and sink.find_address(email) is not None
        for name, sink in services.sinks(account).items()
        if name in services.settings.notify.dm
    )
