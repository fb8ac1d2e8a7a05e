"""What `atsbridge doctor` looks at: everything that would make the next run fail or go astray.

Own: settings, files, store, rules. Sinks: tokens and permissions. Accounts: host, credential,
lists, what the settings name and the ATS does not have, people who cannot be reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from atsbridge.app.health import account_health, local_health, sink_health
from atsbridge.ports import Checked

if TYPE_CHECKING:
    from atsbridge.context import Services

__all__ = ["examine"]


def examine(app: Services, names: Iterable[str]) -> dict[str, list[Checked]]:
    """Every line about these accounts: a heading -> its lines, in the order to read them in."""
    names = list(names)
    found = {"atsbridge": list(local_health.check(app))}
    for name in sink_health.used(app, names):
        found[f"sink {name}"] = list(sink_health.check(app, name))
    for name in names:
        found[name] = list(account_health.check(app, name))
    return found
