"""A second look at what is about to be told: old facts asked for again, their cases judged again.

What it means for the notices is in `delivery.confirm`; reading everything is `sync`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from atsbridge.cases import Directory, decide, word
from atsbridge.cases import Options as DecideOptions
from atsbridge.context import AccountSummary, Around, Calendars, Muting, Services, failure
from atsbridge.delivery import Looked
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
    roots,
)
from atsbridge.presentation import path_to
from atsbridge.rules import Rule, evaluate_rule
from atsbridge.sync import AccountMap, older, parse, refresh

OLD = timedelta(minutes=10)


class Confirming:
    """One account's second look in one tick; each subject is asked for once at most."""

    def __init__(
        self,
        app: Services,
        done: AccountSummary,
        rules: Mapping[str, Rule],
        directory: Directory,
        calendars: Calendars,
        unreadable: frozenset[str],
    ) -> None:
        self.app, self.done = app, done
        self.account, self.rules = done.account, rules
        self.directory, self.calendars, self.unreadable = directory, calendars, unreadable
        self._old: frozenset[str] | None = None
        self._asked: dict[Key, str] = {}  # what was asked for, and why that failed or ""
        self._judged: set[int] = set()

    def __call__(self, cases: Sequence[int], unsent: frozenset[str]) -> Looked:
        """As `delivery.confirm.LookAgain`."""
        rules = self.rules
        known = [case for one in cases if (case := self.app.store.cases.read_case(one)) is not None]
        doubtful = [
            case
            for case in known
            if case.end is None and case.rule in rules and case.number not in self._judged
        ]
        bearers = self._bearers(doubtful)
        old = [case for case in doubtful if self._is_old(rules[case.rule], bearers[case.subject])]
        self._ask(dict.fromkeys(bearers[case.subject] for case in old))
        unsure = {c.number: why for c in old if (why := self._asked[bearers[c.subject]])}
        sure = [case for case in old if case.number not in unsure]
        moved = self._judge_again(sure, unsent, unsure)
        self._tell(unsure)
        return Looked(moved, unsure)

    # --- how old what is known is -------------------------------------------------------------

    def _is_old(self, rule: Rule, bearer: Key) -> bool:
        """Whether anything the rule reads of this subject was last read ten minutes ago."""
        if bearer in self._asked:
            return True
        read = _columns(rule.subject, rule.open.columns)
        if rule.check is not None and rule.check.below is not None:
            below = rule.check.below
            read |= _columns(below.kind, below.columns)
        if read & self._older():
            return True
        return bool(read & self._watched(bearer))

    def _older(self) -> frozenset[str]:
        if self._old is None:
            store, spec = self.app.store, self.app.spec(self.account)
            before = self.app.time.now() - OLD
            self._old = older(store.records.read_states(self.account), spec, before, self._map())
        return self._old

    def _watched(self, bearer: Key) -> frozenset[str]:
        """Fields of children that change without a sign on their parent, and were read long ago."""
        spec, before = self.app.spec(self.account), self.app.time.now() - OLD
        watched = [s for s in spec.streams if s.parent is not None and s.parent.watch is not None]
        if not watched:
            return frozenset()
        at = self.app.store.records.find_child_reads(self.account, [bearer.id])
        owned = self._map().owned(spec.streams)
        return frozenset(
            f"{kind}.{column}"
            for stream in watched
            if (read := at.get((stream.name, bearer.id))) is not None and read < before
            for kind, columns in owned[stream.name].items()
            for column in columns
        )

    # --- asking -------------------------------------------------------------------------------

    def _bearers(self, cases: Iterable[Case]) -> Mapping[Key, Key]:
        """Subject -> the record to ask for: its application, else its requisition, else itself."""
        by_kind: dict[str, list[str]] = {}
        for case in cases:
            by_kind.setdefault(case.subject.kind, []).append(case.subject.id)
        found: dict[Key, Key] = {}
        for kind, ids in by_kind.items():
            found |= {Key(self.account, kind, one): Key(self.account, kind, one) for one in ids}
            above = next((one for one in ("application", "requisition") if one in roots(kind)), "")
            path = path_to(kind, above) if above else None
            if path is None or kind == "approval":
                continue  # it is what is asked for itself
            query = Query(kind, All(), (path,))
            for one in self.app.store.subjects.select(self.account, query, ids=ids, filtered=False):
                if one.facts.get(path):
                    key = Key(self.account, kind, one.id)
                    found[key] = Key(self.account, above, str(one.facts[path]))
        return found

    def _ask(self, keys: Iterable[Key]) -> None:
        """What was not asked for yet, by kind; the connector sends few requests for many."""
        by_kind: dict[str, list[str]] = {}
        for key in keys:
            if key not in self._asked:
                by_kind.setdefault(key.kind, []).append(key.id)
        for kind, ids in by_kind.items():
            why = self._refreshed(kind, ids)
            self._asked |= {Key(self.account, kind, one): why for one in ids}

    def _refreshed(self, kind: str, ids: Sequence[str]) -> str:
        """Newest facts stored; why not, if they cannot be had."""
        place = f"{self.account}/confirm/{kind}"
        try:
            self._refresh(kind, ids)
        except StoreError:
            raise
        except AtsbridgeError as error:
            if isinstance(error, FatalError) and kind == "approval":
                return self._requisitions_of(ids)
            self.done.failures.append(failure(self.account, error, place))
            return error.what
        self.done.worked.add(place)
        return ""

    def _refresh(self, kind: str, ids: Sequence[str]) -> None:
        app = self.app
        connector = app.open_connector(self.account)
        before = connector.requests
        try:
            refresh(self.account, connector, app.store.records, self._map(), app.time, kind, ids)
        finally:
            self.done.requests += connector.requests - before
            self.done.confirming += connector.requests - before

    def _requisitions_of(self, approvals: Sequence[str]) -> str:
        """An ATS that cannot be asked for an approval tells it with its requisition."""
        query = Query("approval", All(), ("approval.requisition",))
        rows = self.app.store.subjects.select(self.account, query, ids=approvals, filtered=False)
        found = {str(one.facts[query.columns[0]]) for one in rows if one.facts[query.columns[0]]}
        return self._refreshed("requisition", sorted(found)) if found else "it cannot be asked for"

    # --- judging ------------------------------------------------------------------------------

    def _judge_again(
        self, cases: Sequence[Case], unsent: frozenset[str], unsure: dict[int, str]
    ) -> frozenset[int]:
        """Judge these cases and store what follows, with their notices, in one transaction.

        What else the ATS told stays marked unjudged, for the next tick. Which cases moved;
        those of which nothing can be known are added to `unsure`.
        """
        if not cases:
            return frozenset()
        store, now = self.app.store, self.app.time.now()
        store.subjects.derive(self.account, now)
        everything = store.cases.read_open_cases(self.account)
        verdicts = list(self._verdicts(cases, everything))
        decision = decide(
            self.account,
            now,
            verdicts,
            everything,
            self.rules,
            self.directory,
            DecideOptions(
                calendars=self.calendars.of,
                told=lambda case: self._told(case, unsent),
                digest_at=self.app.settings.notify.digest_at,
                muted=Muting(store, self.account, now).why,
            ),
        )
        store.cases.save_decision(decision)
        self._judged |= {case.number for case in cases}
        numbers = {(case.rule, case.subject): case.number for case in cases}
        for verdict in verdicts:
            if verdict.state is State.UNKNOWN:
                why = verdict.reason or "what the rule needs cannot be read"
                unsure[numbers[verdict.rule, verdict.subject]] = why
        return frozenset(case.number for case in decision.cases)

    def _verdicts(self, cases: Sequence[Case], everything: Sequence[Case]) -> Iterator[Verdict]:
        store, spec, now = self.app.store, self.app.spec(self.account), self.app.time.now()
        opened = {(case.rule, case.subject): case.opened_at for case in everything}
        dark = self.unreadable
        around = Around(
            self.account, store, spec, self.calendars, now, dark, opened, self.app.market.data
        )
        surroundings = around.surroundings()
        by_rule: dict[str, list[str]] = {}
        for case in cases:
            by_rule.setdefault(case.rule, []).append(case.subject.id)
        for name, ids in by_rule.items():
            rule = self.rules[name]
            query = replace(rule.open, bound=None)
            found = store.subjects.select(
                self.account, query, ids=ids, filtered=False, unreadable=dark
            )
            yield from (evaluate_rule(rule, one, surroundings) for one in list(found))

    def _told(self, case: int, unsent: frozenset[str]) -> Sequence[Notice]:
        """The notices of a case; what is in hand and has reached nobody counts as waiting."""
        found = self.app.store.outbox.read_notices(self.account, case=case)
        return [replace(n, state=NoticeState.QUEUED) if n.key in unsent else n for n in found]

    def _tell(self, unsure: Mapping[int, str]) -> None:
        """Ops hear once that messages wait, and again only after it was well in between."""
        store, now = self.app.store, self.app.time.now()
        key = f"unconfirmed/{self.account}"
        since = (store.run_state.get(key) or b"").decode()
        if not unsure:
            if since and not any(self._asked.values()):
                store.run_state.put(key, b"")
            return
        if not since:
            since = now.isoformat()
            store.run_state.put(key, since.encode())
        why = "; ".join(sorted(set(unsure.values())))
        body = (
            f"Before somebody is reminded, {self.directory.ats} is asked once more whether it is"
            f" still owed. It cannot be asked now: {why}.\nThese messages wait, and go out as soon"
            " as it answers. Nothing is lost."
        )
        headline = f"Messages of {self.account} wait"
        topic = f"unconfirmed/{since}"
        store.outbox.queue([word(self.account, self.directory.ops, topic, headline, body, now)])

    def _map(self) -> AccountMap:
        section = self.app.account(self.account)
        return parse(section.map, self.account, self.app.spec(self.account).streams)


def _columns(subject: str, paths: Iterable[str]) -> set[str]:
    """Every "kind.field" these paths read."""
    return {column for path in paths for column in resolve(subject, path).columns}
