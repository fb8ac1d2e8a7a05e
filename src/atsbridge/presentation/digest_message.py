"""Write the daily summary of one reader: what they have to do, then what they should know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.cases import hash_parts
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
    cut,
)
from atsbridge.presentation import message_data as paths
from atsbridge.presentation import reader_notes
from atsbridge.presentation.case_text import CaseText
from atsbridge.presentation.formatting import count
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules import Rule

_SHOWN = 25  # lines; the rest is counted
_TEXT = 400  # characters of a text in its line
YOURS, OTHERS, ENDED = "For you to do", "For your information", "No longer open"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One held notice with its case, as they stand now."""

    notice: Notice
    case: Case
    rule: Rule
    found: Found


def find_digest_lines(digest: Notice, held: Iterable[Notice]) -> list[Notice]:
    """Return the held notices of the digest's reader that came before the digest was made."""
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
    """Make a digest for each destination with waiting lines and without a digest under way."""
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
    """One message for `lines`, of which there is at least one; each with its link.

    What the reader has to do comes first, longest due first; then what waits on others, and news;
    then what has ended. In a channel a confidential requisition is neither named nor linked.
    """
    groups: dict[str, list[DigestLine]] = {}
    for line in sorted(lines, key=_order):
        groups.setdefault(_group(line, to), []).append(line)
    room, body, links = _SHOWN, list[str](), list[str]()
    for name in (YOURS, OTHERS, ENDED):
        if members := groups.get(name):
            shown = [_text(one, to, context) for one in members[:room]]
            body += ["", f"{name}:", *(_line(one, name) for one in shown)]
            links += [_link(one) for one in shown]
            if len(members) > room:
                body.append(f"… and {len(members) - room:,} more")
            room = max(room - len(members), 0)
    yours = len(groups.get(YOURS, ()))
    return Message(
        key=digest.key,
        headline=_headline(yours, len(lines) - yours),
        body="\n".join(body[1:]),
        why="Your daily summary. Urgent items come separately." if to.kind == "person" else "",
        link_text=f"Open in {context.directory.ats}",
        tone="late" if yours else "due",
        links=tuple(links),
        intro=reader_notes.intro(to, context),
    )


def _headline(yours: int, rest: int) -> str:
    """ "2 items for you today, 3 updates", "1 update today"."""
    if not yours:
        return f"{count(rest, 'update')} today"
    items = f"{count(yours, 'item')} for you today"
    return f"{items}, {count(rest, 'update')}" if rest else items


def _digest(account: str, now: datetime, to: Destination) -> Notice:
    parts = (account, *to.place, str(int(now.timestamp() * 1000)), Purpose.DIGEST)
    return Notice(
        key=hash_parts(*parts),
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
    asks = line.rule.check is not None and not line.rule.news and to.kind == "person"
    return YOURS if owes or asks else OTHERS


def _order(line: DigestLine) -> tuple[object, ...]:
    due = line.case.due_at
    return (due is None, due, line.case.rule, line.case.number)


def _text(line: DigestLine, to: Destination, context: MessageContext) -> CaseText:
    notice = replace(line.notice, destination=to)
    return CaseText(line.rule, notice, line.case, line.found, context)


def _line(text: CaseText, group: str) -> str:
    """ "• Feedback due today 13:30: TH, Lead Logistics Planner (OPS-106), waiting on Kim Osei".

    What a check found, and a step with a text of its own, show that text.
    """
    line = f"• {text.headline()}"
    if text.is_confidential:
        return line
    if text.tone == "glad":  # the text contains the thanks
        return f"• {text.text()}"
    if group == ENDED:
        return f"{line}. {text.happened()}"
    if text.rule.check is not None or text.step_template():
        own = cut(text.text(), _TEXT)
        return f"• {own}" if _says_whom(text) else f"{line}. {own}"
    if group == OTHERS:
        owes = text.name(text.case.owed_by) if text.case.owed_by else "nobody yet"
        line += f", waiting on {owes}"
    return line


def _says_whom(text: CaseText) -> bool:
    """Whether the text names what it is about: the role, and the candidate if there is one."""
    candidate = text.names(paths.DISPLAY_NAME) or text.names(paths.INITIALS)
    return text.names(paths.TITLE) and (candidate or not text.has_candidate)


def _link(text: CaseText) -> str:
    return "" if text.is_confidential else paths.link(text.found) or ""
