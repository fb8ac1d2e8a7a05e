"""Versions of briefs: recorded when a brief, its criteria, pay, priority or headcount change.

Only requisitions with a brief have versions. While nobody has agreed to a version and nobody was
asked to, it is a draft, and the next change goes into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from atsbridge.cases import address_pair, make_pair_notice
from atsbridge.errors import ConfigError
from atsbridge.model import (
    SIDES,
    AgreementSource,
    BriefAgreement,
    BriefPart,
    BriefSnapshot,
    BriefVersion,
    Change,
    Condition,
    Found,
    Impact,
    Key,
    NoticeState,
    Operator,
    Origin,
    PayRange,
    Purpose,
    Query,
    Requisition,
    VersionChange,
    compare_versions,
    find_agreed,
    find_dropped,
)
from atsbridge.ports import Decision

if TYPE_CHECKING:
    from atsbridge.context.account_context import AccountContext
    from atsbridge.ports import Store

# Several edits that follow each other go into one message.
SETTLE = timedelta(minutes=30)
_Q = "requisition."
_SECTIONS, _AGREED = f"{_Q}brief.sections", f"{_Q}brief.agreed"
# Part -> fields of the requisition whose changes it is made of.
_FIELDS: Mapping[BriefPart, tuple[str, ...]] = {
    BriefPart.CRITERIA: ("criteria",),
    BriefPart.PAY_RANGE: ("pay_min", "pay_max", "pay_currency", "pay_period"),
    BriefPart.PRIORITY: ("priority",),
    BriefPart.HEADCOUNT: ("headcount",),
}
_SOURCES: Mapping[BriefPart, frozenset[str]] = {  # fields that must be believed
    BriefPart.SECTION: frozenset({"brief.sections"}),
    BriefPart.CRITERIA: frozenset({"criterion.name", "criterion.requisition"}),
    BriefPart.PAY_RANGE: frozenset({f"{_Q}pay_min", f"{_Q}pay_max"}),
    BriefPart.PRIORITY: frozenset({f"{_Q}priority"}),
    BriefPart.HEADCOUNT: frozenset({f"{_Q}headcount"}),
}
_COLUMNS = (
    _SECTIONS,
    _AGREED,
    f"{_Q}status",
    *(f"{_Q}{side}" for side in SIDES),
    *(f"{_Q}{name}" for names in _FIELDS.values() for name in names),
)
_WAITING = (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.RETRY, NoticeState.HELD)
_OPEN = ("open", "on_hold")


def read_requisition(store: Store, key: Key) -> Requisition:
    """The stored requisition. ConfigError where there is none."""
    record = store.history.read_record(key)
    if not isinstance(record, Requisition):
        raise ConfigError(
            "the store has no such requisition", where=str(key), remedy="Run `atsbridge sync`"
        )
    return record


def read_sides(store: Store, requisition: Key) -> dict[str, set[str]]:
    """Side -> ids of everybody who has it on the hiring team."""
    columns = ("team_member.role", "team_member.user")
    query = Query("team_member", Condition(columns[0], Operator.IN, SIDES), columns)
    members = store.history.find_children(
        requisition.account, query, "requisition", [requisition.id]
    )
    found: dict[str, set[str]] = {side: set() for side in SIDES}
    for one in members:
        if user := one.facts[columns[1]]:
            found[one.facts[columns[0]]].add(user)
    return found


class VersionRecorder:
    """Records the versions of one account's briefs, under its lock."""

    def __init__(self, context: AccountContext) -> None:
        self._context, self._account = context, context.account
        self._store, self._now = context.store, context.time.now()

    def record_dirty(self) -> None:
        """Record the versions of requisitions that changed since the last run."""
        self.record(self._store.subjects.find_dirty(self._account, "requisition", (f"{_Q}brief",)))

    def record(self, ids: Sequence[str] | None) -> None:
        """Record the versions and agreements of these requisitions; None: of all.

        A requisition whose brief file cannot be read now is left out.
        """
        if ids is not None and not ids:
            return
        work = self._store.records.read_work(self._account, "briefs", 1_000_000)
        unreadable = {one.parent for one in work}
        query = Query("requisition", Condition(f"{_Q}brief", Operator.SET), _COLUMNS)
        found = list(self._store.subjects.select(self._account, query, ids=ids))
        current = self._store.briefs.find_current(self._account, ids)
        for one in found:
            if one.id not in unreadable:
                self._record_one(one, current.get(one.id))

    def announce(self) -> None:
        """Queue one message to both sides about each change of an agreed brief."""
        untold = self._store.briefs.find_untold(self._account)
        if not untold:
            return
        waiting = self._store.outbox.read_notices(self._account, states=_WAITING)
        keys = {one.key for one in waiting}
        suppression = self._context.suppression(self._now)
        notices = []
        for found in self._find_open([one.id for one in untold]):
            requisition = Key(self._account, "requisition", found.id)
            if suppression.silence("", requisition) is not None:
                continue
            people = {side: found.facts[f"{_Q}{side}"] for side in SIDES}
            (version,) = self._store.briefs.find_current(self._account, [found.id]).values()
            for to in address_pair(people, self._context.directory):
                number = version.number
                notice = make_pair_notice(
                    requisition, Purpose.AGREEMENT, to, self._now, edition=number
                )
                if notice.key not in keys:
                    notices.append(replace(notice, not_before=version.made_at + SETTLE))
        if notices:
            self._store.cases.save_decision(
                Decision(account=self._account, at=self._now, notices=notices)
            )

    # --- one requisition ----------------------------------------------------------------------

    def _record_one(self, found: Found, newest: BriefVersion | None) -> None:
        requisition = Key(self._account, "requisition", found.id)
        fresh = _make_snapshot(found, self._unread)
        if newest is None:
            newest = BriefVersion(
                requisition=requisition, number=1, made_at=self._now, snapshot=fresh
            )
            self._store.briefs.save_version(newest)
        elif (fresh := _keep_unread(newest.snapshot, fresh)) != newest.snapshot:
            newest = self._update(newest, fresh)
        self._record_agreements(newest, found.facts[_AGREED] or {})

    def _update(self, newest: BriefVersion, fresh: BriefSnapshot) -> BriefVersion:
        """Store what changed: in the draft, or as a new version."""
        requisition, briefs = newest.requisition, self._store.briefs
        changes = self._read_changes(newest)
        shown = [
            one
            for one in compare_versions(newest.snapshot, fresh)
            if not _is_remapped(one, changes)
        ]
        if not shown:  # a part that can be read now, or that is mapped otherwise
            filled = replace(newest, snapshot=fresh)
            briefs.save_version(filled)
            return filled
        agreements = briefs.read_agreements(requisition)
        number = newest.number + 1
        if newest.sent_at is None and all(one.version != newest.number for one in agreements):
            number = newest.number
        earlier = [one for one in briefs.read_versions(requisition) if one.number < number]
        if earlier and not compare_versions(earlier[-1].snapshot, fresh):
            briefs.delete_version(requisition, number)  # the draft is as the version before again
            return earlier[-1]
        version = BriefVersion(
            requisition=requisition,
            number=number,
            made_at=self._now,
            snapshot=fresh,
            made_by=self._name_authors(changes),
            impact=self._measure(find_agreed(earlier, agreements) or earlier[-1], fresh)
            if earlier
            else Impact(),
        )
        briefs.save_version(version)
        return version

    def _measure(self, before: BriefVersion, fresh: BriefSnapshot) -> Impact:
        """What the change means for candidates, as far as it can be known.

        `before`: the version that both agreed to last, else the one before.
        """
        unknown = self._context.unknown_fields
        dropped = find_dropped(before.snapshot, fresh)
        since = before.made_at if before.number > 1 else None
        impact = self._store.briefs.measure_impact(before.requisition, since, self._now, dropped)
        if {"scorecard.submitted_at", "scorecard.application"} & unknown:
            impact = replace(impact, assessed=None)
        if {"application.reason", "reason.name", "application.status"} & unknown:
            impact = replace(impact, rejected=dict.fromkeys(dropped))
        return impact

    def _record_agreements(self, version: BriefVersion, agreed: Mapping[str, str]) -> None:
        """Agreements that are written in the file or the ATS count for the present version.

        One that was known before does not count again: it was for an earlier version.
        """
        if not agreed:
            return
        requisition, briefs = version.requisition, self._store.briefs
        known = {(one.user, _ms(one.at)) for one in briefs.read_agreements(requisition)}
        sides = read_sides(self._store, requisition)
        for user, text in agreed.items():
            at = datetime.fromisoformat(text)
            if (user, _ms(at)) in known:
                continue
            for side in (name for name, people in sides.items() if user in people):
                briefs.add_agreement(
                    requisition,
                    BriefAgreement(version.number, side, user, at, AgreementSource.WRITTEN),
                )

    # --- what is read -------------------------------------------------------------------------

    @cached_property
    def _unread(self) -> frozenset[BriefPart]:
        unknown = self._context.unknown_fields
        return frozenset(part for part, fields in _SOURCES.items() if fields & unknown)

    def _read_changes(self, version: BriefVersion) -> Mapping[BriefPart, Sequence[Change]]:
        """The changes since the version was made, by part, oldest first."""
        history, requisition = self._store.history, version.requisition
        names = [name for fields in _FIELDS.values() for name in fields]
        own = history.read_changes(requisition, names)
        brief = Key(requisition.account, "brief", requisition.id)
        found = {
            part: [one for one in own if one.field in fields] for part, fields in _FIELDS.items()
        }
        found[BriefPart.SECTION] = list(history.read_changes(brief, ("sections",)))
        return {
            part: [one for one in changes if one.observed_at > version.made_at]
            for part, changes in found.items()
        }

    def _name_authors(self, changes: Mapping[BriefPart, Sequence[Change]]) -> str:
        """Who made the changes, where anybody is known: "Ines Duarte"."""
        users = self._context.users
        actors = dict.fromkeys(one.actor for its in changes.values() for one in its if one.actor)
        names = (users[one].name if one in users else one for one in actors if one)
        return ", ".join(dict.fromkeys(name for name in names if name))

    def _find_open(self, ids: Sequence[str]) -> Iterator[Found]:
        """Those of the requisitions that are open, and in the pilot if there is one."""
        from atsbridge.rules import pilot

        where, _ = pilot.read(self._context.settings.pilot.where)
        query = Query("requisition", where, _COLUMNS)
        for found in list(self._store.subjects.select(self._account, query, ids=ids)):
            if not found.unknown and found.facts[f"{_Q}status"] in _OPEN:
                yield found


