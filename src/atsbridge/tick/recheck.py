"""Read facts older than ten minutes again before a person is notified, and evaluate again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from atsbridge.cases import DecisionOptions, decide, make_ops_notice
from atsbridge.context import AccountContext, AccountSummary, failure, held_by_breaker
from atsbridge.delivery import RecheckResult
from atsbridge.errors import AtsbridgeError, FatalError, StoreError
from atsbridge.model import (
    All,
    Case,
    Key,
    Notice,
    NoticeState,
    Query,
    State,
    Verdict,
    resolve,
)
from atsbridge.model import roots as kinds_above
from atsbridge.presentation import describe, path_to, run_alerts
from atsbridge.rules import Rule, evaluate_rule
from atsbridge.sync import SyncTarget, find_older, refresh
from atsbridge.tick.evaluation import select_unfiltered

OLD = timedelta(minutes=10)
_UNSHOWN = "it answers without the records that were asked for"


class Recheck:
    """One account's recheck in one run; each subject is read again once at most."""

    def __init__(self, context: AccountContext, done: AccountSummary) -> None:
        self.context, self.account, self.done = context, context.account, done
        self._old: frozenset[str] | None = None
        self._asked: dict[Key, str] = {}  # records that were read again -> why that failed, or ""
        self._evaluated: set[int] = set()

    def __call__(self, cases: Sequence[int], unsent: frozenset[str]) -> RecheckResult:
        """As `delivery.confirmation.ConfirmFacts`. `cases`: numbers; `unsent`: keys of notices."""
        rules, read_case = self.context.rules, self.context.store.cases.read_case
        known = [case for one in cases if (case := read_case(one)) is not None]
        open_cases = [
            case
            for case in known
            if case.end is None and case.rule in rules and case.number not in self._evaluated
        ]
        roots = self._roots(open_cases)
        old = [case for case in open_cases if self._is_old(rules[case.rule], roots[case.subject])]
        self._read_again(dict.fromkeys(roots[case.subject] for case in old))
        unsure = {c.number: why for c in old if (why := self._asked[roots[c.subject]])}
        sure = [case for case in old if case.number not in unsure]
        moved = self._evaluate_again(sure, unsent, unsure)
        self._report(unsure)
        return RecheckResult(moved, unsure)

    # --- how old the facts are --------------------------------------------------------------

    def _is_old(self, rule: Rule, root: Key) -> bool:
        """Whether anything the rule reads of this subject was last read over ten minutes ago."""
        if root in self._asked:
            return True
        read = _columns(rule.subject, rule.open.columns)
        if rule.check is not None and rule.check.below is not None:
            below = rule.check.below
            read |= _columns(below.kind, below.columns)
        if read & self._older():
            return True
        return bool(read & self._watched(root))

    def _older(self) -> frozenset[str]:
        if self._old is None:
            context, before = self.context, self.context.time.now() - OLD
            states = context.store.records.read_states(self.account)
            self._old = find_older(states, context.spec, before, context.account_map)
        return self._old

    def _watched(self, root: Key) -> frozenset[str]:
        """Fields of children that change without a sign on their parent, and were read long ago."""
        spec, before = self.context.spec, self.context.time.now() - OLD
        watched = [s for s in spec.streams if s.parent is not None and s.parent.watch is not None]
        if not watched:
            return frozenset()
        at = self.context.store.records.find_child_reads(self.account, [root.id])
        owned = self.context.account_map.owned(spec.streams)
        return frozenset(
            f"{kind}.{column}"
            for stream in watched
            if (read := at.get((stream.name, root.id))) is not None and read < before
            for kind, columns in owned[stream.name].items()
            for column in columns
        )

    # --- reading again ----------------------------------------------------------------------

    def _roots(self, cases: Iterable[Case]) -> Mapping[Key, Key]:
        """Subject -> the record to read again: its application, its requisition, or itself."""
        by_kind: dict[str, list[str]] = {}
        for case in cases:
            by_kind.setdefault(case.subject.kind, []).append(case.subject.id)
        found: dict[Key, Key] = {}
        select = self.context.store.subjects.select
        for kind, ids in by_kind.items():
            found |= {Key(self.account, kind, one): Key(self.account, kind, one) for one in ids}
            kinds = kinds_above(kind)
            above = next((one for one in ("application", "requisition") if one in kinds), "")
            path = path_to(kind, above) if above else None
            if path is None or kind == "approval":
                continue  # the record itself is read again
            query = Query(kind, All(), (path,))
            for one in select(self.account, query, ids=ids, filtered=False):
                if one.facts.get(path):
                    key = Key(self.account, kind, one.id)
                    found[key] = Key(self.account, above, str(one.facts[path]))
        return found

    def _read_again(self, keys: Iterable[Key]) -> None:
        """Read the records that were not read again yet, by kind; the connector groups the
        requests.
        """
        by_kind: dict[str, list[str]] = {}
        for key in keys:
            if key not in self._asked:
                by_kind.setdefault(key.kind, []).append(key.id)
        for kind, ids in by_kind.items():
            why = self._try_refresh(kind, ids)
            self._asked |= {Key(self.account, kind, one): why.get(one, "") for one in ids}

    def _try_refresh(self, kind: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Store the newest facts; returns the ids that could not be read, with the reason."""
        place = f"{self.account}/confirm/{kind}"
        try:
            unshown = self._refresh(kind, ids)
        except StoreError:
            raise
        except AtsbridgeError as error:
            if isinstance(error, FatalError) and kind == "approval":
                return dict.fromkeys(ids, self._refresh_requisitions(ids))
            self.done.failures.append(failure(self.account, error, place))
            return dict.fromkeys(ids, error.what)
        self.done.worked.add(place)
        return dict.fromkeys(unshown, _UNSHOWN)

    def _refresh(self, kind: str, ids: Sequence[str]) -> frozenset[str]:
        """Returns the ids that are neither returned nor found to be deleted."""
        context, connector = self.context, self.context.connector
        before, records = connector.requests, context.store.records
        try:
            asked = refresh(
                SyncTarget(self.account, connector, records, context.account_map, context.time),
                kind,
                ids,
            )
        finally:
            self.done.requests += connector.requests - before
            self.done.confirming += connector.requests - before
        return asked.unshown

    def _refresh_requisitions(self, approvals: Sequence[str]) -> str:
        """Read the requisitions of approvals, for an ATS that has no requests for approvals."""
        query = Query("approval", All(), ("approval.requisition",))
        select = self.context.store.subjects.select
        rows = select(self.account, query, ids=approvals, filtered=False)
        found = {str(one.facts[query.columns[0]]) for one in rows if one.facts[query.columns[0]]}
        if not found:
            return "it cannot be asked for"
        return next(iter(self._try_refresh("requisition", sorted(found)).values()), "")

    # --- evaluating again -------------------------------------------------------------------

    def _evaluate_again(
        self, cases: Sequence[Case], unsent: frozenset[str], unsure: dict[int, str]
    ) -> frozenset[int]:
        """Evaluate these cases and store what follows, with their notices, in one transaction.

        What else the ATS answered stays dirty, for the next run. Returns which cases moved;
        cases that cannot be evaluated are added to `unsure`.
        """
        if not cases:
            return frozenset()
        context, store, now = self.context, self.context.store, self.context.time.now()
        store.subjects.derive(self.account, now)
        open_cases = store.cases.read_open_cases(self.account)
        verdicts = list(self._verdicts(cases, open_cases))
        decision = decide(
            self.account,
            now,
            verdicts,
            open_cases,
            context.rules,
            DecisionOptions(
                directory=context.directory,
                calendars=context.calendars.of,
                read_notices=lambda case: self._read_notices(case, unsent),
                digest_at=context.settings.notify.digest_at,
                find_suppression=context.suppression(now).find_reason,
                tripped=held_by_breaker(store, self.account),
                stopped=context.is_stopped,
            ),
        )
        store.cases.save_decision(decision)
        self._evaluated |= {case.number for case in cases}
        numbers = {(case.rule, case.subject): case.number for case in cases}
        for verdict in verdicts:
            if verdict.state is State.UNKNOWN:
                why = describe(verdict.reason) or "what the rule needs cannot be read"
                unsure[numbers[verdict.rule, verdict.subject]] = why
        return frozenset(case.number for case in decision.cases)

    def _verdicts(self, cases: Sequence[Case], open_cases: Sequence[Case]) -> Iterator[Verdict]:
        inputs = self.context.evaluation_inputs(self.context.time.now(), open_cases)
        evaluation = inputs.evaluation_context()
        by_rule: dict[str, list[str]] = {}
        for case in cases:
            by_rule.setdefault(case.rule, []).append(case.subject.id)
        for name, ids in by_rule.items():
            rule = self.context.rules[name]
            yield from (
                evaluate_rule(rule, one, evaluation) for one in select_unfiltered(inputs, rule, ids)
            )

    def _read_notices(self, case: int, unsent: frozenset[str]) -> Sequence[Notice]:
        """The notices of a case. Claimed ones that were not sent count as waiting."""
        found = self.context.store.outbox.read_notices(self.account, case=case)
        return [replace(n, state=NoticeState.QUEUED) if n.key in unsent else n for n in found]

    def _report(self, unsure: Mapping[int, str]) -> None:
        """Tell ops once that messages wait, and again only after the ATS answered in between."""
        context, now = self.context, self.context.time.now()
        run_state = context.run_state
        since = run_state.read_unconfirmed_since()
        if not unsure:
            if since and not any(self._asked.values()):
                run_state.write_unconfirmed_since("")
            return
        if not since:
            since = now.isoformat()
            run_state.write_unconfirmed_since(since)
        causes = sorted(set(unsure.values()))
        text = run_alerts.describe_unconfirmed(self.account, context.directory.ats, causes)
        topic, ops = f"unconfirmed/{since}", context.directory.ops
        context.store.outbox.queue([make_ops_notice(self.account, ops, topic, text, now)])


def _columns(subject: str, paths: Iterable[str]) -> set[str]:
    """Every "kind.field" these paths read."""
    return {column for path in paths for column in resolve(subject, path).columns}
