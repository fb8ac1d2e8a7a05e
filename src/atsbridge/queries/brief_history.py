"""The versions of a brief: what changed, what it meant for candidates, and who agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.context import AccountContext, Services, read_requisition
from atsbridge.model import (
    SIDES,
    AgreementSource,
    BriefVersion,
    Impact,
    Key,
    VersionChange,
    compare_versions,
)


@dataclass(frozen=True, slots=True)
class AgreedBy:
    """One person's agreement to a version. `name`: as the ATS has it, "" if it is not known."""

    side: str
    name: str
    at: datetime
    source: AgreementSource


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version, to be shown.

    `changes`: from the version before. `impact`: of all changes since the version that both sides
    had agreed to. `waiting`: side -> name of who has to agree yet; only of the newest version.
    """

    version: BriefVersion
    changes: Sequence[VersionChange]
    impact: Impact
    agreed: Sequence[AgreedBy]
    waiting: Mapping[str, str]


def read_brief_history(services: Services, key: Key) -> list[VersionView]:
    """The versions of a requisition's brief, oldest first; none where there is no brief."""
    store = services.store
    versions, agreements = store.briefs.read_versions(key), store.briefs.read_agreements(key)
    if not versions:
        return []
    users = AccountContext(services, key.account).users
    requisition = read_requisition(store, key)

    def name(user: str | None) -> str:
        found = users.get(user or "")
        return (found.name or found.email or "") if found else ""

    views = []
    for at, version in enumerate(versions):
        its = [one for one in agreements if one.version == version.number]
        sides = {one.side for one in its}
        waiting = {side: name(getattr(requisition, side)) for side in SIDES if side not in sides}
        before = versions[at - 1] if at else None
        views.append(
            VersionView(
                version,
                compare_versions(before.snapshot, version.snapshot) if before else (),
                version.impact,
                [AgreedBy(one.side, name(one.user), one.at, one.source) for one in its],
                waiting if version is versions[-1] else {},
            )
        )
    return views
