"""Brief files: one requisition each. All errors are found in one pass, with line and column.

requisition: REQ-104          # its code, or its id
account: acme                 # with two or more accounts
sections:
  must_haves: [Five years of Go, Works with auditors]
  team_culture: Quiet mornings, one office day.
agreed:
  ravi@acme.example: 2026-03-05
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from atsbridge.errors import RuleError
from atsbridge.model import SECTIONS, parse_day, suggest
from atsbridge.rules import Loc, Places, YamlSource, instants, listed, remedy, shown, slip
from atsbridge.rules import read as read_yaml

_KEYS = ("requisition", "account", "sections", "agreed")
_REQUISITION = re.compile(r"^requisition:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_SECTION = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class BriefFile:
    """One parsed file. `requisition` and `account` are as written.

    In a file with errors, `requisition` comes from its key if possible, else from the file's name.
    `agreed`: e-mail -> a day or an instant.
    """

    name: str
    requisition: str
    account: str = ""
    sections: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, date | datetime] = field(default_factory=dict)
    errors: tuple[RuleError, ...] = ()
    places: Places | None = None

    def written(self, loc: Loc, value: Any) -> str:
        """A value as it is written in the file: 1.50 is not 1.5."""
        return str(value) if self.places is None else self.places.written.get(loc, str(value))

    def make_error(self, loc: Loc, what: str, fix: str = "", *, key: bool = False) -> RuleError:
        """An error at a place in this file; `key`: at the key, not at its value."""
        if self.places is None:
            return RuleError(what, where=self.name, remedy=fix)
        at = self.places.key(loc) if key else self.places.value(loc)
        return RuleError(what, where=str(at), remedy=fix)


def parse_brief(name: str, text: str) -> BriefFile:
    """Parse a brief file. The result holds every error; nothing is raised."""
    match = _REQUISITION.search(text)
    guess = match[1] if match else PurePath(name).stem
    try:
        source = read_yaml(name, text, first_line="requisition: REQ-104")
    except RuleError as error:
        return BriefFile(name, guess, errors=(error,))
    data = source.data
    if not isinstance(data, Mapping):
        bare = BriefFile(name, guess, places=source.places)
        what = f"a brief is a block of keys, not {shown(data)}"
        return BriefFile(
            name, guess, errors=(bare.make_error((), what, "Write: requisition: REQ-104"),)
        )
    reader = _Parser(source, data)
    errors = (*source.errors, *reader.find_errors())
    given = data.get("requisition")
    return BriefFile(
        name=name,
        requisition=str(given) if isinstance(given, str | int) else guess,
        account=str(data.get("account") or ""),
        sections=dict(reader.sections),
        agreed=dict(reader.agreed),
        errors=errors,
        places=source.places,
    )


class _Parser:
    """The parser of one file; it collects sections and agreements."""

    def __init__(self, source: YamlSource, data: Mapping[str, Any]) -> None:
        self.data = data
        self.at = BriefFile(source.name, "", places=source.places)
        self.sections: dict[str, Any] = {}
        self.agreed: dict[str, date | datetime] = {}

    def find_errors(self) -> Iterator[RuleError]:
        """Yield every error, and keep the valid parts."""
        for key in self.data:
            if key not in _KEYS:
                near = suggest(key, _KEYS)
                fix = remedy(near, f"{near}: …") if near else f"Here {listed(_KEYS)}"
                yield self.at.make_error((key,), f'unknown key "{key}"', fix, key=True)
        given = self.data.get("requisition")
        if not isinstance(given, str | int) or isinstance(given, bool) or given == "":
            missing = "requisition" not in self.data
            what = '"requisition" is missing' if missing else "requisition needs a code or an id"
            yield self.at.make_error(("requisition",), what, "Write: requisition: REQ-104")
        account = self.data.get("account")
        if account is not None and not isinstance(account, str):
            what = f"account needs a name, not {shown(account)}"
            yield self.at.make_error(("account",), what, "Write: account: acme")
        yield from self._sections(self.data.get("sections", {}))
        yield from self._agreed(self.data.get("agreed", {}))

    def _sections(self, block: Any) -> Iterator[RuleError]:
        if not isinstance(block, Mapping):
            what = f"sections needs keys under it, not {shown(block)}"
            yield self.at.make_error(("sections",), what, "Write: sections: {must_haves: …}")
            return
        for key, value in block.items():
            near = slip(key, SECTIONS)
            if near or not _SECTION.fullmatch(key):
                what = f'"{key}" is no section that is known'
                fix = remedy(near, f"{near}: …") if near else "Name your own like team_rituals"
                yield self.at.make_error(("sections", key), what, fix, key=True)
            elif (texts := self._texts(value, ("sections", key))) is None:
                what = f"{key} needs text or a list of texts, not {shown(value)}"
                yield self.at.make_error(
                    ("sections", key), what, f"Write: {key}: [one thing, another]"
                )
            else:
                self.sections[key] = texts

    def _texts(self, value: Any, loc: Loc) -> Any:
        """Text, or a list of texts, as written; "" for an empty value; None for other types."""
        if value is None:
            return ""
        if isinstance(value, str | int | float):
            return self.at.written(loc, value)
        if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
            return [self.at.written((*loc, index), one) for index, one in enumerate(value)]
        return None

    def _agreed(self, block: Any) -> Iterator[RuleError]:
        if not isinstance(block, Mapping):
            what = f"agreed needs e-mail addresses under it, not {shown(block)}"
            yield self.at.make_error(
                ("agreed",), what, "Write: agreed: {ravi@acme.example: 2026-03-05}"
            )
            return
        for email, value in block.items():
            if "@" not in email:
                what = f'"{email}" is no e-mail address'
                fix = "Write: ravi@acme.example: 2026-03-05"
                yield self.at.make_error(("agreed", email), what, fix, key=True)
                continue
            try:
                self.agreed[email.lower()] = _day_or_instant(value)
            except ValueError:
                what = f"{shown(value)} is no day such as 2026-03-05 and no instant"
                yield self.at.make_error(("agreed", email), what, f"Write: {email}: 2026-03-05")


def _day_or_instant(value: Any) -> date | datetime:
    try:
        return parse_day(str(value))
    except ValueError:
        return instants.parse(value)
