"""Exceptions of a pack: subjects that a rule leaves alone until a day, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, PlainValidator

from atsbridge.model import Query, Where, paths
from atsbridge.rules.language import field_paths, instants
from atsbridge.rules.language.pack_errors import Mistake, shown, wrong
from atsbridge.rules.language.rule_schema import STRICT, Conditions
from atsbridge.rules.language.yaml_source import Places
from atsbridge.rules.rule import Exemption, Rule


def _until(value: object) -> datetime:
    """The end of a day in UTC, or an instant."""
    try:
        day = date.fromisoformat(str(value))
        return field_paths.day_end(day, "UTC").astimezone(UTC)
    except ValueError:
        pass
    try:
        return instants.parse(value)
    except ValueError:
        what = f"{shown(value)} is no day: an exception ends on a day such as 2026-12-31"
        raise wrong([Mistake(what, "Write: until: 2026-12-31")]) from None


class ExceptionKeys(BaseModel):
    """Subjects that a rule leaves alone until a day, and why."""

    model_config = STRICT

    rule: str
    where: Conditions
    until: Annotated[datetime, PlainValidator(_until, json_schema_input_type=str)]
    why: str


def exempted(rule: Rule, keys: ExceptionKeys, places: Places) -> Rule:
    """The rule with one exemption more, and the columns that it reads."""
    where: Where = keys.where
    more = Exemption(where, keys.until, keys.why, places.value(()))

    def reading(query: Query) -> Query:
        return replace(query, columns=field_paths.unique((*query.columns, *paths(where))))

    return replace(
        rule,
        exemptions=(*rule.exemptions, more),
        open=reading(rule.open),
        settled=reading(rule.settled),
    )
