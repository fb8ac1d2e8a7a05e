"""Since when each version of a rule has been evaluated on an account, without a gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from atsbridge.context.run_memory import digest, strip_positions

if TYPE_CHECKING:
    from atsbridge.rules import Rule

# Parts of a rule that do not change what it finds or whom it reaches: its texts and tests, where it
# stands, how far it has come; and the queries, which follow from the other parts and the texts.
_NOT_MEANING = frozenset(
    {
        *("status", "title", "why", "message", "message_ahead", "message_late"),
        *("place", "tests", "open", "settled", "settled_by", "pilot"),
    }
)


@dataclass(frozen=True, slots=True)
class RuleWatch:
    """`meaning`: digest of what the rule means; `since`: when that was first evaluated."""

    meaning: str
    since: datetime


def meaning(rule: Rule) -> str:
    """A digest of what the rule finds, when, and whom it reaches; its texts do not count."""
    steps = tuple(replace(step, message="") for step in rule.steps)
    exemptions = tuple(replace(one, why="") for one in rule.exemptions)
    parts = [
        (one.name, getattr(rule, one.name)) for one in fields(rule) if one.name not in _NOT_MEANING
    ]
    shown = {**dict(parts), "steps": steps, "exemptions": exemptions}
    return digest(strip_positions(repr(sorted(shown.items(), key=lambda part: part[0]))))


def follow(
    known: Mapping[str, RuleWatch],
    rules: Mapping[str, Rule],
    is_stopped: Callable[[str], bool],
    now: datetime,
) -> dict[str, RuleWatch]:
    """The watch after a run at `now`. `rules`: those that are live or shadow, by id.

    A rule with another meaning, and one that was not evaluated in between, begins anew. A rule
    that is stopped by an error keeps what is known of it.
    """
    kept = {name: one for name, one in known.items() if is_stopped(name)}
    for name, rule in rules.items():
        this, before = meaning(rule), known.get(name)
        same = before is not None and before.meaning == this
        kept[name] = before if before is not None and same else RuleWatch(this, now)
    return kept


def pack_watch(watch: Mapping[str, RuleWatch]) -> dict[str, list[str]]:
    """As JSON: rule -> [meaning, since]."""
    return {name: [one.meaning, one.since.isoformat()] for name, one in sorted(watch.items())}


def unpack_watch(packed: Any) -> dict[str, RuleWatch]:
    """From JSON; what cannot be read is left out, so that its rule begins anew."""
    found: dict[str, RuleWatch] = {}
    for name, pair in packed.items() if isinstance(packed, dict) else ():
        try:
            found[str(name)] = RuleWatch(str(pair[0]), datetime.fromisoformat(pair[1]))
        except (IndexError, KeyError, TypeError, ValueError):
            continue
    return found
