"""The `given` block of a test in a pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from atsbridge.model import Field, FieldType
from atsbridge.rules.language import Mistake, shown
from atsbridge.rules.pack_tests import given_events
from atsbridge.rules.pack_tests.given_values import Given, fact, person, plain, several, span


def given(data: Any, subject: str | None) -> tuple[Given, list[Mistake]]:
    """Parse the `given` block of a test on subjects of this kind; return its errors, too.

    A person written as {timezone, country, …} gets the path as their id. A span is written
    {from, until}; one without `until` is still open.
    """
    found, mistakes = Given(), list[Mistake]()
    if not isinstance(data, Mapping):
        what = f"given needs facts under it, not {shown(data)}"
        return found, [Mistake(what, "Write: given: {application.status: active}")]
    if subject is None:
        return found, mistakes
    for path, value in data.items():
        if path in given_events.BLOCKS:
            more = given_events.read(found, path, value, subject)
            mistakes += (m._replace(loc=(path, *m.loc)) for m in more)
        elif (mistake := fact(subject, path, value, _taking(found))) is not None:
            mistakes.append(mistake)
    return found, mistakes


def _taking(found: Given) -> Callable[[str, Field, Any], None]:
    """The function that stores a fact of the subject."""

    def take(path: str, declared: Field, value: Any) -> None:
        if declared.type is FieldType.INTERVAL:
            found.intervals[path] = tuple(span(one) for one in several(value))
        elif declared.ref == "user" and isinstance(value, Mapping):
            found.people[path] = person(value)
            found.facts[path] = path
        else:
            found.facts[path] = plain(declared, value)

    return take
