"""What changed between two versions of a brief, and what that means for candidates, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from atsbridge.model import BriefPart, Impact, PayRange, VersionChange, clean, cut
from atsbridge.presentation.formatting import count, together, upper_first
from atsbridge.presentation.pay_mentions import mentions_pay

_TEXT = 160  # characters of an old or a new text
_ENTRIES = 6  # of a list; the rest is counted
_NAMES = {
    BriefPart.CRITERIA: "scorecard criteria",
    BriefPart.PAY_RANGE: "pay range",
    BriefPart.PRIORITY: "priority",
    BriefPart.HEADCOUNT: "headcount",
}


def name_section(section: str) -> str:
    """ "must haves"."""
    return clean(section.replace("_", " "))


def describe_change(change: VersionChange, *, shows_pay: bool) -> str:
    """ "Must haves: Python added, SQL dropped", "Priority: from High to Low".

    `shows_pay`: whether the reader may see pay. Without it, what may name pay is only said to have
    changed.
    """
    name = upper_first(
        name_section(change.section) if change.part is BriefPart.SECTION else _NAMES[change.part]
    )
    if not shows_pay and _is_pay(change):
        return f"{name}: changed (not shown here, because it may name pay)"
    if isinstance(change.old or change.new, list | tuple) and not isinstance(
        change.new or change.old, str
    ):
        return f"{name}: {_describe_lists(change.old or (), change.new or ())}"
    old, new = _show(change.old), _show(change.new)
    if not old:
        return f"{name}: added, {new}"
    return f"{name}: from {old} to {new}" if new else f"{name}: removed, was {old}"


def describe_impact(impact: Impact, ats: str) -> Iterator[str]:
    """What the change means for candidates who were there before, in sentences."""
    if impact.assessed is None:
        yield "How many candidates were assessed by the earlier version cannot be known now."
    elif impact.assessed:
        were = "was" if impact.assessed == 1 else "were"
        yield f"{count(impact.assessed, 'candidate')} {were} assessed by the earlier version."
    else:
        yield "No candidate was assessed by the earlier version."
    unknown = [name for name, number in impact.rejected.items() if number is None]
    for name, number in impact.rejected.items():
        if number:
            were = "was" if number == 1 else "were"
            yield (
                f"{count(number, 'candidate')} {were} rejected for {clean(name, _TEXT)}, which is"
                " not asked for any more. Please look at them again."
            )
    if unknown:
        names = together([clean(name, _TEXT) for name in unknown[:_ENTRIES]])
        yield (
            f"How many were rejected for {names} cannot be known: no reason for rejection in"
            f" {ats} names it."
        )


def show_pay(pay: PayRange) -> str:
    """ "60,000 to 70,000 EUR a year"; "" for no range."""
    amounts = [f"{one:,.0f}" for one in (pay.least, pay.most) if one is not None]
    if not amounts:
        return ""
    text = " to ".join(dict.fromkeys(amounts))
    text += f" {pay.currency}" if pay.currency else ""
    return text + (f" a {pay.period}" if pay.period else "")


def _is_pay(change: VersionChange) -> bool:
    if change.part is BriefPart.PAY_RANGE:
        return True
    texts = (change.old, change.new)
    return change.part is BriefPart.SECTION and any(
        mentions_pay(change.section, one) for one in texts
    )


def _describe_lists(old: Any, new: Any) -> str:
    """ "Python added, SQL dropped"; "in another order" where only that changed."""
    before, after = (
        [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        for value in (old, new)
    )
    groups = (
        ([one for one in after if one not in before], "added"),
        ([one for one in before if one not in after], "dropped"),
    )
    parts = [f"{_list(names)} {what}" for names, what in groups if names]
    return ", ".join(parts) or "in another order"


def _list(names: Sequence[str]) -> str:
    shown = [clean(name, _TEXT) for name in names[:_ENTRIES]]
    more = len(names) - len(shown)
    return together([*shown, f"{more} more"] if more else shown)


def _show(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, PayRange):
        return show_pay(value)
    if isinstance(value, int):
        return str(value)
    text = clean(str(value), len(str(value)))
    return text if " " not in text else f"“{cut(text, _TEXT)}”"
