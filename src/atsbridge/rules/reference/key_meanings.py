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
    "why": "Why the promise exists. It stands in the first message a person gets of the rule.",
    "side": "Whose promise it is in reports: `manager` or `recruiter`.",
    "each": "The kind of record: the rule looks at each record of that kind.",
    "owner": "The team that gets a message when nobody else can be reached.",
    "calendar": "The office hours that count, by their name in the settings.",
    "where": "The conditions on the record. Without any, every record counts.",
    "steps": "Who gets a message, and when.",
    "message": "The text of its messages.",
    "message_ahead": "The text before the due instant.",
    "message_late": "The text of the steps after due.",
    "muted_by": "Rules whose open case on the same record holds this rule's messages back.",
    "settle": "How long what decides must have stood before a case opens, such as `30m`. What was"
    " moved and moved back meanwhile stays silent. An end is told at once.",
    "tests": "Tests of the rule, which `atsbridge rules test` runs.",
}
PACK: Mapping[str, str] = {
    "version": "The version of the rule language.",
    "description": "One line on what the rules of this file are for; `atsbridge init` shows it.",
    "defaults": "What every rule of this file has unless it says otherwise.",
    "rules": "The rules of this file.",
    "overrides": "Changes to rules of this or another file, such as a built-in pack. Each names its"
    " rule by `id`; keys of `clock` are changed one by one, all other keys as a whole.",
    "exceptions": "Records that a rule leaves alone until a day, and why.",
}
STEP: Mapping[str, str] = {
    "at": "`due`, a share of the target, or a time after (`+1bd`) or before (`-1bd`) due.",
    "to": (
        'A path to a person, `"channel:#name"`, `team:name`, or `ats`. `.manager` after a person'
        " is their manager, `.manager.manager` the one above; `requisition.department.head` is the"
        " head of a department."
    ),
    "via": "`dm` sends at once, `digest` with the next morning's summary.",
    "max": "How often one case may send this step. Without it: each time a reset brings it again.",
    "tag": "The tag to put on the application instead of a note.",
    "set": "The custom field to set on the application instead of writing a note.",
    "message": "The text of this step instead of the rule's.",
}
_CLOCK: Mapping[str, str] = {
    "clock.pause": "The spans of time that do not count, such as a requisition on hold.",
    "clock.cancel": "Events that call it off. The case ends as canceled.",
    "clock.owed_by": "The person who has to act. Their zone, holidays and leave count.",
}
_TIMED: Mapping[str, str] = {
    **_CLOCK,
    "multiplier": "How many times the target, by the value of a field.",
    "target_by": "Another target by the value of a field. Any other value has `target`.",
}
_BELOW: Mapping[str, str] = {
    "of": "The kind of the records below the subject that are looked at.",
    "among": "Which of them count. Without it: all.",
    "through": "In a rule on people: the link by which the records name the person. Not needed"
    " where a record names one person only.",
    "same": "Paths of theirs and of the subject that must have the same value.",
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
        "clock.start": "From when silence counts before the first `event`.",
        "event": "The event that should keep happening. Each one starts the clock again.",
    },
    "order": {
        **_CLOCK,
        "clock.first": "The event that must come first.",
        "clock.then": "The event that must come later. It is the due instant.",
    },
    "celebrate": {
        "event": "The event to celebrate.",
        "cancel": "Events after which nothing is celebrated any more.",
        "after": "How long the event must stand before the message is sent, against slips.",
        "within": "How long after that the message may still be sent. Later it is old news.",
    },
    "complete": {
        "needs": "Fields, or keys of a block, that must have a value.",
        "lacks": "A list that names what is missing. It must be empty.",
    },
    "changed": {
        "fields": "The fields that are watched.",
        "since": "The event from which on changes count.",
        "within": "How long a change may be reported after it was seen. Later it is old news.",
    },
    "ratio": {
        **_BELOW,
        "share": "The conditions whose share is counted.",
        "by": "The event that orders the records, and by which `window` counts.",
        "last": "How many of the latest records are counted.",
        "window": "How far back records are counted.",
        "least": "With fewer records than this the rule finds nothing: a share of few says little.",
        "over": "The rule finds something when the share is more than this.",
        "named": "A field by whose values the finding groups the records it counted.",
    },
    "spread": {
        **_BELOW,
        "value": "The number that is compared.",
        "once": "Nothing is compared before this event has happened for every record.",
        "apart": "The rule finds something from this distance between least and greatest on.",
    },
    "count": {
        **_BELOW,
        "fewer_than": "The rule finds something when fewer than this many count.",
        "more_than": "The rule finds something when more than this many count.",
        "while_any": "Nothing is compared before any record `of` that kind meets these conditions.",
    },
    "recurring": {
        "every": "When a period begins: days of the week and a time in the zone of whom the first"
        " step goes to. `mon-fri` and `mon,thu` are days, too.",
        "within": "How long after that the message may still be sent, at most to the next period.",
    },
    "unusual": {
        **_BELOW,
        "by": "The event that is counted, week by week.",
        "per": "A field by whose values the records are compared, each value with its own past.",
        "weeks": "How many whole weeks before this one are compared.",
        "history": "How many weeks before those are the past. With fewer than 6 since the first"
        " event the rule finds nothing.",
        "below_usual": "The rule finds something below this share of the usual number of a week.",
        "above_usual": "The rule finds something above this share of the usual number of a week.",
        "least": "With a usual number below this for all the weeks compared it finds nothing.",
    },
    "market": {
        "value": "One amount, or the two ends of a range.",
        "currency": "The currency of the amount.",
        "period": "The time that the amounts are for, where the ATS does not say.",
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
