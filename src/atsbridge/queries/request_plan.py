"""What the next sync would cost: requests and time per list, computed without sending anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from atsbridge.context import AccountContext, Services

if TYPE_CHECKING:
    from atsbridge.sync import Estimate


def plan_requests(
    services: Services, accounts: Iterable[str], *, full: bool = False, active: int | None = None
) -> dict[str, tuple[Estimate, ...]]:
    """Account -> an estimate per stream, in order of the names.

    `full`: all rows are read again. `active`: applications to count with where nothing has been
    read yet.
    """
    from atsbridge.sync import Asked, plan

    now, found = services.time.now(), {}
    for name in accounts:
        context = AccountContext(services, name)
        nightly = bool(context.run_state.read_due_night(now, services.settings.run.nightly_at))
        asked = Asked(full=full, nightly=nightly, history=context.section.history, active=active)
        account_map = context.account_map
        found[name] = plan(context.spec, services.store.records, name, now, asked, account_map)
    return found
