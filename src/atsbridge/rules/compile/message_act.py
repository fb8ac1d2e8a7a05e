"""Tell whether a message asks its reader for something. For a lint: a doubt, not an error.

It looks for a form, not for a meaning: "please", "could you", a question, a clause that begins with
a verb of the list, or what the reader owes with its due time. Only English texts are looked at.
"""

from __future__ import annotations

import re

_DUE = "{clock.due}"
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_PLEASE = re.compile(r"\bplease\b|\b(could|can|would) you\b", re.IGNORECASE)
_OWN = re.compile(r"\b(you|your)\b", re.IGNORECASE)
# Words that nearly every English sentence has, and other languages do not.
_ENGLISH = re.compile(
    r"\b(the|is|are|was|were|has|have|had|been|you|your|of|with)\b", re.IGNORECASE
)
# Verbs with which people ask; one that mostly is a noun ("offer", "interview") is none of them.
_VERBS = (
    "accept|add|adjust|agree|allow|announce|answer|approve|archive|arrange|ask|assign|"
    "assess|attend|begin|book|bring|build|call|cancel|change|check|choose|clarify|close|"
    "collect|comment|compare|complete|confirm|contact|correct|create|decide|decline|define|"
    "delegate|describe|discuss|drop|edit|ensure|explain|extend|fill|find|finish|fix|follow|"
    "forward|get|give|go|hand|hold|include|inform|introduce|invite|join|keep|leave|look|"
    "make|map|mark|meet|mention|move|name|nominate|pause|pick|post|prepare|prioritize|"
    "propose|provide|publish|push|put|raise|read|reassign|recommend|reconsider|record|"
    "reject|remind|remove|reopen|replace|reply|report|reschedule|resend|resolve|respond|"
    "restart|review|revise|say|schedule|screen|select|send|set|share|show|sign|speak|start|stop|"
    "submit|suggest|summarize|swap|take|talk|tell|try|update|upload|use|verify|widen|"
    "withdraw|write"
)
_CLAUSE = re.compile(
    rf"(?:^|[.:;,!?(\n])\s*(?:(?:or|and|then|now|first)\s+)*(?:{_VERBS})\b", re.IGNORECASE
)


def is_english(text: str) -> bool:
    """Whether a message seems to be English. One of only a few words may be judged to be none."""
    return _ENGLISH.search(_PLACEHOLDER.sub(" ", text)) is not None


def has_act(text: str) -> bool:
    """Whether an English message asks its reader for something.

    >>> has_act("Please book an interview.")
    True
    >>> has_act("Your feedback on {candidate.initials} is due {clock.due}.")
    True
    >>> has_act("No interview is booked for {candidate.initials}.")
    False
    """
    plain = _PLACEHOLDER.sub("X", text)
    if "?" in plain or _PLEASE.search(plain) or (_DUE in text and _OWN.search(plain)):
        return True
    return _CLAUSE.search(plain) is not None
