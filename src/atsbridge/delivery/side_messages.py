"""Composes messages to the two sides of a requisition from what is stored now."""

from __future__ import annotations

from dataclasses import dataclass

from atsbridge.model import (
    SECTIONS,
    CalibrationRound,
    Destination,
    Found,
    Key,
    Message,
    Notice,
    Purpose,
    find_agreed,
    find_unrated,
)
from atsbridge.ports import Store
from atsbridge.presentation import (
    CalibrationMatter,
    MessageContext,
    PairMatter,
    message_data,
    render_calibration,
    render_comparison,
    render_note,
    render_questions,
    render_version,
)


@dataclass(frozen=True, slots=True)
class PairComposer:
    """Composes the messages of one reader. `context`: what of the reader they depend on."""

    store: Store
    context: MessageContext

    def compose(self, notice: Notice, to: Destination) -> Message | None:
        """The message as it is now; None if nothing is left to say or the reader left the pair."""
        found = message_data.read(self.store.subjects, None, notice.subject)
        matter = PairMatter(notice, found, to, self.context)
        if notice.purpose is Purpose.QUESTIONS:
            missing = self._find_missing(notice.subject)
            return render_questions(matter, missing) if missing else None
        if notice.purpose is Purpose.AGREEMENT:
            return self._compose_version(matter)
        return self._compose_round(matter)

    def _find_missing(self, requisition: Key) -> list[str]:
        """The usual sections that the brief lacks; all of them where there is no brief."""
        brief = self.store.history.read_record(Key(requisition.account, "brief", requisition.id))
        live = brief is not None and brief.deleted_at is None
        sections = getattr(brief, "sections", None) or {} if live else {}
        return [name for name in SECTIONS if name not in sections]

    def _compose_version(self, matter: PairMatter) -> Message | None:
        notice, briefs = matter.notice, self.store.briefs
        versions = briefs.read_versions(notice.subject)
        if not versions or versions[-1].number != notice.edition:
            return None
        agreements, newest = briefs.read_agreements(notice.subject), versions[-1]
        its = [one for one in agreements if one.version == newest.number]
        if notice.destination.kind == "ats":
            yes = {matter.name(one.user): matter.day(one.at) for one in its}
            return render_note(matter, newest, yes)
        if matter.to.person in {one.user for one in its}:
            return None  # they agreed before the message was sent
        return render_version(matter, newest, find_agreed(versions[:-1], agreements))

    def _compose_round(self, matter: PairMatter) -> Message | None:
        notice, calibrations = matter.notice, self.store.calibrations
        rounds = calibrations.read_rounds(notice.subject)
        of = next((one for one in rounds if one.number == notice.edition), None)
        if of is None or not of.profiles or matter.to.person not in of.people.values():
            return None
        ratings = calibrations.read_ratings(of)
        calibration = CalibrationMatter(matter, of, self._read_profiles(of))
        if notice.purpose is Purpose.CALIBRATION:
            unrated = find_unrated(of.profiles, matter.to.person or "", ratings)
            return render_calibration(calibration) if unrated else None
        if any(find_unrated(of.profiles, one, ratings) for one in of.people.values()):
            return None
        return render_comparison(calibration, ratings)

    def _read_profiles(self, of: CalibrationRound) -> dict[str, Found]:
        keys = [Key(of.requisition.account, "application", one) for one in of.profiles]
        return {one.id: one for one in message_data.read_all(self.store.subjects, None, keys)}
