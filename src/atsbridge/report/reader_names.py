"""Name people and subjects in a report, as far as its clearance allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from atsbridge.model import Sensitivity, User, clean

ROLES = {
    "approver": "the approver",
    "interviewer": "the interviewer",
    "hiring_manager": "the hiring manager",
    "coordinator": "the coordinator",
    "recruiter": "the recruiter",
    "candidate": "the candidate",
}
_NAME = 80  # characters of a name; longer ones are cut


@dataclass(frozen=True, slots=True)
class ReaderNames:
    """Names for readers of this clearance. Texts of the ATS become one clean line."""

    users: Mapping[str, User]
    clearance: Sensitivity

    @property
    def named(self) -> bool:
        """Whether readers may know names of colleagues and initials of candidates."""
        return self.clearance.allows(Sensitivity.PERSONAL)

    def person(self, user: str | None, role: str = "") -> str:
        """The name of a person; their role if names are withheld; "" for nobody."""
        if user is None:
            return "nobody in particular" if role == "unclear" else ""
        known = self.users.get(user)
        if not self.named:
            return ROLES.get(role, "a colleague")
        if known is None:
            return "somebody who left"
        return self.text(known.name) or self.text(known.email) or f"user {self.text(user)}"

    def address(self, user: str) -> str:
        """The e-mail address in lower case; "" where it is not known."""
        known = self.users.get(user)
        return ((known.email if known else "") or "").lower()

    @staticmethod
    def text(value: object, room: int = _NAME) -> str:
        """Text of the ATS as one clean line."""
        return clean(str(value), room) if value is not None else ""
