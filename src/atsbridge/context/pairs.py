"""The pairs of an account: recruiter and hiring manager of the roles that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.context.account_context import AccountContext
from atsbridge.model import Condition, Operator, Query, User

_OPEN = ("pending_approval", "open", "on_hold")
_COLUMNS = tuple(
    f"requisition.{name}" for name in ("recruiter", "hiring_manager", "confidential", "status")
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who work on open roles together. `requisitions`: ids, in order.

    Both are active and have an e-mail address.
    """

    account: str
    recruiter: User
    manager: User
    requisitions: tuple[str, ...]

    @property
    def people(self) -> tuple[User, User]:
        """Recruiter and manager."""
        return self.recruiter, self.manager

    @property
    def emails(self) -> tuple[str, str]:
        """Their addresses in lower case, the recruiter's first."""
        return address_of(self.recruiter), address_of(self.manager)

    def other(self, email: str) -> User:
        """The one who has not this address."""
        return self.manager if email == address_of(self.recruiter) else self.recruiter


def find_pairs(context: AccountContext) -> Sequence[Pair]:
    """The pairs in order of user ids. Confidential roles make no pair."""
    where = Condition("requisition.status", Operator.IN, _OPEN)
    shared: dict[tuple[str, str], list[str]] = {}
    for one in context.store.subjects.select(
        context.account, Query("requisition", where, _COLUMNS)
    ):
        recruiter, manager, confidential, _ = (one.facts.get(column) for column in _COLUMNS)
        if recruiter and manager and recruiter != manager and not (confidential or one.unknown):
            shared.setdefault((str(recruiter), str(manager)), []).append(one.id)
    users = context.users
    return [
        Pair(context.account, users[recruiter], users[manager], tuple(sorted(ids)))
        for (recruiter, manager), ids in sorted(shared.items())
        if _is_reachable(users.get(recruiter)) and _is_reachable(users.get(manager))
    ]


def address_of(user: User) -> str:
    """The e-mail address in lower case; "" where there is none."""
    return (user.email or "").lower()


def _is_reachable(user: User | None) -> bool:
    return user is not None and user.active is not False and bool(user.email)
