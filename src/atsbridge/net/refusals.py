"""What a vendor means by a refusal, where its HTTP status does not say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from atsbridge.net import json_body
from atsbridge.net.response import HttpResponse
from atsbridge.ports import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalTable:
    """The refusals of a vendor as data, for bodies that are an object: `classify` reads them.

    `failed`: the member and its value that mark a refusal inside a 2xx: {"success": False}.
    `code`: the path to the vendor's code of the error: ("error", "code"). `codes`: code -> meaning.
    `otherwise`: the meaning of a marked answer whose code is not in `codes`.
    """

    failed: Mapping[str, Any]
    code: Sequence[str]
    codes: Mapping[str, Refusal]
    otherwise: Refusal = Refusal.INVALID

    def classify(self, answer: HttpResponse) -> Refusal | None:
        """The meaning of an answer; None if it is no refusal, or if its status says enough.

        Reads these members and no others. A body that is no object is left to the session.
        """
        if answer.body[:64].lstrip()[:1] != b"{":
            return None
        try:
            members = json_body.members(answer.body)
            code = self._code(members)
        except (ValueError, RecursionError):
            return None
        if 200 <= answer.status < 300 and not self._is_failed(members):
            return None
        known = self.codes.get(code)
        return known or (self.otherwise if 200 <= answer.status < 300 else None)

    def _is_failed(self, members: Mapping[str, msgspec.Raw]) -> bool:
        return any(
            name in members and msgspec.json.decode(members[name]) == value
            for name, value in self.failed.items()
        )

    def _code(self, members: Mapping[str, msgspec.Raw]) -> str:
        at: Mapping[str, msgspec.Raw] = members
        for name in self.code[:-1]:
            inner = at.get(name)
            at = json_body.members(inner) if inner is not None and bytes(inner)[:1] == b"{" else {}
        found = at.get(self.code[-1])
        value = msgspec.json.decode(found) if found is not None else ""
        return str(value) if isinstance(value, str | int) else ""
