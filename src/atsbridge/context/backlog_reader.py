"""What the store tells of the backlog: whether somebody acted on a subject, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from atsbridge.cases import BacklogPolicy
from atsbridge.context.subject_places import find_places
from atsbridge.model import (
    KINDS,
    All,
    Case,
    Change,
    End,
    Key,
    NoticeState,
    Origin,
    Purpose,
    Query,
    roots,
)
from atsbridge.ports import Store
from atsbridge.rules import Rule
from atsbridge.worktime import Duration

_RECRUITER = "requisition.recruiter"
_BETWEEN = timedelta(days=30)  # two clean-up messages to one reader
# When somebody last did something, by the ATS's own date: what is read late happened before.
_ACTIVITY = "application.last_human_activity_at"
# Fields that change without anybody acting, or by our own hand.
_NO_ACT = frozenset(
    {"created_at", "updated_at", "url", "custom", "tags", "last_activity_at", "display_name"}
)


@dataclass(frozen=True, slots=True)
class BacklogReader:
    """The backlog of one account at `now`.

    `baseline`: rules whose first run this is. `since`: rule -> when its present version was first
    evaluated here.
    """

    store: Store
    account: str
    baseline: Set[str]
    since: Mapping[str, datetime]
    now: datetime

    def policy(
        self, after: Duration, cases: Iterable[Case], ids: Mapping[str, Sequence[str] | None]
    ) -> BacklogPolicy:
        """The policy of a run. `cases`: the open ones; `ids`: the evaluated subjects by kind."""
        return BacklogPolicy(
            after=after,
            is_first_look=self.is_first_look,
            acted_on=self.find_acted_on(cases, ids),
            recruiters=self.find_recruiters,
            asked=self.find_asked,
        )

    def is_first_look(self, rule: Rule, subject: Key) -> bool:
        """Whether the rule had no case there before and nobody acted since it began to look.

        A case that was retired does not count: the rule was not the same, or nobody watched it.
        """
        if any(
            case.end not in (None, End.RETIRED)
            for case in self.store.cases.read_cases_of(rule.id, subject)
        ):
            return False
        since = self.since.get(rule.id)
        if rule.id in self.baseline or since is None:
            return True
        at = self.find_last_acts(subject.kind, [subject.id]).get(subject.id)
        return at is None or at <= since

    def find_acted_on(
        self, cases: Iterable[Case], ids: Mapping[str, Sequence[str] | None]
    ) -> frozenset[int]:
        """Numbers of cases in the backlog on whose subject somebody acted since they opened."""
        by_kind: dict[str, list[Case]] = {}
        wanted = {kind: None if its is None else frozenset(its) for kind, its in ids.items()}
        for case in cases:
            its = wanted.get(case.subject.kind, frozenset())
            if case.in_backlog and (its is None or case.subject.id in its):
                by_kind.setdefault(case.subject.kind, []).append(case)
        found: set[int] = set()
        for kind, several in by_kind.items():
            acts = self.find_last_acts(kind, sorted({case.subject.id for case in several}))
            found |= {
                case.number
                for case in several
                if (at := acts.get(case.subject.id)) is not None and at > case.opened_at
            }
        return frozenset(found)

    def find_last_acts(self, kind: str, ids: Sequence[str]) -> Mapping[str, datetime]:
        """Id -> when somebody last acted on the subject, as far as is known."""
        acts: dict[str, datetime] = {}

        def note(one: str, at: object) -> None:
            if isinstance(at, datetime) and (one not in acts or acts[one] < at):
                acts[one] = at

        if "application" in roots(kind):
            query = Query(kind, All(), (_ACTIVITY,))
            for found in self.store.subjects.select(self.account, query, ids=ids, filtered=False):
                note(found.id, found.facts.get(_ACTIVITY))
        history = self.store.history
        for one, changes in history.read_many_changes(
            self.account, kind, ids, _act_fields(kind)
        ).items():
            for change in changes:
                if _is_act(change):
                    note(one, change.occurred_at or change.observed_at)
        return acts

    def find_asked(self) -> frozenset[tuple[str, str, str]]:
        """The places that got a clean-up message within the last month, or will get one."""
        notices = self.store.outbox.read_notices(self.account)
        return frozenset(
            one.destination.place
            for one in notices
            if one.purpose is Purpose.CLEANUP and one.state is not NoticeState.DROPPED
            if one.created_at is not None and self.now - one.created_at < _BETWEEN
        )

    def find_recruiters(self, subjects: Sequence[Key]) -> Mapping[Key, str | None]:
        """Subject -> user id of the recruiter of its requisition."""
        subjects_store = self.store.subjects
        places = find_places(subjects_store, self.account, subjects)
        ids = sorted({one.requisition for one in places.values() if one.requisition})
        query = Query("requisition", All(), (_RECRUITER,))
        rows = subjects_store.select(self.account, query, ids=ids, filtered=False) if ids else ()
        recruiters = {row.id: row.facts.get(_RECRUITER) for row in rows}
        return {
            subject: recruiters.get(place.requisition or "") for subject, place in places.items()
        }


def _act_fields(kind: str) -> tuple[str, ...]:
    """The kind's own fields whose Changes are acts."""
    return tuple(sorted(name for name in KINDS[kind].supplied if name not in _NO_ACT))


def _is_act(change: Change) -> bool:
    """Whether somebody did it. What had no value before may only have been read later."""
    return change.old is not None and change.origin is not Origin.MAPPING
