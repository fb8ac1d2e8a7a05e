"""Find the destination of a step: from a role to a person to an address, with the reason.

A step always has a destination: where nobody can be reached, the rule's owner gets it. `delivery`
checks whether a sink can reach the address.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.cases.superiors import Superiors
from atsbridge.model import (
    CAPABILITIES,
    Destination,
    Key,
    Mark,
    RecipientCode,
    RecipientReason,
    RecipientTrouble,
    User,
    Verdict,
    address,
    capabilities,
    recipient_reason,
    resolve,
)
from atsbridge.ports import Reminder
from atsbridge.rules import (
    CHANNEL,
    MANAGER,
    PERSON,
    TEAM,
    Rule,
    field_paths,
    split_recipient,
)
from atsbridge.worktime import FALLBACK_ZONE, Calendar

_FALLBACK_ROLES = {  # an application's own people come before the requisition's
    "application.recruiter": "requisition.recruiter",
    "application.coordinator": "requisition.coordinator",
}
_ASSIGNEE = "application.assignee"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person configured or chose. `sink`: the sink they prefer."""

    delegate: str = ""  # e-mail
    sink: str = ""
    morning: bool = False  # everything goes into their digest
    stopped: bool = False  # they read only of what waits on them


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The people of one account, and where to reach them.

    `preferences`: by e-mail. `away`: user id -> why they are absent today. `returns`: user id ->
    the instant in UTC at which somebody who is away works again, if that is soon. `zones`: user id
    -> IANA zone. `reassigned`: (subject, user id) -> e-mail of who got the case instead ("": the
    rule's owner). `sinks`: those that reach people, the preferred first. `teams`: the owners of
    rules; `ops` stands in for a team that is not configured. `ats`: the name of the ATS in links.
    `operator`: who runs atsbridge, for a person's first message. `office`: the working calendar of
    a user id. `superiors`: managers and heads of departments. `writes`: what may be written into
    the ATS. `reminders`: what the ATS itself sends.
    """

    users: Mapping[str, User]
    teams: Mapping[str, Destination]
    ops: Destination
    sinks: tuple[str, ...]
    preferences: Mapping[str, Preferences] = field(default_factory=dict)
    away: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[str, datetime] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    reassigned: Mapping[tuple[Key, str], str] = field(default_factory=dict)
    zone: str = FALLBACK_ZONE
    office: Callable[[str | None], Calendar] | None = None
    superiors: Superiors = field(default_factory=Superiors)
    ats: str = "the ATS"
    operator: str = ""
    writes: frozenset[str] = frozenset(CAPABILITIES)
    reminders: tuple[Reminder, ...] = ()
    _emails: dict[str, User] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for user in self.users.values():
            known = self._emails.get(user.email or "")
            if user.email and (known is None or _rank(user) < _rank(known)):
                self._emails[user.email] = user

    def owner(self, rule: Rule) -> Destination:
        """The destination of the team that owns a rule."""
        return self.teams.get(rule.owner, self.ops)

    def name(self, user: str | None) -> str:
        """A user's name as the ATS shows it; "" if it is not known."""
        found = self.users.get(user or "")
        return (found.name or "") if found else ""

    def by_email(self, email: str) -> User | None:
        """The user with that address, an active one first."""
        return self._emails.get(email.lower())

    def find_user(self, value: object) -> str | None:
        """The user id that a custom field holds, by id or by e-mail address; None for nobody."""
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        text = str(value or "").strip()
        if text in self.users:
            return text
        found = self.by_email(text.lower()) if "@" in text else None
        return found.id if found is not None else text or None

    def find_sink(self, email: str) -> str:
        """The sink to try first for a person."""
        preferred = self.preferences.get(email, Preferences()).sink
        if preferred in self.sinks or not self.sinks:
            return preferred or self.ops.sink
        return self.sinks[0]


def _rank(user: User) -> tuple[bool, str]:
    return not user.active, user.id


def recipient(
    to: str, rule: Rule, verdict: Verdict, directory: Directory, mark: Mark | None = None
) -> Destination:
    """Find the destination of a step's `to` for this verdict; its `why` gives the reason.

    `mark`: what the step puts on the ATS's record instead of a note. A role without a person, or
    whose person is inactive, away or without an address, goes to the person's delegate, else to
    the rule's owner. While everybody whom the rule concerns is away, it goes to the first of them
    who is back (`Directory.returns`).
    """
    if to.startswith(CHANNEL):
        sink = directory.sinks[0] if directory.sinks else directory.ops.sink
        why = recipient_reason(RecipientCode.NAMED)
        return Destination(sink, "channel", to.removeprefix(CHANNEL), why=(why,))
    if to.startswith(TEAM):
        return directory.teams.get(to.removeprefix(TEAM), directory.ops)
    if to == PERSON:
        return _oneself(verdict, directory)
    if to == "ats":
        why = recipient_reason(RecipientCode.NOTE)
        if mark is not None:
            why = recipient_reason(RecipientCode.MARK, field=mark.field)
        return Destination("ats", "ats", address(verdict.subject, mark), why=(why,))
    found = _find_person(to, rule, verdict, directory)
    is_away = found.fallback and found.why[-1]["trouble"] == RecipientTrouble.AWAY
    return (_find_first_back(found, rule, verdict, directory) if is_away else None) or found


def _find_first_back(
    found: Destination, rule: Rule, verdict: Verdict, directory: Directory
) -> Destination | None:
    """Who is back first, if everybody whom the rule's steps name, and each delegate, is away.

    None while one of them is here, and where nobody is back soon. `found`: who would get it
    otherwise.
    """
    concerned = frozenset(_list_concerned(rule, verdict, directory))
    if not concerned <= directory.away.keys():
        return None
    returns = [(directory.returns[one], one) for one in concerned if one in directory.returns]
    for _, user in sorted(returns):
        email = directory.users[user].email
        if email:
            why = found.why[-1].become(RecipientCode.FIRST_BACK)
            return replace(_at(email, why, directory), fallback=True)
    return None


def _list_concerned(rule: Rule, verdict: Verdict, directory: Directory) -> Iterator[str]:
    """The active users that steps to a person lead to, and the delegates of each."""
    for step in rule.steps:
        if step.to.startswith((CHANNEL, TEAM)) or step.to in (PERSON, "ats"):
            continue
        named = split_recipient(step.to)
        if named.head:
            head = directory.superiors.heads.get(str(verdict.evidence.get(named.path) or ""), "")
            user = directory.by_email(head)
        else:
            found, _ = _find_role_user(named.path, rule, verdict, directory)
            user = directory.users.get(found or "")
            if user is not None and named.levels:
                above = directory.superiors.above(user.email or "", named.levels)
                user = directory.by_email(above)
        seen: set[str] = set()
        while user is not None and user.active is not False and user.id not in seen:
            seen.add(user.id)
            yield user.id
            delegate = directory.preferences.get(user.email or "", Preferences()).delegate
            user = directory.by_email(delegate) if delegate else None


def _find_person(to: str, rule: Rule, verdict: Verdict, directory: Directory) -> Destination:
    """The destination of a role, of its superior, or of somebody to whom it was handed on."""
    named, owner = split_recipient(to), directory.owner(rule)
    if named.head:
        head = directory.superiors.heads.get(str(verdict.evidence.get(named.path) or ""), "")
        role = recipient_reason(RecipientCode.ROLE, role=to)
        return _superior(head, role, verdict, directory, owner)
    user, role = _find_role_user(named.path, rule, verdict, directory)
    if named.levels:
        below = directory.users.get(user or "")
        email = directory.superiors.above((below.email or "") if below else "", named.levels)
        above = role.become(role.code, role=role["role"] + MANAGER * named.levels)
        return _superior(email, above, verdict, directory, owner)
    return _person_in_role(user, role, verdict, directory, owner)


def _person_in_role(
    user: str | None,
    role: RecipientReason,
    verdict: Verdict,
    directory: Directory,
    owner: Destination,
) -> Destination:
    """The destination of a user id in a role, or of whoever got the case instead."""
    instead = directory.reassigned.get((verdict.subject, user or ""))
    if instead:
        why = role.become(RecipientCode.IN_PLACE, name=directory.name(user))
        return _at(instead, why, directory)
    if instead is not None:
        return replace(owner, why=(role.become(RecipientCode.NOT_THEIRS),), fallback=True)
    return person(user, role, directory, owner)


def _superior(
    email: str, role: RecipientReason, verdict: Verdict, directory: Directory, owner: Destination
) -> Destination:
    """The destination of a role's superior; the rule's owner where none is known."""
    if not email:
        return replace(owner, why=(role.become(RecipientCode.SUPERIOR_UNKNOWN),), fallback=True)
    user = directory.by_email(email)
    if user is None:  # a superior may have no account in the ATS: only the address is known
        return _at(email, role, directory)
    return _person_in_role(user.id, role, verdict, directory, owner)


def _oneself(verdict: Verdict, directory: Directory) -> Destination:
    """The person a personal rule is about; the address is empty where they cannot be reached.

    Nobody stands in for them: no delegate, no team, no reassignment.
    """
    user = verdict.subject.id
    trouble = _find_trouble(user, directory.users.get(user), directory)
    if not trouble:
        why = recipient_reason(RecipientCode.ALONE)
        return _at(directory.users[user].email or "", why, directory)
    why = recipient_reason(RecipientCode.UNREACHABLE, **trouble)
    return Destination(directory.ops.sink, "person", "", person=user, why=(why,), fallback=True)


def find_refused_writes(rule: Rule, allowed: Collection[str]) -> tuple[str, ...]:
    """The writes into the ATS that the rule's steps need and `allowed` lacks, each once."""
    subject = Key("", rule.subject, "")
    steps = [step for step in rule.steps if step.to == "ats"]
    needed = [capabilities(address(subject, step.mark)) for step in steps]
    return tuple(
        dict.fromkeys(" or ".join(any_of) for any_of in needed if not {*any_of} & {*allowed})
    )


def person(
    user: str | None, role: RecipientReason, directory: Directory, owner: Destination
) -> Destination:
    """The destination of one user id in a role, or of their stand-in."""
    found = directory.users.get(user or "")
    trouble = _find_trouble(user, found, directory)
    if found is not None and not trouble:
        return _at(found.email or "", role, directory)
    stand_in = _delegate(found, directory)
    if stand_in and found is not None:
        name = found.name or ""
        why = recipient_reason(RecipientCode.DELEGATE, name=name, **trouble)
        return _at(stand_in, why, directory)
    return replace(owner, why=(role.become(RecipientCode.UNREACHABLE, **trouble),), fallback=True)


def _find_role_user(
    to: str, rule: Rule, verdict: Verdict, directory: Directory
) -> tuple[str | None, RecipientReason]:
    """(user id, role) for a path to a user, or to a custom field that names one."""
    column, key = field_paths.part(rule.subject, to)
    if key:
        value = field_paths.value_at(rule.subject, to, verdict.evidence)
        role = f"{resolve(rule.subject, column).field.path}.{key}"
        return directory.find_user(value), recipient_reason(RecipientCode.ROLE, role=role)
    user = verdict.evidence.get(to)
    if user is None and (fallback := _FALLBACK_ROLES.get(to)):
        named = fallback if fallback in verdict.evidence else to
        return verdict.evidence.get(named), recipient_reason(RecipientCode.ROLE, role=named)
    if to == _ASSIGNEE:
        assignee = str(verdict.evidence.get("application.assignee_role") or "")
        return user, recipient_reason(RecipientCode.ROLE, role=to, assignee_role=assignee)
    field = resolve(rule.subject, to).field
    return user, recipient_reason(RecipientCode.ROLE, role=field.path)


def _find_trouble(user: str | None, found: User | None, directory: Directory) -> dict[str, str]:
    """Why this person cannot be reached, as parameters of a reason; empty if they can."""
    if user is None:
        return {"trouble": RecipientTrouble.NOT_NAMED}
    if found is None:
        return {"trouble": RecipientTrouble.UNKNOWN}
    if found.active is False:
        return {"trouble": RecipientTrouble.INACTIVE}
    if not found.email:
        return {"trouble": RecipientTrouble.NO_ADDRESS}
    if reason := directory.away.get(found.id):
        return {"trouble": RecipientTrouble.AWAY, "away": reason}
    return {}


def _delegate(found: User | None, directory: Directory) -> str:
    """The address of the first reachable person in the chain of delegates; "" if none."""
    seen: set[str] = set()
    email = (found.email or "") if found else ""
    while email and email not in seen:
        seen.add(email)
        email = directory.preferences.get(email, Preferences()).delegate
        if email and email not in seen:
            user = directory.by_email(email)
            if user is None or not _find_trouble(user.id, user, directory):
                return email
    return ""


def _at(email: str, why: RecipientReason, directory: Directory) -> Destination:
    user = directory.by_email(email)
    return Destination(
        directory.find_sink(email), "person", email, person=user.id if user else None, why=(why,)
    )
