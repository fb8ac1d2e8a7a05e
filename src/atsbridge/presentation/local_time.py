"""Write instants for the reader of a message. Every time in a message is written here.

Times are in the reader's own zone. In a channel, and for a reader whose zone is unknown, they are
in the zone of the person who has to act, and the zone is named. A due instant outside office hours
is written as the end of the office hours before it, because nobody works at 04:26. `explain` shows
the exact instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory
from atsbridge.model import Destination
from atsbridge.presentation import formatting
from atsbridge.worktime import last_open

# Runs are minutes apart, so a reminder at the due instant arrives a little after it. Until this
# much later it does not say "was": nobody was slow yet.
JUST_DUE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of one message.

    `to`: where the message goes. `now`: when it is written. `owed_by`: id of the user who has to
    act, or None.
    """

    directory: Directory
    to: Destination
    now: datetime
    owed_by: str | None = None

    @property
    def zone(self) -> str:
        """The IANA zone in which times are written."""
        zones = self.directory.zones
        return next((zones[p] for p in self._people if p in zones), self.directory.zone)

    @property
    def _people(self) -> tuple[str, ...]:
        """The people whose zone may be used, best first."""
        return tuple(person for person in (self.to.person, self.owed_by) if person)

    @property
    def _named(self) -> bool:
        """Whether times name their zone: it may not be the reader's own."""
        return self.to.person not in self.directory.zones

    def moment(self, at: datetime) -> str:
        """ "Mon 9 Mar, 16:00", or "Mon 9 Mar, 16:00 CET" where the zone may not be theirs."""
        return formatting.moment(at, self.zone, self.now, name_zone=self._named)

    def due(self, at: datetime, started: datetime | None = None) -> str:
        """A due instant: "Mon 9 Mar, 16:00". `started`: when its clock started."""
        return self.moment(self._shown_due(at, started))

    def due_status(self, at: datetime, started: datetime | None, *, is_late: bool) -> str:
        """ "due today 16:00", "due tomorrow 09:00", "due Mon 9 Mar, 16:00", "was due Friday".

        An instant of today that is past is "due" for an hour, then "was due". `is_late`: write "was
        due" at once.
        """
        at = self._shown_due(at, started)
        ahead = formatting.days_ahead(at, self.now, self.zone)
        if ahead < 0:
            return f"was due {self.since(at)}"
        time = formatting.clock_time(at, self.zone, name_zone=self._named)
        if ahead == 0:
            is_past = at < (self.now if is_late else self.now - JUST_DUE)
            verb = "was due" if is_past else "due"
            return f"{verb} today {time}"
        return f"due tomorrow {time}" if ahead == 1 else f"due {self.moment(at)}"

    def names_due_in_full(self, at: datetime, started: datetime | None) -> bool:
        """Whether `due_status` has day, date and time."""
        shown = self._shown_due(at, started)
        return formatting.days_ahead(shown, self.now, self.zone) > 1

    def recently(self, at: datetime) -> str:
        """ "Thu 13:19" within the last six days, else "Thu 5 Mar, 13:19"."""
        if not 0 <= -formatting.days_ahead(at, self.now, self.zone) < 7:
            return self.moment(at)
        time = formatting.clock_time(at, self.zone, name_zone=self._named)
        return f"{at.astimezone(ZoneInfo(self.zone)):%a} {time}"

    def coming(self, at: datetime) -> str:
        """ "today", "tomorrow", "on Thursday", "on Thu 12 Mar": the day of an instant to come."""
        ahead = formatting.days_ahead(at, self.now, self.zone)
        if ahead < 2:
            return "tomorrow" if ahead == 1 else "today"
        return f"on {at.astimezone(ZoneInfo(self.zone)):%A}" if ahead < 7 else f"on {self.day(at)}"

    def day(self, at: datetime) -> str:
        """ "Mon 9 Mar": the day of an instant."""
        return self.date(self.local_date(at))

    def local_date(self, at: datetime) -> date:
        """The date of an instant, in the reader's zone."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def date(self, on: date) -> str:
        """A day; with the year where it is not this one."""
        return formatting.day(on, self.local_date(self.now))

    def since(self, at: datetime) -> str:
        """ "Tuesday" within the last six days, else the day."""
        return formatting.since(at, self.zone, self.now)

    def _shown_due(self, at: datetime, started: datetime | None) -> datetime:
        """The end of the office hours before a due instant in a night, weekend or holiday.

        The instant itself where that end is past and the instant is not, or where the clock
        started after that end.
        """
        end = self._office_end(at)
        ahead = self.now < at
        if (ahead and end <= self.now) or (started is not None and end <= started):
            return at
        return end

    def _office_end(self, at: datetime) -> datetime:
        """The end of the last office hours before an instant outside them; else the instant."""
        office = self.directory.office
        known = next((p for p in self._people if p in self.directory.zones), None)
        return last_open(office(known), at) if office and known else at
