"""Queues what pairs get besides their cases: the weekly message, its offer, and thanks.

The key of each notice is made of reader and week: however often a run is killed, or a clock
jumps, the outbox takes each of them once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from atsbridge.cases import hash_parts
from atsbridge.context import AccountContext, Pair, address_of, find_pairs, find_sharers
from atsbridge.model import Destination, Key, Notice, NoticeText, Purpose, User, clean
from atsbridge.presentation import weekly_message
from atsbridge.queries import STREAK, PairWeeks
from atsbridge.settings import WeekTime

# A week's message that could not be made for longer is left out: the next one is near.
LATE = timedelta(days=2)
LOOK = timedelta(hours=1)  # how often pairs are looked at while no weekly message is due
TOGETHER = 5  # pairs in one message: more would be cut by a chat
OFFERS = 5  # in one run: a large account is not asked all at once
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class WeekDue:
    """The weekly messages of an account. `monday`: of their week; `hours`: address -> when due.

    The texts are made for all when the first of them may read theirs.
    """

    monday: date
    hours: Mapping[str, datetime]

    def has_come(self, now: datetime) -> bool:
        """Whether the first is due, and the last not too late."""
        return min(self.hours.values()) <= now < max(self.hours.values()) + LATE


class PairMessages:
    """The messages of an account's pairs in one run, queued before delivery."""

    def __init__(self, context: AccountContext, now: datetime) -> None:
        """`now`: aware UTC."""
        self.context, self.now = context, now
        self.weeks = PairWeeks(context, now)
        self.sharers = find_sharers(context.services)

    def queue(self) -> None:
        """Queue what is due, and keep when to look again."""
        weekly, pairs = self.context.settings.notify.weekly, self.pairs
        look = self.now + LOOK
        if weekly is None:
            self._queue_streaks(pairs)
        else:
            self._queue_offers(pairs, weekly)
            due = self.find_due(weekly)
            if due is not None and due.has_come(self.now):
                self._queue_weekly(due)
            look = min([look, *(at for at in self._ahead(weekly) if at > self.now)])
        self.context.run_state.write_pair_look(look)

    def queue_now(self, weekly: WeekTime) -> Sequence[Pair]:
        """Queue this week's messages unless they were made; returns the pairs that get one."""
        due = self.find_due(weekly)
        return self._queue_weekly(due) if due is not None else ()

    @cached_property
    def pairs(self) -> Sequence[Pair]:
        """All pairs, whether or not they agreed."""
        return find_pairs(self.context)

    @cached_property
    def agreed(self) -> Sequence[Pair]:
        """The pairs of which both agreed."""
        return [one for one in self.pairs if set(one.emails) <= self.sharers]

    def is_made(self, weekly: WeekTime) -> bool:
        """Whether this week's messages were made already."""
        due = self.find_due(weekly)
        return due is not None and self._is_made(due)

    def find_due(self, weekly: WeekTime) -> WeekDue | None:
        """The latest week whose first message is due by now; None where no pair agreed."""
        readers = {address_of(one): one for pair in self.agreed for one in pair.people}
        if not readers:
            return None
        today = self.now.date()
        for back in (-1, 0, 1):  # where the sun rises first, it is Monday on our Sunday
            monday = today - timedelta(days=today.weekday(), weeks=back)
            hours = {one: weekly.instant(monday, self._zone(user)) for one, user in readers.items()}
            due = WeekDue(monday, hours)
            if min(hours.values()) <= self.now:
                break
        return due

    def render(self, pair: Pair) -> NoticeText:
        """The text of a pair's weekly message as it would be now."""
        return weekly_message.render_weekly(self.weeks.read(pair))

    # --- parts ------------------------------------------------------------------------------

    def _is_made(self, due: WeekDue) -> bool:
        return self.context.run_state.read_weekly() >= due.monday.isoformat()

    def _ahead(self, weekly: WeekTime) -> Iterator[datetime]:
        """When the next weekly messages are due."""
        due = self.find_due(weekly)
        if due is not None:
            week = timedelta(weeks=1)
            yield min(due.hours.values()) + week - timedelta(hours=1)  # the clocks may change
            yield min(due.hours.values()) + week

    def _queue_weekly(self, due: WeekDue) -> Sequence[Pair]:
        """Queue the messages of a week, unless they were made; returns the pairs.

        Who is in several pairs gets their texts in one message, `TOGETHER` at most.
        """
        if self._is_made(due):
            return ()
        texts = [(pair, self.render(pair)) for pair in self.agreed]
        made: list[Notice] = []
        for email, at in due.hours.items():
            own = [(pair, text) for pair, text in texts if email in pair.emails]
            for first in range(0, len(own), TOGETHER):
                some = own[first : first + TOGETHER]
                text = weekly_message.join_weekly([one for _, one in some])
                topic = ("weekly", self.context.account, due.monday.isoformat(), str(first))
                notice = self._notice(some[0][0], email, Purpose.WEEKLY, topic, text)
                people = tuple(one for pair, _ in some for one in pair.emails)
                made.append(replace(notice, pair=people, not_before=at))
        self.context.store.outbox.queue(made)
        self.context.run_state.write_weekly(due.monday.isoformat())
        return [pair for pair, _ in texts]

    def _queue_offers(self, pairs: Sequence[Pair], weekly: WeekTime) -> None:
        """Ask whoever did not say yet and can answer, once ever; nobody who wants no messages."""
        choices = self.context.store.choices.read_choices()
        when = f"{_DAYS[weekly.day]}s, {weekly.at:%H:%M}"
        asked = dict.fromkeys(self.context.run_state.read_offered())
        made: list[Notice] = []
        for pair in pairs:
            for user in pair.people:
                email = address_of(user)
                known, mark = choices.get(email), hash_parts("offered", email)
                chosen = known is not None and (known.pairs is not None or known.stopped)
                if mark in asked or email in self.sharers or chosen or len(made) >= OFFERS:
                    continue
                if not self.context.reads_answers(email):
                    continue
                asked[mark] = None
                name = clean((user.name or "").partition(" ")[0]) or "Hello"
                other = clean(pair.other(email).name or "", 60) or "your colleague"
                text = weekly_message.render_offer(name, other, when)
                made.append(self._notice(pair, email, Purpose.OFFER, ("offer",), text))
        if made:
            self.context.store.outbox.queue(made)
            self.context.run_state.write_offered(list(asked))

    def _queue_streaks(self, pairs: Sequence[Pair]) -> None:
        """Thanks to pairs that kept every promise for a month; the weekly message has it else."""
        thanked, made = self.context.run_state.read_streaks(), list[Notice]()
        for pair in pairs:
            last = thanked.get(_name(pair))
            early = last and self.now - datetime.fromisoformat(last) < timedelta(days=STREAK)
            if early or not set(pair.emails) <= self.sharers:
                continue
            kept, number = self.weeks.read_streak(pair)
            if kept:
                text = weekly_message.render_streak(self.weeks.names(pair), STREAK, number)
                day = self.now.date().isoformat()
                topic = ("streak", self.context.account, *pair.emails, day)
                made += [
                    self._notice(pair, email, Purpose.STREAK, topic, text) for email in pair.emails
                ]
                thanked[_name(pair)] = self.now.isoformat()
        if made:
            self.context.store.outbox.queue(made)
            self.context.run_state.write_streaks(thanked)

    def _notice(
        self, pair: Pair, email: str, purpose: Purpose, topic: Sequence[str], text: NoticeText
    ) -> Notice:
        """A notice to one of the pair; its key is made of the topic and the reader."""
        account, directory = self.context.account, self.context.directory
        user = next(one for one in pair.people if address_of(one) == email)
        return Notice(
            key=hash_parts("pair", *topic, email),
            account=account,
            case=0,
            rule="",
            subject=Key(account, "account", account),
            destination=Destination(directory.find_sink(email), "person", email, user.id),
            purpose=purpose,
            created_at=self.now,
            pair=pair.emails,
            text=text,
        )

    def _zone(self, user: User) -> str:
        return self.context.directory.zones.get(user.id, self.context.directory.zone)


def _name(pair: Pair) -> str:
    """What a pair is known by in the run state: no address stands there."""
    return hash_parts("pair", *pair.emails)
