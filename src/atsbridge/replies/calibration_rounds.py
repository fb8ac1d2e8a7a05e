"""Calibration rounds: begun by command, rated by reply, compared once both have rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from atsbridge.cases import address_pair, find_side_trouble, make_pair_notice
from atsbridge.context import AccountContext, Services, read_requisition
from atsbridge.errors import ConfigError
from atsbridge.model import (
    LEAST_PROFILES,
    MOST_PROFILES,
    SIDES,
    Application,
    CalibrationRound,
    Key,
    Notice,
    ProfileRating,
    Purpose,
    find_unrated,
)
from atsbridge.presentation import describe_side_trouble


@dataclass(frozen=True, slots=True)
class RatingOutcome:
    """What became of ratings. `open`: places that this person has not rated; `compared`: both have
    rated, and the comparison is on its way."""

    open: tuple[int, ...]
    compared: bool


def begin_round(app: Services, key: Key, applications: Sequence[str]) -> CalibrationRound:
    """Store a round on a requisition and queue the message to both sides.

    ConfigError, and nothing is stored, if the profiles or the two sides do not allow one.
    """
    _check_profiles(app, key, applications)
    store, now = app.store, app.time.now()
    with store.lock(key.account):
        people, directory = _find_people(app, key), AccountContext(app, key.account).directory
        number = max((one.number for one in store.calibrations.read_rounds(key)), default=0) + 1
        fresh = CalibrationRound(key, number, now, tuple(applications), people)
        notices = [
            make_pair_notice(key, Purpose.CALIBRATION, to, now, edition=number)
            for to in address_pair(people, directory)
        ]
        store.calibrations.add_round(fresh)
        store.outbox.queue(notices)
    return fresh


def find_round(app: Services, notice: Notice) -> CalibrationRound | None:
    """The round that a message is about; None if it was erased."""
    rounds = app.store.calibrations.read_rounds(notice.subject)
    return next((one for one in rounds if one.number == notice.edition), None)


def rate_profiles(
    app: Services, of: CalibrationRound, user: str, values: Mapping[int, tuple[int, str]]
) -> RatingOutcome:
    """Store one person's ratings: place -> (value, remark). The caller holds the account's lock.

    Once both have rated every profile, the comparison is queued, once.
    """
    store, now = app.store, app.time.now()
    store.calibrations.save_ratings(
        of,
        [
            ProfileRating(of.profiles[place - 1], user, value, remark)
            for place, (value, remark) in sorted(values.items())
        ],
    )
    ratings = store.calibrations.read_ratings(of)
    mine = find_unrated(of.profiles, user, ratings)
    compared = not any(find_unrated(of.profiles, one, ratings) for one in of.people.values())
    if compared:
        directory = AccountContext(app, of.requisition.account).directory
        store.outbox.queue(
            [
                make_pair_notice(of.requisition, Purpose.COMPARISON, to, now, edition=of.number)
                for to in address_pair(of.people, directory)
            ]
        )
        store.calibrations.mark_compared(of, now)
    places = tuple(at for at, one in enumerate(of.profiles, 1) if one in mine)
    return RatingOutcome(places, compared)


def _check_profiles(app: Services, key: Key, applications: Sequence[str]) -> None:
    distinct = dict.fromkeys(applications)
    if len(distinct) != len(applications) or not LEAST_PROFILES <= len(distinct) <= MOST_PROFILES:
        raise ConfigError(
            f"a calibration compares {LEAST_PROFILES} to {MOST_PROFILES} different profiles,"
            f" not {len(distinct)}",
            remedy="Name the applications by their ids: atsbridge intake calibrate REQ APP APP",
        )
    for one in distinct:
        record = app.store.history.read_record(Key(key.account, "application", one))
        if not isinstance(record, Application) or record.deleted_at is not None:
            raise ConfigError(f"there is no application {one!r}", where=key.account)
        if record.requisition != key.id:
            raise ConfigError(
                f"the application {one} belongs to another requisition", where=str(key)
            )


def _find_people(app: Services, key: Key) -> dict[str, str]:
    """Side -> user id. ConfigError where a side cannot be reached, or one person has both."""
    requisition = read_requisition(app.store, key)
    directory = AccountContext(app, key.account).directory
    people: dict[str, str] = {}
    for side in SIDES:
        user = getattr(requisition, side)
        if (trouble := find_side_trouble(user, directory)) is not None:
            what = describe_side_trouble(trouble, side, directory.name(user))
            raise ConfigError(what, where=str(key), remedy="Correct the hiring team in the ATS")
        people[side] = user
    if len(set(people.values())) < len(SIDES):
        raise ConfigError(
            "the recruiter and the hiring manager are one person, so nothing can be compared",
            where=str(key),
        )
    return people
