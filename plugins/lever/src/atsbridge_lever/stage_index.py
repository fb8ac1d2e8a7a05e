"""The stages and archive reasons of the account, for decoding opportunities."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from zlib import crc32

import msgspec

from atsbridge.api import DeniedError, FatalError, HttpSession, Page
from atsbridge_lever.opportunities import Change, Glimpse, Known
from atsbridge_lever.organization import ReasonRow, StageRow, kind_of, leads_to_interviews
from atsbridge_lever.wire import instant, ref

# Stages every account has under these ids; without `/disposition_stages` they say who is early.
_EARLY = frozenset({"lead-new", "lead-reached-out", "lead-responded", "applicant-new"})
_OFFER = "offer"
_ARRIVING = timedelta(seconds=1)
# Where interviews are not usual, those of candidates with whom nothing happened for longer are
# looked for once in so long: none can have been booked since, and few earlier ones still matter.
_LATELY, _TURN = timedelta(days=30), timedelta(days=7)
_HOURS = timedelta(hours=12)  # the length of a turn; scans are more frequent
_ENDED = timedelta(days=3)  # how long after the end a last interview is searched for


class _Stages(msgspec.Struct):
    stages: list[msgspec.Raw] = []


class _Disposition(msgspec.Struct):
    data: _Stages


class StageIndex:
    """What a stage or reason id means. Read once, and anew whenever its stream is read.

    `listed` reads a whole list by its path; `theirs` are the names of the reasons that the
    account maps as the candidate's own decision, `kinds` the stages it maps by name. Safe for
    threads.
    """

    def __init__(
        self,
        session: HttpSession,
        listed: Callable[[str], Iterable[Page]],
        theirs: Iterable[str] = (),
        kinds: Mapping[str, str] = {},
    ) -> None:
        self._session = session
        self._listed = listed
        self._lock = threading.Lock()
        self._stages: Mapping[str, StageRow] | None = None
        self.unreadable: list[msgspec.Raw] = []  # rows of stages that cannot be decoded
        self._theirs = frozenset(theirs)
        self._kinds = kinds
        self._reasons: Mapping[str, str] | None = None
        self._denied = False

    def stages(self) -> Sequence[StageRow]:
        """All stages in pipeline order, asked for now.

        `/disposition_stages` tells each one's pipeline; accounts or keys without it have
        `/stages`, which has only names.
        """
        try:
            answer = self._session.get("/disposition_stages")
            raws = msgspec.json.decode(answer.body, type=_Disposition).data.stages
        except (DeniedError, FatalError, msgspec.DecodeError) as error:
            if isinstance(error, FatalError) and error.status != 404:
                raise
            raws = [raw for page in self._listed("/stages") for raw in page.rows]
        found: list[StageRow] = []
        self.unreadable = []
        for raw in raws:
            try:
                found.append(msgspec.json.decode(raw, type=StageRow, strict=False))
            except msgspec.DecodeError:
                self.unreadable.append(raw)
        found.sort(key=lambda s: s.rank if s.rank is not None else float("inf"))
        placed = [msgspec.structs.replace(s, order=n) for n, s in enumerate(found)]
        self._stages = {s.id: s for s in placed}
        return placed

    def reasons(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages of archive reasons as they are, remembering how each of them ends."""
        ends: dict[str, str] = {}
        for page in pages:
            for raw in page.rows:
                with suppress(msgspec.DecodeError):  # counted when the rows are normalized
                    row = msgspec.json.decode(raw, type=ReasonRow)
                    ended = "withdrawn" if row.text in self._theirs else "rejected"
                    ends[row.id] = "hired" if row.type == "hired" else ended
            if page.last:
                self._reasons = ends
            yield page

    def known(self, glimpse: Glimpse, now: datetime) -> Known:
        """The knowledge to add to the row of an opportunity."""
        stage = ref(glimpse.stage) or ""
        offers = self._offers(stage)
        until = instant(glimpse.snoozed_until)
        live = glimpse.archived is None
        return Known(
            interviews=self._may_meet(glimpse, stage, now),
            offers=offers,
            reviews=live and self._is_reviewed(glimpse, stage),
            ended="" if glimpse.archived is None else self._end(ref(glimpse.archived.reason)),
            asleep=live and until is not None and until > now,
            look=f"{now:%Y-%m-%dT%H}" if live and offers else "",
        )

    def _may_meet(self, glimpse: Glimpse, stage: str, now: datetime) -> bool:
        """Whether interviews of this candidate are to be looked for when its row changes.

        Booking one moves `lastInteractionAt`, in any stage. Where nothing happened since the
        candidate came to the first stage with interviews, or at all, there is none.
        """
        stays = glimpse.stage_changes or []
        usual = [c for c in stays if self._interviews(c.to_stage_id or "")]
        if usual or self._interviews(stage):
            return not usual or _happened(glimpse, usual[0])
        if not stays or not _happened(glimpse, stays[0]):
            return not stays
        if glimpse.archived is not None:
            ended = instant(glimpse.archived.archived_at)
            return ended is None or now - ended < _ENDED
        last = instant(glimpse.last_interaction_at)
        return last is None or now - last < _LATELY or _is_turn(glimpse.id, now)

    def _is_reviewed(self, glimpse: Glimpse, stage: str) -> bool:
        """Whether a profile lies with a manager, and anything happened since it came there."""
        row = self._all_stages().get(stage)
        if row is None or kind_of(row, self._kinds) != "review":
            return False
        came = [c for c in glimpse.stage_changes or () if c.to_stage_id == stage]
        return not came or _happened(glimpse, came[-1])

    def _interviews(self, stage: str) -> bool:
        row = self._all_stages().get(stage)
        return stage not in _EARLY if row is None else leads_to_interviews(row, self._kinds)

    def _offers(self, stage: str) -> bool:
        row = self._all_stages().get(stage)
        return stage == _OFFER or (row is not None and row.pipeline == "offer")

    def _all_stages(self) -> Mapping[str, StageRow]:
        with self._lock:
            if self._stages is None:
                try:
                    self.stages()
                except DeniedError:
                    self._stages = {}  # the stream of stages reports it; some ids are known
            return self._stages or {}

    def _end(self, reason: str | None) -> str:
        """The status that an archive reason leaves. "" if reasons may not be read."""
        with self._lock:
            if self._reasons is None and not self._denied:
                try:
                    for _ in self.reasons(self._listed("/archive_reasons")):
                        pass
                except DeniedError:
                    self._denied = True  # requested once; the stream of reasons reports it
            return "" if self._reasons is None else self._reasons.get(reason or "", "rejected")


def _happened(glimpse: Glimpse, change: Change) -> bool:
    """Whether anything happened after that change of the stage; True where nobody can tell.

    Coming to a stage moves `lastInteractionAt`, to the same instant but for a few milliseconds.
    """
    came, last = instant(change.updated_at), instant(glimpse.last_interaction_at)
    return came is None or last is None or last > came + _ARRIVING


def _is_turn(id_: str, now: datetime) -> bool:
    """Whether it is this candidate's turn: for `_HOURS` in every `_TURN`, spread by the id."""
    place = crc32(id_.encode()) / 2**32 * _TURN.total_seconds()
    return (now.timestamp() - place) % _TURN.total_seconds() < _HOURS.total_seconds()
