"""Opportunities as Lever's rows, with interviews, offers and notes.

With the traps of the real API: no interview that is not booked, no answer to an invitation, no
drafts among an interview's forms; `updatedAt` is null on rows that did not change for long, does
not move with interviews and offers, and moves with tags; `lastInteractionAt` does not move with
offers and tags.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from atsbridge_lever.fake.account_rows import need_of
from atsbridge_lever.fake.truth import Row, Truth, confidentiality, made_id, midnight, ms

APP = "https://hire.lever.example"
_OLD = timedelta(days=30)  # rows untouched since before this have no updatedAt
_TEMPLATE = made_id("template")
_OFFER = {
    "pending_approval": "approval-sent",
    "accepted": "signed",
    "rejected": "denied",
    "deprecated": "denied",  # Lever has no word for an offer that another one took the place of
}
_CANCELED = ("cancelled", "skipped")  # Lever has one way to say that one does not take place
_GRADES = {-2: "1 - Strong No Hire", -1: "2 - No Hire", 1: "3 - Hire", 2: "4 - Strong Hire"}
_ANSWERS = {"needs_action": "needsAction"}
_SCORES = {-2: 1, -1: 2, 1: 3, 2: 4}
_ORIGINS = {"Referral": "referred", "Agency": "agency", "Sourced": "sourced"}


class CandidateRows:
    """Rows of opportunities, made when asked for, and what the API added to them."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self._tags: dict[str, tuple[str, ...]] = {}
        self._tagged: dict[str, datetime] = {}
        self._scores: dict[str, int | None] = {}

    def opportunity(self, row: Any, *, expanded: bool) -> Row:
        """`expanded`: the application inline instead of its id."""
        company = self.truth.company
        first, last = company.candidate_name(row.candidate)
        archived = self.archived(row)
        search = self.truth.one("requisition", row.requisition)
        return {
            "id": row.id,
            "name": f"{first} {last}",
            "contact": row.candidate,
            "headline": "",
            "stage": row.stage,
            "stageChanges": self._stage_changes(row),
            "confidentiality": confidentiality(search.confidential),
            "location": "Lyon",
            "phones": [{"type": "mobile", "value": "+00 1 00 00 00"}],
            "emails": [company.candidate_email(row.candidate)],
            "links": [],
            "archived": archived,
            "tags": [search.title, search.department, search.office, *self.tags(row.id)],
            "sources": [row.source],
            "sourcedBy": None,
            "origin": _ORIGINS.get(row.source, "applied"),
            "owner": row.recruiter,
            "followers": [row.recruiter],
            "applications": [self.application(row, archived) if expanded else _applied(row)],
            "createdAt": ms(row.created_at),
            "updatedAt": ms(self.updated(row)),
            "lastInteractionAt": ms(self.active_at(row)),
            "lastAdvancedAt": ms(self.advanced(row)),
            "snoozedUntil": None,
            "urls": {"list": f"{APP}/candidates", "show": f"{APP}/candidates/{row.id}"},
            "isAnonymized": False,
            "dataProtection": None,
            "opportunityLocation": search.office,
        }

    def _stage_changes(self, row: Any) -> list[Row]:
        return [
            {
                "toStageId": stay.stage,
                "toStageIndex": self.truth.one("stage", stay.stage).order,
                "updatedAt": ms(stay.entered_at),
            }
            for stay in self.truth.of("stage_stay", "application", row.id)
        ]

    def application(self, row: Any, archived: Row | None) -> Row:
        hired = row.status == "hired"
        return {
            "id": _applied(row),
            "type": "posting",
            "opportunityId": row.id,
            "candidateId": row.id,
            "posting": row.requisition,
            "postingHiringManager": None,
            "postingOwner": row.recruiter,
            "user": None,
            "customQuestions": [],
            "createdAt": ms(row.applied_at),
            "archived": archived,
            "requisitionForHire": {"id": need_of(row.requisition)} if hired else None,
        }

    def archived(self, row: Any) -> Row | None:
        at = self.ended(row)
        return None if at is None else {"archivedAt": ms(at), "reason": row.reason}

    def ended(self, row: Any) -> datetime | None:
        """When it was archived."""
        if row.status == "active":
            return None
        stays = self.truth.of("stage_stay", "application", row.id)
        left: datetime = row.rejected_at or stays[-1].left_at
        return left

    def advanced(self, row: Any) -> datetime:
        """Archiving moves it, too."""
        entered: datetime = self.truth.of("stage_stay", "application", row.id)[-1].entered_at
        return self.ended(row) or entered

    def updated(self, row: Any) -> datetime | None:
        stays = self.truth.of("stage_stay", "application", row.id)
        cards = self.truth.of("scorecard", "application", row.id)
        moved = [stay.entered_at for stay in stays[1:]]
        moved += [card.submitted_at for card in cards if card.submitted_at]
        moved += [note.created_at for note in self._noted(row.id)]
        moved += [at for at in (self.ended(row), self._tagged.get(row.id)) if at]
        if not moved and row.created_at < self.truth.company.start - _OLD:
            return None
        last: datetime = max(moved, default=row.created_at)
        return last

    def active_at(self, row: Any) -> datetime:
        """The activity clock, which offers do not move."""
        last: datetime = row.last_activity_at
        if not self.truth.of("offer", "application", row.id):
            return last
        notes = [note.created_at for note in self._noted(row.id)]
        return max(self.advanced(row), *notes) if notes else self.advanced(row)

    def tags(self, opportunity: str) -> tuple[str, ...]:
        """Tags that came through the API."""
        return self._tags.get(opportunity, ())

    def tag(self, opportunity: str, tags: tuple[str, ...], at: datetime) -> None:
        self._tags[opportunity], self._tagged[opportunity] = tags, at

    def interviews(self, opportunity: str, *, expanded: bool) -> list[Row]:
        rows = self.truth.of("interview", "application", opportunity)
        return [self._interview(row, expanded) for row in rows if row.starts_at is not None]

    def _interview(self, row: Any, expanded: bool) -> Row:
        cards = self.truth.of("scorecard", "interview", row.id)
        forms = [card for card in cards if card.submitted_at is not None]
        search = self.truth.one("application", row.application).requisition
        return {
            "id": row.id,
            "panel": made_id(f"panel:{row.id}"),
            "subject": (row.custom or {}).get("name", "Interview"),
            "note": "",
            "interviewers": [
                self._seat(seat) for seat in self.truth.of("seat", "interview", row.id)
            ],
            "timezone": "UTC",
            "createdAt": ms(row.scheduled_at),
            "date": ms(row.starts_at),
            "duration": (row.ends_at - row.starts_at) // timedelta(minutes=1),
            "location": None,
            "feedbackTemplate": _TEMPLATE,
            "feedbackForms": [self.form(card) if expanded else card.id for card in forms],
            "feedbackReminder": "daily",
            "user": row.organizer,
            "stage": row.stage,
            "canceledAt": ms(row.updated_at) if row.status in _CANCELED else None,
            "postings": [search],
            "gcalEventUrl": None,
        }

    def panels(self, opportunity: str) -> list[Row]:
        """A panel for each interview; alone they say how the invited answered."""
        rows = self.truth.of("interview", "application", opportunity)
        return [self._panel(row) for row in rows if row.starts_at is not None]

    def _panel(self, row: Any) -> Row:
        interview = self._interview(row, expanded=False)
        cancelled = interview.pop("canceledAt")
        only = ("id", "date", "duration", "feedbackReminder", "feedbackTemplate", "location")
        seats = self.truth.of("seat", "interview", row.id)
        invited = [
            {**self._seat(seat), "responseStatus": _ANSWERS.get(seat.response, seat.response)}
            for seat in seats
        ]
        meeting = {name: interview[name] for name in (*only, "note", "subject")}
        return {
            "id": interview["panel"],
            "applications": [made_id(f"application:{row.application}")],
            "canceledAt": cancelled,
            "createdAt": interview["createdAt"],
            "start": ms(row.starts_at),
            "end": ms(row.ends_at),
            "timezone": interview["timezone"],
            "externallyManaged": False,
            "externalUrl": None,
            "feedbackReminder": "daily",
            "note": None,
            "stage": row.stage,
            "user": row.organizer,
            "interviews": [] if cancelled else [{**meeting, "interviewers": invited}],
        }

    def _seat(self, seat: Any) -> Row:
        user = self.truth.one("user", seat.user)
        template = _TEMPLATE if seat.feedback_required else "no-feedback"
        return {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "feedbackTemplate": template,
        }

    def feedback(self, opportunity: str) -> list[Row]:
        """All forms of a candidate that were given: of interviews, and on a shared profile."""
        cards = self.truth.of("scorecard", "application", opportunity)
        return [self.form(card) for card in cards if card.submitted_at is not None]

    def form(self, card: Any) -> Row:
        """A feedback form; Lever has no undecided grade."""
        names = [(c, self.truth.one("criterion", c).name) for c in card.ratings or {}]
        by_hand = bool((card.custom or {}).get("by_hand"))  # of an interview, without its name
        return {
            "id": card.id,
            "type": "interview" if card.interview or by_hand else "share",
            "text": "Interview feedback" if card.interview else "Profile feedback",
            "instructions": "",
            "fields": [
                _field("score-system", "Rating", _GRADES.get(card.recommendation)),
                {
                    **_field("scorecard", "Skills", None),
                    "scores": [{"text": name, "description": ""} for _, name in names],
                    "value": [
                        {"score": _SCORES.get(card.ratings[c]), "comment": None} for c, _ in names
                    ],
                },
            ],
            "baseTemplateId": _TEMPLATE,
            "interview": card.interview,
            "panel": made_id(f"panel:{card.interview}") if card.interview else None,
            "user": card.author,
            "createdAt": ms(card.created_at),
            "completedAt": ms(card.submitted_at),
            "updatedAt": None,
            "deletedAt": None,
        }

    def offers(self, opportunity: str) -> list[Row]:
        return [self._offer(row) for row in self.truth.of("offer", "application", opportunity)]

    def _offer(self, row: Any) -> Row:
        search = self.truth.one("application", row.application).requisition
        candidate: Row = {"role": "candidate", "name": None, "email": None}
        if row.status == "accepted":
            candidate |= {"signedAt": ms(row.resolved_at), "signed": True}
        fields = {
            "requisition": need_of(search),
            "anticipated_start_date": midnight(row.starts_on),
            "salary_amount": row.pay["salary"],
        }
        return {
            "id": row.id,
            "posting": search,
            "createdAt": ms(row.drafted_at),
            "status": _OFFER.get(row.status, row.status),
            "creator": self.truth.one("application", row.application).recruiter,
            "fields": [
                {"text": name, "identifier": name, "value": value} for name, value in fields.items()
            ],
            "signatures": {"candidate": candidate},
            "approved": None,
            "approvedAt": ms(row.approved_at),
            "sentAt": ms(row.sent_at),
            "sentDocument": None,
            "signedDocument": None,
        }

    def notes_of(self, opportunity: str) -> list[Row]:
        """Newest first."""
        rows = [self.note(row) for row in self._noted(opportunity)]
        return rows[::-1]

    def note(self, row: Any) -> Row:
        return {
            "id": row.id,
            "text": "Note",
            "fields": [
                {
                    "type": "note",
                    "text": "Comment",
                    "value": row.body,
                    "score": self._scores.get(row.id),
                    "user": row.author,
                    "createdAt": ms(row.created_at),
                }
            ],
            "user": row.author,
            "secret": row.visibility != "public",
            "createdAt": ms(row.created_at),
            "completedAt": ms(row.created_at),
            "deletedAt": None,
        }

    def add_note(self, row: Any, body: Row, author: str | None, at: datetime) -> Row:
        """Leave a note on an opportunity."""
        note = self.truth.company.add_note(
            row.candidate,
            body["value"],
            application=row.id,
            author=author,
            visibility="private" if body.get("secret") else "public",
            at=at,
        )
        self._scores[note.id] = body.get("score")
        return self.note(note)

    def _noted(self, opportunity: str) -> list[Any]:
        notes = self.truth.company.notes
        return [note for note in notes if note.application == opportunity] if notes else []


def _applied(row: Any) -> str:
    return made_id(f"application:{row.id}")


def _field(kind: str, text: str, value: Any) -> Row:
    return {
        "id": made_id(f"field:{text}"),
        "type": kind,
        "text": text,
        "description": "",
        "required": kind == "score-system",
        "value": value,
    }
