"""The intake brief of a requisition, and the form with which its two sides write it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from atsbridge.model import Key, clean, printable
from atsbridge.presentation import MAY_NAME_PAY, QUESTIONS, mentions_pay
from atsbridge.queries import AccountAccess, Viewer
from atsbridge.replies import Announcer, AnswerRefusal, BriefView, read_brief
from atsbridge.server.pages.live_data import LiveData, PageNotFoundError
from atsbridge.server.pages.requisition_page import find_visible

SIDES = ("recruiter", "hiring_manager")
FIELD = "section."  # what the names of the form's fields begin with
SHOWN = "shown"  # the field with what the form showed: "name:digest", with spaces between
_TEXT = 5000  # characters of a section


class SectionView(NamedTuple):
    """One section of a brief. `stored`: what it says now. `text`: what is shown of it, or the
    answer that was sent and not stored, with the reason in `refusal`.
    """

    name: str
    label: str
    questions: tuple[str, ...]
    stored: str
    text: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class SentForm:
    """What a reader sent, and what was refused of it: section -> reason.

    `is_outdated`: they agreed to a brief that has changed since they saw it.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, AnswerRefusal] = field(default_factory=dict)
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class BriefPage:
    """Makes the values of the brief's template, and stores what the form says."""

    data: LiveData

    def view(
        self, viewer: Viewer, account: str, name: str, sent: SentForm | None = None
    ) -> dict[str, Any]:
        """What the template shows. PageNotFoundError if there is nothing for the viewer.

        `sent`: a form of which something was not stored; its texts are shown again.
        """
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
        may_write = self._may_write(access, key) and not brief.trouble
        sections = list(_sections(brief, sent))
        return {
            "account": account,
            "id": key.id,
            "title": clean(brief.title, 200),
            "sections": sections if may_write else [_without_pay(one) for one in sections],
            "missing": [_label(one) for one in brief.missing],
            "exists": bool(brief.source),
            "is_readable": not brief.trouble,
            "agreed": agreed,
            "agreed_at": time.moment(brief.agreed_at),
            "may_write": may_write,
            "may_agree": may_write and bool(brief.source),
            "zone": time.zone,
            "field": FIELD,
            "shown": " ".join(f"{one.name}:{_digest_text(one.stored)}" for one in sections),
            "seen": _digest(brief),
            "is_outdated": sent is not None and sent.is_outdated,
            "is_refused": sent is not None and bool(sent.refused),
        }

    def agree(self, viewer: Viewer, account: str, name: str, seen: str) -> SentForm:
        """Store that the viewer agrees to the brief as they saw it.

        `seen`: the digest on the page. PageNotFoundError if they may not agree. ConfigError and
        LockedError as `Announcer.agree`.
        """
        key = self._find_own(viewer, account, name)
        if seen != _digest(read_brief(self.data.services, key)):
            return SentForm(is_outdated=True)
        Announcer(self.data.services, viewer.email).agree(key, viewer.email)
        return SentForm()

    def answer(self, viewer: Viewer, account: str, name: str, form: Mapping[str, str]) -> SentForm:
        """Store the answers that differ from the brief; returns what was refused.

        What the reader left as the form showed it is no answer. What somebody else changed since is
        refused, so that nobody takes back the other side's answer unseen. PageNotFoundError if the
        viewer may not write. LockedError while a run is at work.
        """
        key = self._find_own(viewer, account, name)
        services = self.data.services
        stored = {one.name: one.stored for one in _sections(read_brief(services, key))}
        shown = dict(one.split(":", 1) for one in form.get(SHOWN, "").split() if ":" in one)
        sent = {
            name.removeprefix(FIELD): text for name, text in form.items() if name.startswith(FIELD)
        }
        now = {section: _digest_text(stored.get(section, "")) for section in sent}
        changed = {
            section: text
            for section, text in sent.items()
            if _digest_text(text) not in (now[section], shown.get(section))
        }
        stale = {one for one in changed if shown.get(one, now[one]) != now[one]}
        fresh = {section: text for section, text in changed.items() if section not in stale}
        done = Announcer(services, viewer.email).answer(key, fresh)
        return SentForm(sent, {**done.refused, **dict.fromkeys(stale, AnswerRefusal.CHANGED)})

    def _find(self, viewer: Viewer, account: str, name: str) -> tuple[Key, AccountAccess]:
        context = self.data.context(account)
        access = self.data.access(context, viewer)
        found = find_visible(context, access, name)
        return Key(account, "requisition", found), access

    def _find_own(self, viewer: Viewer, account: str, name: str) -> Key:
        """A requisition on which the viewer writes."""
        key, access = self._find(viewer, account, name)
        if not self._may_write(access, key):
            raise PageNotFoundError
        return key

    def _may_write(self, access: AccountAccess, key: Key) -> bool:
        """Only a person of one of the two sides writes; not a program, nor an operator."""
        return bool(access.viewer.email) and access.has_role(key.id, *SIDES)


def _sections(brief: BriefView, sent: SentForm | None = None) -> Iterator[SectionView]:
    names = [*QUESTIONS, *(one for one in brief.sections if one not in QUESTIONS)]
    for name in names:
        stored = _text(brief.sections.get(name))
        text, refusal = stored, ""
        if sent is not None and name in sent.refused:
            text, refusal = printable(sent.answers[name])[:_TEXT], str(sent.refused[name])
        yield SectionView(name, _label(name), QUESTIONS.get(name, ()), stored, text, refusal)


def _without_pay(one: SectionView) -> SectionView:
    """The section as those read it who do not write it."""
    hides = one.text and mentions_pay(one.name, one.text)
    return one._replace(text=MAY_NAME_PAY) if hides else one


def _digest(brief: BriefView) -> str:
    """Changes with what the page shows of the brief."""
    shown = "\0".join(f"{one.name}\0{one.text}" for one in _sections(brief))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _digest_text(text: str) -> str:
    """Changes with the text, but not with the line ends that a browser writes."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def _label(name: str) -> str:
    return clean(name.replace("_", " "), 60).capitalize()


def _text(value: object) -> str:
    """The text of a section; entries of a list are lines."""
    if isinstance(value, list | tuple):
        value = "\n".join(map(str, value))
    return printable(str(value))[:_TEXT] if value is not None else ""
