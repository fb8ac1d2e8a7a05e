"""Decide which facts a destination may see: its sink's clearance, and less in a channel.

`render` marks what it withholds. `rules check` refuses what is wrong for every subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from atsbridge.cases import make_ops_notice
from atsbridge.model import Destination, Field, Notice, Sensitivity
from atsbridge.presentation.delivery_alerts import describe_kept_back, describe_left_out
from atsbridge.presentation.message_data import CONFIDENTIAL
from atsbridge.rules import Rule, field_paths, message_template


def find_sensitivity(
    subject: str, path: str, declared: Mapping[str, Sensitivity]
) -> tuple[Field, Sensitivity]:
    """The field of a path in a text, and who may read it. KeyError for no path of the subject.

    `declared`: what the account's settings say of single custom fields and brief sections
    ("requisition.custom.level"); other keys of a block are as sensitive as the whole block.
    """
    field = message_template.field_of(subject, path)
    key = field_paths.part(subject, path)[1]
    level = declared.get(f"{field.path}.{key}") if key else None
    return field, field.sensitivity if level is None else level


def may_read(
    to: Destination, clearance: Sensitivity, field: Field, sensitivity: Sensitivity
) -> bool:
    """Whether the field may stand in a message to `to`, in a sink of that clearance.

    `sensitivity`: of the field, or of the key of its block that is asked for. A channel gets facts
    about roles and colleagues, but none about candidates or pay.
    """
    if to.kind == "channel" and field.kind != "user":
        clearance = min(clearance, Sensitivity.OPEN)
    elif to.kind != "person":
        clearance = min(clearance, Sensitivity.PERSONAL)  # a note is read by the hiring team
    return clearance.allows(sensitivity)


def secret(to: Destination, facts: Mapping[str, object]) -> bool:
    """Whether the requisition and the people who work on it must not be named there."""
    return to.kind == "channel" and bool(facts.get(CONFIDENTIAL))


def withheld(
    rule: Rule,
    to: Destination,
    clearance: Sensitivity,
    declared: Mapping[str, Sensitivity] | None = None,
) -> tuple[str, ...]:
    """Ratings and pay that a message of the rule asks for and `to` must not learn."""
    found = []
    asked = (path for text in rule.messages for path in message_template.placeholders(text))
    for path in dict.fromkeys(asked):
        if path in message_template.PLACEHOLDERS:
            continue
        try:
            field, level = find_sensitivity(rule.subject, path, declared or {})
        except KeyError:
            continue  # without the field there is no value either
        if level > Sensitivity.PERSONAL and not may_read(to, clearance, field, level):
            found.append(path)
    return tuple(found)


def left_out(
    account: str,
    rule: Rule,
    to: Destination,
    paths: tuple[str, ...],
    ops: Destination,
    at: datetime,
) -> Notice:
    """Make the notice to ops about fields that were left out: once per rule, sink and fields."""
    names = ", ".join(f"{{{path}}}" for path in paths)
    topic = f"withheld/{rule.id}/{to.sink}/{to.kind}/{names}"
    return make_ops_notice(account, ops, topic, describe_left_out(rule, to, names), at)


def kept_back(notice: Notice, ops: Destination, at: datetime) -> Notice:
    """Make the notice to ops about a confidential case that could only go to a channel."""
    topic = f"confidential/{notice.case}"
    return make_ops_notice(notice.account, ops, topic, describe_kept_back(notice), at)
