"""Write the messages to the operators about a run: clocks, zones, doubted lists, packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.model import NoticeText, cut
from atsbridge.presentation.formatting import count
from atsbridge.presentation.outage_message import listed

_QUOTED = 5  # errors in packs that a message quotes; the others are counted
_ROOM = 300  # characters of each
_TERM = 60  # characters of a term of the ATS


@dataclass(frozen=True, slots=True)
class WaitingRules:
    """Rules that wait for a list which was read and is not believed: why, and what to do."""

    stream: str
    reason: str
    remedy: str
    rules: Sequence[str]


def describe_clock(account: str, behind: int) -> NoticeText:
    """The clock of a machine is so many seconds behind the last run's."""
    return NoticeText(
        f"{account}: a clock is {count(behind // 60, 'minute')} behind",
        "A run found the clock of its machine behind the last run's. It evaluated the rules at"
        " the later instant, so nothing ends, opens or repeats; time stands still there until"
        " the clock has caught up. Set the clocks of all machines that run atsbridge (NTP).",
    )


def describe_unplaced(account: str, people: int, names: str, zone: str) -> NoticeText:
    """So many people who owe something have no time zone. `zone`: in which theirs is counted."""
    return NoticeText(
        f"{account}: {count(people, 'person', 'people')} without a time zone",
        f"Nobody knows the time zone of {names}. Their time is counted in {zone}, and they are"
        " left alone outside the office hours of where most people are. Name their offices in"
        " [offices], or them in [people]; `atsbridge doctor` lists all.",
    )


def describe_doubt(account: str, lists: Sequence[WaitingRules]) -> NoticeText:
    """Lists that are not believed, and the rules that wait for them."""
    lines = [
        f"{one.reason}. Rules that wait for it: {listed(one.rules)}. {one.remedy}" for one in lists
    ]
    noun = "the list" if len(lists) == 1 else "the lists"
    return NoticeText(
        f"{account}: rules wait for {noun} {listed([one.stream for one in lists])}",
        "\n".join((*lines, "Until then these rules open and end no case, and send no message.")),
    )


def describe_unknown_term(account: str, field: str, term: str, rules: Sequence[str]) -> NoticeText:
    """The ATS uses a term that is not known here; these rules leave such records as they are."""
    return NoticeText(
        f'{account}: nobody knows what "{cut(term, _TERM)}" means in {field}',
        f"The ATS has begun to use it. Until it is translated these rules open and end no case of"
        f" such records: {listed(rules)}. Name it in the settings of an export (`values`), or look"
        " for a newer connector; `atsbridge doctor` counts the records.",
    )


def describe_pack_errors(errors: Sequence[str]) -> NoticeText:
    """Errors in packs, the first of them quoted, and what they stop."""
    lines = [f"• {cut(one, _ROOM)}" for one in errors[:_QUOTED]]
    if len(errors) > _QUOTED:
        lines.append(f"and {len(errors) - _QUOTED} more")
    lines.append(
        "The rules they are in are stopped: their open cases stay as they are, and nobody is"
        " notified about them until the mistakes are corrected. All other rules run. `atsbridge"
        " rules check` shows every mistake."
    )
    return NoticeText(f"{count(len(errors), 'mistake')} in the rules", "\n".join(lines))


def describe_unconfirmed(account: str, ats: str, causes: Sequence[str]) -> NoticeText:
    """The ATS cannot be asked whether something is still owed, so messages wait."""
    return NoticeText(
        f"Messages of {account} wait",
        f"Before somebody is reminded, {ats} is asked once more whether it is still owed. It"
        f" cannot be asked now: {'; '.join(causes)}.\nThese messages wait, and go out as soon as"
        " it answers. Nothing is lost.",
    )
