"""What each key of a rule means, for the page of docs and for editors.

Keys are written as on the page: "clock.start". A kind of a plugin describes its keys with
pydantic's `Field(description=…)`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from atsbridge.ports import AnyRuleKind
from atsbridge.rules.language import example

COMMON: Mapping[str, str] = {
    "id": "The name of the rule: lower-case letters, digits and hyphens. Cases are kept under it.",
    "kind": "One of the kinds below.",
    "status": "`draft`, `shadow`, `live` or `retired`.",
    "title": "What it is about, as a noun; messages add the time: `Feedback due today 16:00`.",
    "why": "Why the promise exists. A person's first message of the rule shows it.",
    "side": "Whose promise it is in reports: `manager` or `recruiter`.",
    "each": "The kind of record. The rule is evaluated on each record of that kind.",
    "owner": "The team that gets a message when nobody else can be reached.",
    "calendar": "The office hours that count, by their name in the settings.",
    "where": "The conditions on the record. Without any, every record counts.",
    "steps": "Who gets a message, and when.",
    "message": "The text of its messages.",
    "message_ahead": "The text before the due instant.",
    "message_late": "The text of the steps after due.",
    "muted_by": "While one of these rules has an open case on the same record, this rule's messages"
    " are held.",
    "settle": "How long the deciding values must be unchanged before a case opens, such as `30m`. A"
    " change that is taken back within that time sends nothing. An end is sent at once.",
    "tests": "Tests of the rule, which `atsbridge rules test` runs.",
}
PACK: Mapping[str, str] = {
    "version": "The version of the rule language.",
    "description": "One line on what the rules of this file are for; `atsbridge init` shows it.",
    "defaults": "Keys for every rule of this file. A rule's own key takes precedence.",
    "rules": "The rules of this file.",
    "overrides": "Changes to rules of this or another file, such as a built-in pack. Each names its"
    " rule by `id`; keys of `clock` are changed one by one, all other keys as a whole.",
    "exceptions": "Records that a rule does not evaluate until a day, and why.",
}
STEP: Mapping[str, str] = {
    "at": "`due`, a share of the target, or a time after (`+1bd`) or before (`-1bd`) due.",
    "to": (
        'A path to a person, `"channel:#name"`, `team:name`, or `ats`. `.manager` after a person'
        " is their manager, `.manager.manager` the one above; `requisition.department.head` is the"
        " head of a department."
    ),
    "via": "`dm` sends at once, `digest` with the next daily summary.",
    "max": "How often one case may send this step. Without it, each reset sends it again.",
    "tag": "The tag to put on the application instead of a note.",
    "set": "The custom field to set on the application instead of writing a note.",
    "message": "The text of this step instead of the rule's.",
}
_CLOCK: Mapping[str, str] = {
    "clock.pause": "Spans of time that do not count, such as a requisition on hold.",
    "clock.cancel": "Events that end the promise. The case ends as canceled.",
    "clock.owed_by": "The person who has to act. Their zone, holidays and leave count.",
}
_TIMED: Mapping[str, str] = {
    **_CLOCK,
    "multiplier": "A factor for the target, by the value of a field.",
    "target_by": "Another target, by the value of a field. All other values have `target`.",
}
_BELOW: Mapping[str, str] = {
    "of": "The kind of records to look at. They belong to the rule's own record.",
    "among": "Conditions: which of them count. Without it, all count.",
    "through": "In a rule on people: the link from the records to the person. Needed only if a"
    " record names several people.",
    "same": "Fields that must be equal: a path of the records -> a path of the rule's own record.",
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "sla": {
        **_TIMED,
        "target": "How long it may take, or how long before an event it is due:"
        " `-5bd before requisition.target_on`. A plain date counts from its end.",
        "clock.start": "The event that starts the clock.",
        "clock.stop": "The event that keeps the promise.",
        "clock.reset": "Events that start the clock again.",
    },
    "quiet": {
        **_TIMED,
        "target": "How long it may be quiet after an `event`.",
        "clock.start": "From when the time counts before the first `event`.",
        "event": "The event that should keep happening. Each one starts the clock again.",
    },
    "order": {
        **_CLOCK,
        "clock.first": "The event that must come first.",
        "clock.then": "The event that must come later. It is the due instant.",
    },
    "celebrate": {
        "event": "The event to celebrate.",
        "cancel": "Events after which the rule sends nothing.",
        "after": "How long the event must stand before the message is sent, so that a mistake can"
        " be corrected.",
        "within": "How long after that the message may still be sent.",
    },
    "complete": {
        "needs": "Fields, or keys of a block, that must have a value.",
        "lacks": "A list that names what is missing. It must be empty.",
    },
    "changed": {
        "fields": "The fields that are watched.",
        "since": "Only changes after this event count.",
        "within": "How long after it was seen a change may still be reported.",
    },
    "ratio": {
        **_BELOW,
        "share": "Conditions. The rule compares how many of the records meet them.",
        "by": "The event that orders the records, and from which `window` counts.",
        "last": "How many of the latest records are counted.",
        "window": "How far back records are counted.",
        "least": "With fewer records than this, the rule finds nothing.",
        "over": "The rule finds something when the share is more than this.",
        "named": "A field. The finding groups the counted records by its values.",
    },
    "spread": {
        **_BELOW,
        "value": "The number that is compared.",
        "once": "The rule waits until this event has happened for every record.",
        "apart": "The rule finds something when the smallest and the largest value are at least"
        " this far apart.",
    },
    "count": {
        **_BELOW,
        "fewer_than": "The rule finds something when fewer than this many count.",
        "more_than": "The rule finds something when more than this many count.",
        "while_any": "The rule applies only while at least one record `of` that kind meets these"
        " conditions.",
    },
    "recurring": {
        "every": "When a period begins: days of the week, and a time in the zone of the first"
        " step's reader. For several days: `mon-fri` or `mon,thu`.",
        "within": "How long after that the message may still be sent, at most to the next period.",
    },
    "unusual": {
        **_BELOW,
        "by": "The event that is counted, week by week.",
        "per": "A field. Each of its values is compared with its own past.",
        "weeks": "How many whole weeks before this one are compared.",
        "history": "How many weeks before those are the past. With fewer than 6 weeks since the"
        " first event, the rule finds nothing.",
        "below_usual": "The rule finds something below this share of the usual number.",
        "above_usual": "The rule finds something above this share of the usual number.",
        "least": "If the usual number for all compared weeks is below this, the rule finds"
        " nothing.",
    },
    "market": {
        "value": "One amount, or the two ends of a range.",
        "currency": "The currency of the amount.",
        "period": "The period that the amounts are for, if the ATS does not say.",
        "low": "The market figure below which pay is too low.",
        "high": "The market figure above which pay is too high.",
        "since": "In place of `value`: the event from which days open are counted.",
        "tolerance": "How far outside the market figure still counts as inside.",
        "match": "The fields by which a row of the market table is found.",
    },
}

# Kind -> key -> a right line, where the line of another kind's key of that name would mislead.
_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "celebrate": {
        "event": "event: offer.resolved_at",
        "cancel": "cancel: [application.rejected_at]",
    },
    "market": {"value": "value: [requisition.pay_min, requisition.pay_max]"},
}


def find_example(kind: AnyRuleKind, key: str) -> str:
    """A right line for a key of a rule of this kind."""
    return _EXAMPLES.get(kind.name, {}).get(key) or example(key)


def find_meaning(kind: AnyRuleKind, key: str) -> str:
    """The meaning of a key of a rule of this kind; "" for one that nobody described.

    `key` of a block may be written with its name, "clock.start", or without.
    """
    schema: type[BaseModel] = kind.schema
    field = schema.model_fields.get(key)
    if field is not None and field.description:
        return field.description
    known = KINDS.get(kind.name, {})
    return known.get(key, "") or known.get(f"clock.{key}", "") or COMMON.get(key, "")
