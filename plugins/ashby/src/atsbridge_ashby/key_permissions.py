"""What the API key says about itself (`apiKey.info`), for `doctor`.

A key needs a permission for that, too: without it nothing is said against the key.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from atsbridge.api import APPLICATION_NOTE, TAG, CheckResult, SourceError, Stream

_NEEDED = {
    APPLICATION_NOTE: ("candidatesWrite",),
    TAG: ("candidatesWrite", "hiringProcessMetadataWrite"),
}
# What confidential jobs do not hide from a key.
_OPEN = frozenset({"users", "departments", "locations", "archive_reasons", "interview_plans"})
_NOT_KNOWN = "the API does not tell whether the key may see confidential jobs"


class _KeyInfo(msgspec.Struct):
    title: str | None = None
    scopes: list[str] | None = None


class KeyPermissions:
    """`read`: returns the raw `results` of `apiKey.info`."""

    def __init__(self, read: Callable[[], msgspec.Raw]) -> None:
        self._read = read

    def check_identity(self) -> CheckResult:
        """The name of the key, if it may read it."""
        detail = "none: a key acts for itself"
        try:
            title = self._info().title
        except SourceError:
            title = None
        return CheckResult(
            "acting user", good=True, detail=f"{detail} ({title})" if title else detail
        )

    def check_write(self, capability: str) -> CheckResult | None:
        """Whether the key has what writing needs; None if it may not read that."""
        try:
            scopes = self._info().scopes or []
        except SourceError:
            return None
        what = f"write {capability}"
        lacking = [one for one in _NEEDED.get(capability, ()) if one not in scopes]
        if not lacking:
            return CheckResult(what, good=True, detail="the key has the permission")
        remedy = f"In Ashby, give the API key the permission {', '.join(lacking)}"
        return CheckResult(what, good=False, detail="the key lacks a permission", remedy=remedy)

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Whether an empty list is empty: by the key's permissions, where no job can hide rows."""
        what = f"see all of {stream.name}"
        if stream.name not in _OPEN:
            return CheckResult(what, good=False, detail=_NOT_KNOWN)
        try:
            scopes = self._info().scopes or []
        except SourceError as error:
            return CheckResult(what, good=False, detail=error.what)
        scope = _scope(stream)
        return CheckResult(what, good=scope in scopes, detail=f"the key has {scope}")

    def _info(self) -> _KeyInfo:
        return msgspec.json.decode(self._read(), type=_KeyInfo)


def _scope(stream: Stream) -> str:
    """ "Hiring process metadata: read" as the API names it: "hiringProcessMetadataRead"."""
    first, *others = stream.scope.partition(":")[0].split()
    return f"{first.lower()}{''.join(one.capitalize() for one in others)}Read"
