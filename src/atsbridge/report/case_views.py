"""Views of open cases: who has to act, by when, the clock and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from atsbridge.model import Transition
from atsbridge.queries import Explanation, OpenCase
from atsbridge.report import page_text as text
from atsbridge.report.page_pictures import draw_clock
from atsbridge.report.reader_names import ReaderNames


class CaseView(NamedTuple):
    """One open case. `picture`: its clock as a data address, "" where it is not drawn."""

    number: int
    title: str
    about: str
    state: str
    kind: str
    waiting: str
    due: str
    why: str
    picture: str = ""
    description: str = ""
    zone: str = ""
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseViews:
    """Makes the views of cases. `explanations` and `histories`: of those that are drawn."""

    names: ReaderNames
    time: text.PageTime
    explanations: Mapping[int, Explanation] = field(default_factory=dict)
    histories: Mapping[int, Sequence[Transition]] = field(default_factory=dict)

    def drawn(self, cases: Iterable[OpenCase]) -> list[CaseView]:
        """The cases whose clock is drawn."""
        return [self.case(one) for one in cases if one.case.number in self.explanations]

    def case(self, one: OpenCase, *, draw: bool = True) -> CaseView:
        """An open case; with `draw` its clock and its history."""
        case, names, time = one.case, self.names, self.time
        explained = self.explanations.get(case.number)
        role = _role(one)
        about = self._about(explained) if explained else ""
        view = CaseView(
            number=case.number,
            title=names.text(one.rule.title, 120),
            about=about,
            state="to settle" if one.finding else text.CLOCKS[case.clock],
            kind="late" if one.late else "soon" if not (one.unknown or one.finding) else "dim",
            waiting=names.person(case.owed_by, role),
            due=_due(one, time),
            why=self._why(one, explained),
        )
        if not draw or explained is None:
            return view
        drawn = bool(explained.verdict.spans)
        picture, description = draw_clock(explained, about) if drawn else ("", "")
        history = self.histories.get(case.number, ())
        return view._replace(
            picture=picture,
            description=description,
            zone=explained.zone,
            history=tuple((time.moment(row.at), text.EVENTS[row.name]) for row in history),
        )

    def _about(self, explained: Explanation) -> str:
        if self.names.named:
            return explained.about
        title = explained.verdict.evidence.get("requisition.title")
        return self.names.text(title, 120) or explained.verdict.subject.kind

    def _why(self, one: OpenCase, explained: Explanation | None) -> str:
        """What a check found, or why a case cannot be evaluated: the fields that are unknown."""
        if one.finding and self.names.named:
            return self.names.text(one.case.finding, 200)
        if not one.unknown:
            return ""
        paths = explained.verdict.unknown if explained else ()
        return f"cannot be read now: {', '.join(paths[:3])}" if paths else "cannot be read now"


def _role(one: OpenCase) -> str:
    """The role in which somebody owes the promise, by the rule's own path."""
    path = (one.rule.clock.owed_by if one.rule.clock else None) or ""
    name = path.rpartition(".")[2]
    return "interviewer" if path == "seat.user" else "approver" if name == "user" else name


def _due(one: OpenCase, time: text.PageTime) -> str:
    """ "was due Mon 9 Mar, 16:00"; of what a check found, since when it is open."""
    if one.finding:
        return f"open since {time.day(one.case.opened_at)}"
    due = one.case.due_at
    if due is None:
        return ""
    return f"{'was due' if due <= time.now else 'due'} {time.moment(due)}"
