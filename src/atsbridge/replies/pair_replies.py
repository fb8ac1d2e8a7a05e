"""Replies to messages to the two sides of a requisition: agreements, answers, ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from atsbridge.cases import Directory, address_pair, make_pair_notice
from atsbridge.context import (
    AccountContext,
    Services,
    VersionRecorder,
    read_requisition,
    read_sides,
)
from atsbridge.model import (
    SECTIONS,
    SIDES,
    AgreementSource,
    Key,
    Notice,
    Purpose,
    User,
    clean,
)
from atsbridge.ports import Reply
from atsbridge.presentation import QUESTIONS, pair_answers
from atsbridge.replies.brief_agreements import (
    NotOnTeamError,
    UnagreeableError,
    agree_to_brief,
)
from atsbridge.replies.brief_answers import AnswerRefusal, apply_answers
from atsbridge.replies.brief_view import read_brief
from atsbridge.replies.calibration_rounds import find_round, rate_profiles
from atsbridge.replies.parse import first_name
from atsbridge.replies.parse_pair import (
    AgreementReply,
    asks_why,
    parse_agreement,
    parse_answers,
    parse_profile_ratings,
)


@dataclass(frozen=True, slots=True)
class PairResponse:
    """What is said back. `is_help`: nothing was understood, so it is said once per message."""

    text: str
    is_help: bool = False


class BriefReplies:
    """Applies replies for one account. The caller holds the account's lock."""

    def __init__(self, app: Services, directory: Directory) -> None:
        self._app, self._directory = app, directory
        self._handlers: Mapping[Purpose, Callable[[Notice, Reply, User], PairResponse | None]] = {
            Purpose.AGREEMENT: self._agree,
            Purpose.QUESTIONS: self._answer,
            Purpose.CALIBRATION: self._rate,
            Purpose.COMPARISON: self._compare,
        }

    def apply(self, notice: Notice, reply: Reply) -> PairResponse | None:
        """Apply one reply; returns what is said back, None for an emoji without a meaning."""
        if reply.emoji and notice.purpose is not Purpose.AGREEMENT:
            return None
        if reply.emoji and parse_agreement("", reply.emoji) is None:
            return None
        user = self._directory.by_email(reply.email)
        if user is None or not self._is_side(notice.subject, user):
            text = pair_answers.STRANGER.format(name=_first(reply), ats=self._directory.ats)
            return PairResponse(text, is_help=True)
        return self._handlers[notice.purpose](notice, reply, user)

    def agree(self, notice: Notice, reply: Reply) -> str:
        """Agree to the present version of the brief of the notice's requisition."""
        user = self._directory.by_email(reply.email)
        if user is None:
            return pair_answers.STRANGER.format(name=_first(reply), ats=self._directory.ats)
        return self._store_agreement(notice, reply, user, None).text

    # --- one purpose each ---------------------------------------------------------------------

    def _agree(self, notice: Notice, reply: Reply, user: User) -> PairResponse:
        name, other = _first(reply), self._other(notice.subject, user)
        parsed = parse_agreement(reply.text, reply.emoji)
        if parsed is AgreementReply.WHY:
            return self._why(notice, pair_answers.WHY_AGREE)
        if parsed is AgreementReply.NO:
            return PairResponse(pair_answers.NO.format(name=name, other=other))
        if parsed is None:
            return PairResponse(pair_answers.AGREE_HELP.format(other=other), is_help=True)
        return self._store_agreement(notice, reply, user, notice.edition)

    def _store_agreement(
        self, notice: Notice, reply: Reply, user: User, version: int | None
    ) -> PairResponse:
        name, actor = _first(reply), f"{clean(reply.name)} in {notice.destination.sink}"
        try:
            given = agree_to_brief(
                self._app, notice.subject, user, actor, AgreementSource.REPLY, version
            )
        except NotOnTeamError:
            text = pair_answers.STRANGER.format(name=name, ats=self._directory.ats)
            return PairResponse(text, is_help=True)
        except UnagreeableError:
            return PairResponse(pair_answers.UNREADABLE.format(name=name))
        if given.version != given.newest:
            return PairResponse(pair_answers.OUTDATED.format(name=name))
        waiting = [self._directory.name(one) if one else "" for one in given.waiting]
        return PairResponse(pair_answers.thank_for_agreement(name, waiting))

    def _answer(self, notice: Notice, reply: Reply, user: User) -> PairResponse:  # noqa: ARG002
        if asks_why(reply.text):
            return self._why(notice, pair_answers.WHY_QUESTIONS)
        before = read_brief(self._app, notice.subject)
        known = tuple(dict.fromkeys((*QUESTIONS, *SECTIONS, *before.sections)))
        answers = parse_answers(reply.text, known, before.missing)
        if not answers:
            return PairResponse(pair_answers.QUESTIONS_HELP, is_help=True)
        actor = f"{clean(reply.name)} in {notice.destination.sink}"
        applied = apply_answers(self._app, notice.subject, answers, actor)
        refused = [
            (section, _describe_refusal(why, applied.file))
            for section, why in applied.refused.items()
        ]
        if applied.stored and not applied.missing:
            ask_for_agreement(self._app, notice.subject, self._directory)
        return PairResponse(
            pair_answers.thank_for_answers(_first(reply), applied.stored, applied.missing, refused)
        )

    def _rate(self, notice: Notice, reply: Reply, user: User) -> PairResponse:
        if asks_why(reply.text):
            return self._why(notice, pair_answers.WHY_RATE)
        of, name = find_round(self._app, notice), _first(reply)
        if of is None or of.compared_at is not None or user.id not in of.people.values():
            return PairResponse(pair_answers.CLOSED.format(name=name), is_help=True)
        parsed = parse_profile_ratings(reply.text, len(of.profiles))
        if parsed is None:
            return PairResponse(pair_answers.RATING_HELP, is_help=True)
        outcome = rate_profiles(self._app, of, user.id, parsed.values)
        return PairResponse(
            pair_answers.thank_for_ratings(
                name, parsed.wrong, outcome.open, compared=outcome.compared
            )
        )

    def _compare(self, notice: Notice, reply: Reply, user: User) -> PairResponse:  # noqa: ARG002
        other = self._other(notice.subject, user)
        return PairResponse(pair_answers.COMPARISON_HELP.format(other=other), is_help=True)

    # --- who ----------------------------------------------------------------------------------

    def _why(self, notice: Notice, purpose: str) -> PairResponse:
        role = read_brief(self._app, notice.subject).title
        return PairResponse(pair_answers.WHY.format(role=clean(role), purpose=purpose))

    def _is_side(self, requisition: Key, user: User) -> bool:
        return any(
            user.id in people for people in read_sides(self._app.store, requisition).values()
        )

    def _other(self, requisition: Key, user: User) -> str:
        """The name of the other side."""
        record = read_requisition(self._app.store, requisition)
        others = [getattr(record, side) for side in SIDES]
        names = [self._directory.name(one) for one in others if one and one != user.id]
        return next((name for name in names if name), "the other side")


def ask_for_agreement(app: Services, requisition: Key, directory: Directory) -> int:
    """Queue the present version for both sides to agree to. Returns to how many.

    The version must be recorded. A message that is in the outbox already stays as it is.
    """
    record = read_requisition(app.store, requisition)
    VersionRecorder(AccountContext(app, requisition.account)).record([requisition.id])
    versions = app.store.briefs.read_versions(requisition)
    if not versions:
        return 0
    now, people = app.time.now(), {side: getattr(record, side) for side in SIDES}
    notices = [
        make_pair_notice(requisition, Purpose.AGREEMENT, to, now, edition=versions[-1].number)
        for to in address_pair(people, directory)
    ]
    app.store.outbox.queue(notices)
    return len(notices)


def _describe_refusal(why: AnswerRefusal, file: str) -> str:
    return pair_answers.REFUSALS[why].format(file=file)


def _first(reply: Reply) -> str:
    return first_name(reply.name) or "everybody"