def _make_snapshot(found: Found, unread: frozenset[BriefPart]) -> BriefSnapshot:
    facts = found.facts
    return BriefSnapshot(
        sections=dict(facts[_SECTIONS] or {}),
        criteria=tuple(facts[f"{_Q}criteria"] or ()),
        pay=PayRange(
            facts[f"{_Q}pay_min"],
            facts[f"{_Q}pay_max"],
            facts[f"{_Q}pay_currency"] or "",
            facts[f"{_Q}pay_period"] or "",
        ),
        priority=facts[f"{_Q}priority"] or "",
        headcount=facts[f"{_Q}headcount"],
        unread=unread,
    )


def _keep_unread(old: BriefSnapshot, new: BriefSnapshot) -> BriefSnapshot:
    """The new snapshot; a part that cannot be read now stays as it was."""
    kept: Mapping[BriefPart, Mapping[str, Any]] = {
        BriefPart.SECTION: {"sections": old.sections},
        BriefPart.CRITERIA: {"criteria": old.criteria},
        BriefPart.PAY_RANGE: {"pay": old.pay},
        BriefPart.PRIORITY: {"priority": old.priority},
        BriefPart.HEADCOUNT: {"headcount": old.headcount},
    }
    values = {name: value for part in new.unread for name, value in kept[part].items()}
    return replace(new, **values, unread=new.unread & old.unread)


def _is_remapped(change: VersionChange, changes: Mapping[BriefPart, Sequence[Change]]) -> bool:
    """Whether our own map of the account changed the part, and nobody else."""
    since = changes.get(change.part, ())
    return bool(since) and all(one.origin is Origin.MAPPING for one in since)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
