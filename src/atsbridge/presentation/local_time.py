"""Whoever reads a message, and how instants are put for them: the one place that words a time.

Times are in the reader's own zone. Of a reader whose zone nobody knows, and in a channel, they are
in the zone of whoever owes, with its name. A due instant outside office hours is put as the end of
the office hours before it: nobody works at 04:26. `explain` has the exact instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory
from atsbridge.model import Destination
from atsbridge.presentation import formatting
from atsbridge.worktime import last_open


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader at a destination at `now`, of a matter that the user `owed_by` owes."""

    directory: Directory
    to: Destination
    now: datetime
    owed_by: str | None = None

    @property
    def zone(self) -> str:
        """The IANA zone that times are put in."""
        zones = self.directory.zones
        return next((zones[p] for p in self._people if p in zones), self.directory.zone)

    @property
    def _people(self) -> tuple[str, ...]:
        """Whose times they are, best first; nobody's if empty."""
        return tuple(person for person in (self.to.person, self.owed_by) if person)

    @property
    def _named(self) -> bool:
        """Whether the zone has to be named: it is not known to be the reader's own."""
        return self.to.person not in self.directory.zones

    def moment(self, at: datetime) -> str:
        """ "Mon 9 Mar, 16:00", or "Mon 9 Mar, 16:00 CET" where the zone may not be theirs."""
        return formatting.moment(at, self.zone, self.now, name_zone=self._named)

    def due(self, at: datetime, started: datetime | None = None) -> str:
        """When something is due that was started then: "Mon 9 Mar, 16:00"."""
        return self.moment(self._shown_due(at, started))

    def due_status(self, at: datetime, started: datetime | None, *, is_late: bool) -> str:
        """ "due today 16:00", "due tomorrow 09:00", "due Mon 9 Mar, 16:00", "was due Friday".

        `is_late`: it is to be called late also on the day it was due.
        """
        at = self._shown_due(at, started)
        ahead = formatting.days_ahead(at, self.now, self.zone)
        if ahead < 0:
            return f"was due {self.since(at)}"
        time = formatting.clock_time(at, self.zone, name_zone=self._named)
        if ahead == 0:
            verb = "was due" if is_late and at < self.now else "due"
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
        """ "Tuesday", or the day where that is longer ago."""
        return formatting.since(at, self.zone, self.now)

    def _shown_due(self, at: datetime, started: datetime | None) -> datetime:
        """The end of the office hours before a night, weekend or holiday, else the instant.

        Also the instant where those hours are over and it is not, or end before the start.
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
