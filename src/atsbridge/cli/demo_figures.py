"""The figures at the end of the demo: each a number and what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from atsbridge.cli.output import plural


def list_figures(
    counts: Counter[str], notes: int, readers: Mapping[str, int], systems: str
) -> list[tuple[str, str]]:
    """(number, what it counts) of the week.

    `counts`: "opened ACCOUNT" and the like, "to person", "to channel", "requests". `readers`: pack
    with its purpose -> people who got messages of it. `systems`: what was read, as text.
    """
    opened, resolved, settled, still = (
        sum(number for key, number in counts.items() if key.startswith(name))
        for name in ("opened ", "resolved ", "moved on ", "open ")
    )
    persons, channels, requests = counts["to person"], counts["to channel"], counts["requests"]
    texts = [
        (opened, f"{plural(opened, 'case')} opened: something was due or nearly due"),
        (
            resolved,
            f"of them {plural(resolved, 'was')} done after the reminder; the message now says so",
        ),
        (
            settled,
            f"{plural(settled, 'was')} no longer needed: the person moved on, or the role closed",
        ),
        (still, f"{plural(still, 'is')} still open, with the person who has to act"),
        (persons, f"{plural(persons, 'message')} to one person each, in Slack"),
        (channels, f"{plural(channels, 'summary')} to the teams that run the rules"),
        (notes, f"{plural(notes, 'note')} in candidates' files, each only once"),
        (requests, f"{plural(requests, 'request')} to {systems}, within the rate limit"),
        *(
            (number, f"{plural(number, 'person')} got messages of {pack}")
            for pack, number in readers.items()
        ),
    ]
    return [(str(number), text) for number, text in texts]
