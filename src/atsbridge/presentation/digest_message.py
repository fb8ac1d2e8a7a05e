"""The digest: what waited for one reader's morning, in one message, by what they have to do.

What is held for it is decided in `cases`; sending it is `deliver`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import Directory, made_of
from atsbridge.model import (
    ENDS,
    Case,
    Destination,
    Found,
    Hold,
    Key,
    Message,
    Notice,
    NoticeState,
    Purpose,
    clean,
    isolated,
)
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import resolution_text
from atsbridge.presentation.clearance import secret
from atsbridge.presentation.formatting import count, is_or_are, lower_first, without_late
from atsbridge.presentation.local_time import Reader
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules import FOUND, Rule, placeholders

_SHOWN = 25  # lines; the rest is counted
YOURS, OTHERS, ENDED = "For you to do", "Good to know", "No longer open"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One held notice with its case, as they stand now."""

    notice: Notice
    case: Case
    rule: Rule
    found: Found


def lines_of(digest: Notice, held: Iterable[Notice]) -> list[Notice]:
    """What of all held notices this digest speaks of: its reader's, come before it was made."""
    until = digest.created_at
    return [
        one
        for one in held
        if one.hold is Hold.DIGEST
        and one.destination.place == digest.destination.place
        and until is not None
        and one.not_before is not None
        and one.not_before <= until
    ]


def gather(
    account: str, now: datetime, held: Sequence[Notice], waiting: Sequence[Notice]
) -> list[Notice]:
    """A digest for each destination whose lines have come and that has none under way."""
    under_way = {one.destination.place for one in waiting if one.purpose is Purpose.DIGEST}
    readers: dict[tuple[str, str, str], Destination] = {}
    for one in held:
        come = one.not_before is not None and one.not_before <= now
        if one.hold is Hold.DIGEST and come and one.destination.place not in under_way:
            readers.setdefault(one.destination.place, one.destination)
    return [_digest(account, now, readers[place]) for place in sorted(readers)]


def render(
    digest: Notice, lines: Sequence[DigestLine], to: Destination, context: MessageContext
) -> Message:
    """One message for `lines`, of which there is at least one.

    What the reader owes comes first, longest due first; then what they are told of others; then
    what was settled. In a channel a confidential requisition is counted, not named.
    """
    directory = context.directory
    pen = _Pen(directory, to, context.now)
    groups: dict[str, list[DigestLine]] = {}
    for line in sorted(lines, key=_order):
        groups.setdefault(_group(line, to), []).append(line)
    room, said = _SHOWN, []
    for name in (YOURS, OTHERS, ENDED):
        if of := groups.get(name):
            said += ["", f"{name}:", *(pen.line(one, name) for one in of[:room])]
            if len(of) > room:
                said.append(f"… and {len(of) - room:,} more")
            room = max(room - len(of), 0)
    yours = len(groups.get(YOURS, ()))
    rest = len(lines) - yours
    parts = [count(yours, "thing waits", "things wait") + " for you"] if yours else []
    if rest:
        parts.append(f"{rest:,} to know" if yours else count(rest, "thing") + " to know")
    return Message(
        key=digest.key,
        headline=f"Today: {', '.join(parts)}",
        body="\n".join(said[1:]),
        why="What can wait comes once a day, in one message.",
        link_text=f"Open in {directory.ats}",
        tone="late" if yours else "due",
    )


def _digest(account: str, now: datetime, to: Destination) -> Notice:
    parts = (account, *to.place, str(int(now.timestamp() * 1000)), Purpose.DIGEST)
    return Notice(
        key=made_of(*parts),
        account=account,
        case=0,
        rule="",
        subject=Key(account, "account", account),
        destination=to,
        purpose=Purpose.DIGEST,
        state=NoticeState.QUEUED,
        created_at=now,
    )


def _group(line: DigestLine, to: Destination) -> str:
    if line.notice.purpose in ENDS:
        return ENDED
    owes = line.case.owed_by is not None and line.case.owed_by == to.person
    return YOURS if owes else OTHERS


def _order(line: DigestLine) -> tuple[object, ...]:
    due = line.case.due_at
    return (due is None, due, line.case.rule, line.case.number)


@dataclass(frozen=True, slots=True)
class _Pen:
    directory: Directory
    to: Destination
    now: datetime

    def line(self, line: DigestLine, group: str) -> str:
        facts = line.found.facts
        title = thing = clean(line.rule.title)
        due = line.case.due_at
        ahead = group != ENDED and due is not None and due > self.now
        thing = without_late(thing) if ahead or group == ENDED else thing
        if secret(self.to, facts):
            return f"• A confidential requisition: {lower_first(thing)}"
        about = f"{self._about(facts)}: {lower_first(thing)}"
        if line.notice.purpose is Purpose.HANDED_OVER and line.case.end is None:
            who = clean(self.directory.name(line.case.owed_by)) or "somebody else"
            return f"• {about}. {who} has it now."
        if group == ENDED:
            return f"• {about}: {resolution_text.sentence(line.case.end_reason)}"
        if line.rule.news or line.rule.check is not None:  # found, not owed: nothing is due
            told = any(
                FOUND in placeholders(t) for t in line.rule.messages
            )  # else it is not for a message
            found = clean(line.case.finding) if told else ""
            return f"• {about}: {found}" if found else f"• {about}"
        reader = Reader(self.directory, self.to, self.now, line.case.owed_by)
        if due is not None and ahead:
            verb = "," if thing == title else f" {is_or_are(title)}"  # it has a verb of its own
            about += f"{verb} due {reader.due(due, line.case.started_at)}"
        elif due is not None:
            about += f", due since {reader.since(due)}"
        if group == OTHERS:
            about += f"; waiting on {clean(self.directory.name(line.case.owed_by)) or 'nobody yet'}"
        return f"• {about}"

    def _about(self, facts: Mapping[str, object]) -> str:
        title = isolated(clean(str(facts.get(paths.TITLE) or "a requisition")))
        code = facts.get(paths.CODE)
        role = f"{title} ({clean(str(code))})" if code else title
        named = str(facts.get(paths.INITIALS) or "") if self.to.kind == "person" else ""
        who = isolated(clean(named))
        return f"{who}, {role}" if who else role
