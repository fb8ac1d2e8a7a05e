"""What a reader of the live pages or of the assistant's tools may see of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from atsbridge.context import AccountContext, Services
from atsbridge.model import Condition, Operator, Query, Sensitivity, User

# A role on the hiring team with which somebody reads the page of a requisition. Approvers decide on
# one question and are told about it in person.
_READING_ROLES = frozenset({"hiring_manager", "recruiter", "coordinator", "sourcer"})
_MEMBER = ("team_member.requisition", "team_member.role")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads. `email`: in lower case, "" for a program that reads with a token.

    `ops`: reads everything but the confidential requisitions of other teams.
    """

    email: str = ""
    ops: bool = False


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """What the viewer may see of one account. `user`: their id in it, None if they have none.

    `teams`: requisition -> their roles on its hiring team.
    """

    account: str
    viewer: Viewer
    user: str | None = None
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sees_requisition(self, requisition: str, *, confidential: bool) -> bool:
        """Whether the viewer may see the requisition, its brief and its cases."""
        return requisition in self.teams or (self.viewer.ops and not confidential)

    def sees_case(
        self, owed_by: str | None, requisition: str | None, *, personal: bool, confidential: bool
    ) -> bool:
        """Whether the viewer may see a case.

        `personal`: what its rule finds of a person is for that person alone. Who has to act may
        always see it.
        """
        if owed_by is not None and owed_by == self.user:
            return True
        if personal:
            return False
        if requisition is None:
            return self.viewer.ops
        return self.sees_requisition(requisition, confidential=confidential)

    def has_role(self, requisition: str, *roles: str) -> bool:
        """Whether the viewer has one of these roles on the hiring team."""
        return not self.teams.get(requisition, frozenset()).isdisjoint(roles)


def read_access(context: AccountContext, viewer: Viewer) -> AccountAccess:
    """Find the viewer among the account's users and teams.

    People who may no longer log in to the ATS see what a stranger sees.
    """
    user = find_user(context.users, viewer.email)
    if user is None:
        return AccountAccess(context.account, viewer)
    select = context.store.subjects.select
    where = Condition("team_member.user", Operator.EQ, user.id)
    teams: dict[str, set[str]] = {}
    for found in select(context.account, Query("team_member", where, _MEMBER)):
        requisition, role = (found.facts.get(path) for path in _MEMBER)
        if isinstance(requisition, str) and role in _READING_ROLES:
            teams.setdefault(requisition, set()).add(str(role))
    for role in ("recruiter", "hiring_manager"):
        where = Condition(f"requisition.{role}", Operator.EQ, user.id)
        for found in select(context.account, Query("requisition", where, ())):
            teams.setdefault(found.id, set()).add(role)
    roles = {requisition: frozenset(its) for requisition, its in teams.items()}
    return AccountAccess(context.account, viewer, user.id, roles)


def find_user(users: Mapping[str, User], email: str) -> User | None:
    """The user with that address who may log in; None if there is none."""
    wanted = email.strip().lower()
    if not wanted:
        return None
    found = (one for one in users.values() if (one.email or "").lower() == wanted)
    return next((one for one in found if one.active is not False), None)


def read_clearance(services: Services, account: str, email: str) -> Sensitivity:
    """The clearance of the sink that reaches the person first; nothing personal without one."""
    prefer = services.settings.person(email).prefer
    allowed = services.sink_names(account)
    order = [prefer, *services.settings.notify.dm]
    sink = next((name for name in order if name in allowed), "")
    return services.clearance(sink) if sink else Sensitivity.OPEN
