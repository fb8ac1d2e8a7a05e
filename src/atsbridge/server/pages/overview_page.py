"""The overview: open roles that the reader may see, with filter and search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from atsbridge.queries import AccountAccess, Viewer
from atsbridge.report import CaseView
from atsbridge.server.pages.live_data import LiveData
from atsbridge.server.pages.overview_snapshot import (
    AccountSnapshot,
    OverviewSnapshots,
    RoleRow,
)

ROWS = 500  # on one page; whoever has more narrows the search
_SEARCH = 100  # characters that are looked for
_OTHERS = 50
_SHOWN: Mapping[str, Callable[[RoleRow], bool]] = {
    "": lambda _: True,
    "late": lambda one: one.late > 0,
    "soon": lambda one: one.soon > 0,
    "settle": lambda one: one.findings > 0,
    "unknown": lambda one: one.unknown > 0,
}
_SIDES = ("", "recruiter", "hiring_manager")


@dataclass(frozen=True, slots=True)
class OverviewFilter:
    """What the reader looks for; values that do not exist count as none."""

    search: str = ""
    show: str = ""
    side: str = ""
    account: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str], accounts: Sequence[str]) -> OverviewFilter:
        """From the parameters of the address."""
        show, side = query.get("show", ""), query.get("side", "")
        account = query.get("account", "")
        return cls(
            " ".join(query.get("q", "").split())[:_SEARCH],
            show if show in _SHOWN else "",
            side if side in _SIDES else "",
            account if account in accounts else "",
        )

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.search or self.show or self.side or self.account)

    def choose(self, rows: Sequence[RoleRow]) -> list[RoleRow]:
        """The rows that match, in the same order."""
        terms, shown = self.search.casefold().split(), _SHOWN[self.show]
        return [
            one
            for one in rows
            if self.side in ("", one.side)
            and shown(one)
            and all(term in one.text for term in terms)
        ]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Makes the values of the overview's template."""

    data: LiveData
    snapshots: OverviewSnapshots

    def view(self, viewer: Viewer, query: Mapping[str, str]) -> dict[str, Any]:
        """What the template shows to this viewer."""
        accounts = self.data.accounts
        chosen = OverviewFilter.parse(query, accounts)
        sections = []
        for account in [chosen.account] if chosen.account else accounts:
            context = self.data.context(account)
            access = self.data.access(context, viewer)
            section = self._section(self.snapshots.get(account), access, chosen)
            section["read"] = self.data.time(context).moment(section["read_at"])
            sections.append(section)
        known = [one for one in sections if one["visible"] or viewer.ops]
        return {
            "chosen": chosen,
            "accounts": accounts,
            "sections": known or sections[:1],
            "tiles": _tiles([row for one in sections for row in one["visible"]]),
            "is_stranger": not (known or viewer.ops),
        }

    def _section(
        self, snapshot: AccountSnapshot, access: AccountAccess, chosen: OverviewFilter
    ) -> dict[str, Any]:
        visible = [
            one
            for one in snapshot.rows
            if access.sees_requisition(one.id, confidential=one.confidential)
        ]
        found = chosen.choose(visible)
        others: Sequence[CaseView] = snapshot.others if access.viewer.ops else ()
        return {
            "account": snapshot.account,
            "visible": visible,
            "found": len(found),
            "shown": min(len(found), ROWS),
            "rows": Markup("").join(one.html for one in found[:ROWS]),
            "others": others[:_OTHERS],
            "more_others": max(len(others) - _OTHERS, 0),
            "read_at": snapshot.read_at,
        }


def _tiles(rows: Sequence[RoleRow]) -> dict[str, int]:
    """Totals over all roles that the reader may see."""
    return {
        "roles": len(rows),
        "late": sum(one.late for one in rows),
        "soon": sum(one.soon for one in rows),
        "findings": sum(one.findings for one in rows),
        "unknown": sum(one.unknown for one in rows),
    }
