"""Read the tags that an account maps, and the applications of candidates with these tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

import msgspec

from atsbridge.api import HttpSession, Page, Stream
from atsbridge_greenhouse.listing import changed
from atsbridge_greenhouse.lookups import Grouped, ParentKey, read
from atsbridge_greenhouse.pipeline import Application, runs
from atsbridge_greenhouse.tags import STREAM as TAGS
from atsbridge_greenhouse.values import Row, Scalar, ident, text


class _Tag(Row):
    name: Scalar = None


class _Applied(Row):
    candidate_id: Scalar = None
    candidate_tag_id: Scalar = None


class _Applicant(Row):
    """GET /v3/applications: only candidate and status."""

    candidate_id: Scalar = None
    status: Scalar = None
    prospect: Scalar = None


class TagReader:
    """Reads mapped tags, their candidates, and the applications of these candidates."""

    def __init__(self, session: HttpSession, wanted: Sequence[str]) -> None:
        self._session = session
        self._patterns = wanted
        self._changed: dict[str, str] = {}  # application -> candidate, since the last read
        self._of = Grouped(
            session,
            "applications",
            _Applicant,
            ParentKey("candidate_ids", "candidate_id"),
            listed=False,
        )

    def notice(self, rows: Iterable[Application]) -> None:
        """Note changed active applications: they may be new."""
        if self._patterns:
            found = ((ident(row.id), ident(row.candidate_id)) for row in rows)
            self._changed.update((own, of) for own, of in found if own and of)

    def pages(self, stream: Stream, window: tuple[datetime, datetime] | None) -> Iterator[Page]:
        """All running applications, or those that changed in the window or whose person was
        tagged in it. One request where there is none."""
        if window is not None:
            yield Page(self._news(stream, window), last=True)
            return
        names = self._names()
        for page in read(self._session, "applications", _Applicant, status="active"):
            whose = {ident(row.id): ident(row.candidate_id) for row in page if _runs(row)}
            yield Page(_rows(whose, names), last=False)
        yield Page((), last=True)

    def _news(self, stream: Stream, window: tuple[datetime, datetime]) -> Sequence[msgspec.Raw]:
        asked = read(self._session, stream.path, _Applied, **changed(*window))
        news = {key for page in asked for row in page if (key := ident(row.candidate_id))}
        whose: dict[str | None, str | None] = dict(self._changed.items())
        self._changed = {}
        names = self._names() if news or whose else {}
        for person, held in self._of.get(sorted(news & names.keys())).items():
            whose.update((ident(row.id), person) for row in held if _runs(row))
        return _rows(whose, names)

    def _names(self) -> Mapping[str, list[str]]:
        """Candidate -> their mapped tags."""
        named = {
            key: str(text(row.name))
            for page in read(self._session, "candidate_tags", _Tag)
            for row in page
            if (key := ident(row.id)) and self._counts(text(row.name) or "")
        }
        found: dict[str, list[str]] = {}
        applied = Grouped(
            self._session,
            TAGS.path,
            _Applied,
            ParentKey("candidate_tag_ids", "candidate_tag_id"),
            listed=False,
        )
        for tag, rows in applied.get(sorted(named)).items():
            for row in rows:
                found.setdefault(ident(row.candidate_id) or "", []).append(named[tag])
        return found

    def _counts(self, name: str) -> bool:
        return any(fnmatchcase(name.lower(), pattern) for pattern in self._patterns)


def _runs(row: _Applicant) -> bool:
    return runs(Application(status=row.status, prospect=row.prospect))


def _rows(
    whose: Mapping[str | None, str | None], names: Mapping[str, list[str]]
) -> Sequence[msgspec.Raw]:
    rows = ({"id": own, "names": sorted(names.get(of or "", ()))} for own, of in whose.items())
    return [msgspec.Raw(msgspec.json.encode(row)) for row in rows]
