"""What an assistant may learn for one reader: the store alone, under the reader's clearance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.context import AccountContext, Services
from atsbridge.errors import ConfigError
from atsbridge.mcp.change_list import list_changes
from atsbridge.model import Case, Condition, Key, Operator, Query, Sensitivity, User, clean, to_iso
from atsbridge.presentation import MAY_NAME_PAY, mentions_pay
from atsbridge.queries import (
    Viewer,
    VisibleCase,
    explain_case,
    explain_lines,
    find_user,
    place_cases,
    read_access,
    read_clearance,
    read_visible_cases,
    sees,
)
from atsbridge.replies import read_brief
from atsbridge.report import ReaderNames
from atsbridge.rules import RuleStatus

CASES = 50  # of one answer
PEOPLE = 5  # who may be meant by one name
LINES, LINE = 400, 300  # of an explanation
TEXT = 2000  # characters of a section of a brief
HISTORY = 100  # entries of a case's history
_NAME = 200  # characters that are looked for
_NUMBERS = 2**31


class AssistantAnswers:
    """Answers for one reader. `email`: theirs. ConfigError where nobody has that address."""

    def __init__(self, services: Services, email: str) -> None:
        address = email.strip().lower()
        ops = address in services.settings.serve.ops
        self.services, self.viewer = services, Viewer(address, ops)
        known = any(find_user(one.users, address) for one in self._contexts())
        if not (known or ops):
            raise ConfigError(
                "nobody in the ATS has this address",
                where="--as",
                remedy="Write the address that the ATS has, or add it to ops in [serve]",
            )

    # --- the tools --------------------------------------------------------------------------

    def waiting_on(self, person: str) -> dict[str, Any]:
        """Open promises that wait on a person, by name or e-mail address.

        ConfigError if nobody, or too many people, may be meant.
        """
        wanted = clean(person, _NAME).casefold()
        found = [
            (context, user)
            for context in self._contexts()
            for user in context.users.values()
            if wanted and _is_meant(user, wanted)
        ]
        if not found:
            raise ConfigError(
                "nobody has this name or address", remedy="Write it as the ATS has it"
            )
        if len({(user.email or user.id).lower() for _, user in found}) > PEOPLE:
            raise ConfigError("too many people may be meant", remedy="Write the e-mail address")
        return self._list_cases(found)

    def my_promises(self) -> dict[str, Any]:
        """Open promises that wait on the reader."""
        contexts = ((one, find_user(one.users, self.viewer.email)) for one in self._contexts())
        return self._list_cases([(one, user) for one, user in contexts if user is not None])

    def case(self, number: int) -> dict[str, Any]:
        """One case with its history. ConfigError if there is none for the reader."""
        context, placed = self._find_case(number)
        named = self._is_named(context)
        history = context.store.cases.read_transitions(number)[-HISTORY:]
        return {
            **self._describe(context, placed),
            "opened_at": to_iso(placed.case.opened_at),
            "ended_at": to_iso(placed.case.ended_at),
            "end": placed.case.end,
            "why_it_is_asked": clean(placed.rule.why, 500),
            "history": [
                {
                    "at": to_iso(one.at),
                    "what": one.name,
                    "by": clean(one.actor, 80) if named else None,
                }
                for one in history
            ],
        }

    def explain(self, number: int) -> dict[str, Any]:
        """Every condition, hour and step of a case. ConfigError if there is none."""
        context, _ = self._find_case(number)
        explained = explain_case(self.services, number)
        lines = list(explain_lines(explained, named=self._is_named(context)))
        return {
            "case": number,
            "explanation": "\n".join(one[:LINE] for one in lines[:LINES]),
            "is_cut": len(lines) > LINES,
        }

    def brief(self, requisition: str, account: str = "") -> dict[str, Any]:
        """The intake brief of a requisition. ConfigError if there is none for the reader."""
        context, key = self._find_requisition(requisition, account)
        found = read_brief(self.services, key)
        named = self._is_named(context)
        return {
            "account": key.account,
            "role": clean(found.title, 200),
            "exists": bool(found.source),
            "sections": {
                name: MAY_NAME_PAY if mentions_pay(name, value) else _text(value)
                for name, value in found.sections.items()
            },
            "missing": list(found.missing),
            "agreed": {
                role: {"name": clean(name, 80) if named and name else None, "at": to_iso(at)}
                for role, (name, at) in found.agreed.items()
            },
            "agreed_by_both_at": to_iso(found.agreed_at),
        }

    def changes(self, requisition: str, since: str, account: str = "") -> dict[str, Any]:
        """What changed on a requisition since a day or an instant. ConfigError for a wrong one."""
        context, key = self._find_requisition(requisition, account)
        start, now = _parse_since(since), self.services.time.now()
        if start > now:
            raise ConfigError("this lies ahead", remedy="Write a day in the past")
        names = ReaderNames(context.users, self._clearance(context))
        counts = context.store.pipeline.count_applications(context.account, (start, now), [key.id])
        return {
            "account": key.account,
            "since": to_iso(start),
            "applications": sum(one.new for one in counts),
            **list_changes(context, key, start, names),
        }

    # --- parts ------------------------------------------------------------------------------

    def _contexts(self) -> Iterator[AccountContext]:
        for account in sorted(self.services.settings.accounts):
            yield AccountContext(self.services, account)

    def _clearance(self, context: AccountContext) -> Sensitivity:
        """That of the sink which reaches the reader first; pay is in no answer."""
        found = read_clearance(self.services, context.account, self.viewer.email)
        return min(found, Sensitivity.PERSONAL)

    def _is_named(self, context: AccountContext) -> bool:
        return self._clearance(context).allows(Sensitivity.PERSONAL)

    def _list_cases(self, owing: Sequence[tuple[AccountContext, User]]) -> dict[str, Any]:
        """What waits on these users, over all accounts the most urgent first."""
        found = [
            (context, one)
            for context, user in owing
            for one in read_visible_cases(
                context, read_access(context, self.viewer), owed_by=user.id
            )
        ]
        found.sort(key=lambda placed: placed[1].urgency)
        shown = [self._describe(context, one) for context, one in found[:CASES]]
        return {"cases": shown, "more": max(len(found) - CASES, 0)}

    def _describe(self, context: AccountContext, one: VisibleCase) -> dict[str, Any]:
        case, named = one.case, self._is_named(context)
        names = ReaderNames(context.users, self._clearance(context))
        return {
            "number": case.number,
            "account": context.account,
            "promise": clean(one.rule.title, 200),
            "about": clean(one.describe(named=named), 200),
            "role": one.title,
            "code": one.code,
            "waiting_on": names.person(case.owed_by) or None,
            "state": case.clock,
            "handling": case.handling,
            "due_at": to_iso(case.due_at),
            "is_late": one.late,
        }

    def _find_case(self, number: int) -> tuple[AccountContext, VisibleCase]:
        case = self._read_case(number)
        context = AccountContext(self.services, case.subject.account)
        access = read_access(context, self.viewer)
        rule = context.rules.get(case.rule)
        if rule is None or (rule.status is not RuleStatus.LIVE and not self.viewer.ops):
            raise _missing("case")
        (placed,) = place_cases(context, [case], context.rules.__getitem__)
        if not sees(access, placed):
            raise _missing("case")
        return context, placed

    def _read_case(self, number: int) -> Case:
        found = self.services.store.cases.read_case(number) if 0 < number < _NUMBERS else None
        if found is None or found.subject.account not in self.services.settings.accounts:
            raise _missing("case")
        return found

    def _find_requisition(self, name: str, account: str) -> tuple[AccountContext, Key]:
        """By code or id, among those that the reader may see."""
        wanted, columns = clean(name, _NAME), ("requisition.confidential",)
        for context in self._contexts():
            if account and account != context.account:
                continue
            access, select = read_access(context, self.viewer), context.store.subjects.select
            by_code = Query(
                "requisition", Condition("requisition.code", Operator.EQ, wanted), columns
            )
            rows = [
                *select(context.account, by_code),
                *select(context.account, by_code, ids=[wanted], filtered=False),
            ]
            for one in rows:
                hidden = bool(one.facts.get(columns[0]))
                if not one.unknown and access.sees_requisition(one.id, confidential=hidden):
                    return context, Key(context.account, "requisition", one.id)
        raise _missing("requisition")


def _is_meant(user: User, wanted: str) -> bool:
    """By the whole address, or by a part of the name."""
    return wanted == (user.email or "").lower() or wanted in (user.name or "").casefold()


def _missing(what: str) -> ConfigError:
    """The same whether it does not exist or may not be seen."""
    return ConfigError(f"there is no such {what}, or the reader may not see it")


def _parse_since(text: str) -> datetime:
    """A day, or an instant with its zone; a day begins at midnight in UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.astimezone(UTC) + timedelta()
    except (ValueError, OverflowError):
        raise ConfigError(
            "this is no day", remedy="Write it as year-month-day, such as 2026-03-02"
        ) from None


def _text(value: object) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    return clean("; ".join(map(str, parts)), TEXT)
