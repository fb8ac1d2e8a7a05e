"""What happens in a stage, guessed from its name, since Greenhouse has no type of stage.

An account that names its stages otherwise maps them: `[accounts.X.map.stage_kind]`.
"""

from __future__ import annotations

import re

# The first that fits counts. "Reference" stands before "check"-like words of other kinds, and
# "review" only counts for somebody's profile, so that "Performance review panel" stays an
# interview. English names: the default plan of a tenant is in English.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("reference", r"\breferences?\b|background"),
        ("offer", r"\boffer"),
        ("hired", r"\bhired\b|onboard"),
        ("assessment", r"assess|take[ -]?home|\btests?\b|\bcase\b|coding|challenge|assignment"),
        ("screen", r"screen|phone|recruiter (?:call|interview)|intro(?:ductory)? call|pre-?lim"),
        ("lead", r"\bleads?\b|prospect|sourc|outreach|reached out|talent pool"),
        ("review", r"(?:manager|profile|resume|résumé|cv|team|hm)\b.*\breview|submi(?:tted|ssion)"),
        ("interview", r"interview|on-?site|panel|face[ -]to[ -]face|\bloop\b|final|meet|debrief"),
        ("lead", r"\bappl(?:ication|ied)|\breview\b|\bnew\b|inbox"),
    )
)


def stage_kind(name: str | None) -> str | None:
    """A kind of `model.requisitions.STAGE_KINDS`, "other" if the name says nothing.

    "Application Review", where every Greenhouse plan begins, is a lead: the recruiter sifts
    there, and "review" is kept for the manager's look at a profile.
    """
    if name is None:
        return None
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "other")
