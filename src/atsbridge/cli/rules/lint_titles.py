"""What each lint is about, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

INVALID = "invalid-pack"  # the code of every error
LINT_TITLES: Mapping[str, str] = {
    INVALID: "The pack is wrong here, and the rule does not run.",
    "asked-not-owed": "The condition is also true of an interview that was skipped or canceled.",
    "close-steps": "Two steps reach the same person within four hours.",
    "compensation": "The message shows pay, which most sinks are not cleared for.",
    "early-stop": "The clock stops at a decision that cannot be made yet.",
    "late-title": "The title says that something is late, and messages add the time themselves.",
    "no-cancel": "The clock runs on after the application or requisition was closed.",
    "no-history": "The ATS has no history of what decides the rule.",
    "no-owner": "No team gets the message when nobody else can be reached.",
    "no-tests": "The rule has no tests.",
    "no-act": "The message does not say what to do.",
    "nothing-found": "The message asks for a finding, and the rule is a clock.",
    "office-hours": "A long target in office hours is probably meant in working days.",
    "overlap": "Two rules tell the same person of the same thing.",
    "passing-mark": "The tag or field of news is taken off again.",
    "personal-to-channel": "Personal data is left out of a message to a channel.",
    "rating-shown": "Whoever gets the message learns of a rating.",
    "short-target": "The target is shorter than what the ATS tells may be old.",
    "stale-market": "The market table is older than a year.",
    "long-message": "The message is longer than people read.",
    "unanswered": "No installed ATS can answer a condition.",
    "unused-message": "No step sends this text.",
    "you-to-another": 'The message says "you" to a reader who does not have to act.',
}
