"""The intake brief of a requisition, and the form with which its two sides write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from atsbridge.model import Key, clean
from atsbridge.presentation import QUESTIONS
from atsbridge.queries import AccountAccess, Viewer
from atsbridge.replies import Announcer, BriefView, read_brief
from atsbridge.server.pages.live_data import LiveData, PageNotFoundError
from atsbridge.server.pages.requisition_page import find_visible

SIDES = ("recruiter", "hiring_manager")
_TEXT = 5000  # characters of a section


class SectionView(NamedTuple):
    """One section of a brief."""

    name: str
    label: str
    questions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class BriefPage:
    """Makes the values of the brief's template, and stores what the form says."""

    data: LiveData

    def view(self, viewer: Viewer, account: str, name: str) -> dict[str, Any]:
        """What the template shows. PageNotFoundError if there is nothing for the viewer."""
        key, access = self._find(viewer, account, name)
        brief = read_brief(self.data.services, key)
        context = self.data.context(account)
        time, names = self.data.reader_time(context, access), self.data.names(context)
        agreed = [
            (
                role.replace("_", " "),
                (clean(person, 80) if names.named else "") or ("somebody" if person else "nobody"),
                time.moment(at) if at else "",
            )
            for role, (person, at) in brief.agreed.items()
        ]
        return {
            "account": account,
            "id": key.id,
            "title": clean(brief.title, 200),
            "sections": list(_sections(brief)),
            "missing": [_label(one) for one in brief.missing],
            "exists": bool(brief.source),
            "is_readable": not brief.trouble,
            "agreed": agreed,
            "agreed_at": time.moment(brief.agreed_at),
            "may_agree": self._may_write(access, key) and bool(brief.source) and not brief.trouble,
            "zone": time.zone,
        }

    def agree(self, viewer: Viewer, account: str, name: str) -> None:
        """Store that the viewer agrees to the brief as it is.

        PageNotFoundError if they may not. ConfigError and LockedError as `Announcer.agree`.
        """
        key, access = self._find(viewer, account, name)
        if not self._may_write(access, key):
            raise PageNotFoundError
        Announcer(self.data.services, viewer.email).agree(key, viewer.email)

    def _find(self, viewer: Viewer, account: str, name: str) -> tuple[Key, AccountAccess]:
        context = self.data.context(account)
        access = self.data.access(context, viewer)
        found = find_visible(context, access, name)
        return Key(account, "requisition", found), access

    def _may_write(self, access: AccountAccess, key: Key) -> bool:
        """Only a person of one of the two sides writes; not a program, nor an operator."""
        return bool(access.viewer.email) and access.has_role(key.id, *SIDES)


def _sections(brief: BriefView) -> Iterator[SectionView]:
    names = [*QUESTIONS, *(one for one in brief.sections if one not in QUESTIONS)]
    for name in names:
        yield SectionView(
            name, _label(name), QUESTIONS.get(name, ()), _text(brief.sections.get(name))
        )


def _label(name: str) -> str:
    return clean(name.replace("_", " "), 60).capitalize()


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return clean("; ".join(map(str, value)), _TEXT)
    return clean(str(value), _TEXT) if value is not None else ""
