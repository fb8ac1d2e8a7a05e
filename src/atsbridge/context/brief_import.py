"""What people write beside the ATS, taken in by a tick: briefs; and what is wrong in any of it.

Reading files is `intake`'s; a tick that finds them as they were reads none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atsbridge import __version__
from atsbridge.context.run_summary import AccountSummary, Failure
from atsbridge.context.services import Services
from atsbridge.intake import input_files

if TYPE_CHECKING:
    from atsbridge.errors import RuleError
    from atsbridge.intake import BriefFile, BriefWriter
    from atsbridge.sync import AccountMap

_BRIEFS, _MARKET = "intake/briefs", "intake/market"
_NEEDED = frozenset({"requisition.code", "user.email"})


class Intake:
    """One account's briefs in one tick, under its lock. What fails is written into `done`."""

    def __init__(self, app: Services, account: str, done: AccountSummary) -> None:
        self.app, self.account, self.done = app, account, done
        kept = app.store.run_state.get(f"intake/{account}")
        self.kept: dict[str, Any] = json.loads(kept) if kept else {}

    def take(
        self,
        account_map: AccountMap,
        unreadable: Callable[[], frozenset[str]],
        *,
        nightly: bool = False,
    ) -> None:
        """Bring the briefs up to date, and tell what is wrong with them and the market tables.

        Plugins are asked of requisitions that changed, and of all of them once a night.
        """
        before = dict(self.kept)
        self._market()
        self._briefs(account_map, unreadable, nightly)
        if self.kept != before:
            self.app.store.run_state.put(f"intake/{self.account}", json.dumps(self.kept).encode())

    def _market(self) -> None:
        """The tables are everybody's: the first account tells of them."""
        if self.account != min(self.app.settings.accounts):
            return
        kept = self.kept.get("market", {})
        if kept.get("signature") != self.app.market.digest:
            told = _plain(self.app.market.errors)
            self.kept["market"] = {"signature": self.app.market.digest, "errors": told}
        self._tell(self.kept["market"]["errors"], _MARKET)

    def _briefs(
        self, account_map: AccountMap, unreadable: Callable[[], frozenset[str]], nightly: bool
    ) -> None:
        settings, kept = self.app.settings, self.kept.get("briefs", {})
        pattern = settings.rules.briefs
        found, missing = input_files.find_files([pattern] if pattern else [], settings.folder)
        lines = repr(account_map.briefs)
        signature = input_files.sign_files(found, pattern, lines, __version__, *settings.accounts)
        changed = signature != kept.get("signature")
        if changed and not found and kept.get("count") and kept.get("pattern") == pattern:
            what = f"no file matches {pattern}, and {kept['count']} were there"
            mend = "Put them back, or empty `briefs` in [rules]"
            failed = Failure("[rules] briefs", what, mend, place=_BRIEFS)
            self.done.failures.append(failed)
            return
        again = nightly and self.app.plugins.keeps_briefs
        ids = None if changed or again else self._touched(kept, account_map)
        if ids == [] or unreadable() & _NEEDED:
            self._tell(kept.get("errors", []), _BRIEFS)
            return
        errors = [*missing, *self._compose(found, account_map, ids, kept.get("map", lines))]
        self.kept["briefs"] = {
            "signature": signature,
            "pattern": pattern,
            "count": len(found),
            "map": lines,
            "errors": _plain(errors),
        }
        self._tell(self.kept["briefs"]["errors"], _BRIEFS)

    def _touched(self, kept: Mapping[str, Any], account_map: AccountMap) -> Sequence[str] | None:
        """Ids of requisitions that may have another brief though no file changed; None for all.

        A file that named somebody nobody knew is looked at again when people changed.
        """
        store = self.app.store
        if not account_map.briefs and not self.app.plugins.keeps_briefs and not kept.get("errors"):
            return []
        touched = store.subjects.find_dirty(self.account, "requisition", ())
        if touched == [] and kept.get("errors"):
            users = store.subjects.find_dirty(self.account, "user", ())
            return None if users is None or users else []
        return touched

    def _compose(
        self,
        found: Sequence[Path],
        account_map: AccountMap,
        ids: Sequence[str] | None,
        lines_before: str,
    ) -> Sequence[RuleError]:
        """Read every file and write what differs; returns every mistake."""
        writer, errors = composer_of(self.app, self.account, account_map, found)
        remapped = lines_before != repr(account_map.briefs)
        writer.sources = replace(writer.sources, remapped=remapped)
        counts = writer.write(ids)
        if counts.new or counts.changed or counts.gone:
            self.done.streams.append(
                {
                    "stream": "briefs",
                    "status": "good",
                    "requests": 0,
                    "new": counts.new,
                    "changed": counts.changed,
                    "gone": counts.gone,
                    "bad": len(writer.sources.scope.unreadable),
                    "error": "",
                    "lost": [],
                }
            )
        return errors

    def _tell(self, errors: Sequence[Sequence[str]], place: str) -> None:
        """What is wrong; each mistake is over once its files are read without it."""
        self.done.failures += [
            Failure(where, what, mend, place=place) for where, what, mend in errors
        ]
        self.done.worked.add(place)


def mistakes(app: Services) -> list[RuleError]:
    """What is wrong in the brief files by themselves, whatever the ATS has."""
    pattern = app.settings.rules.briefs
    found, missing = input_files.find_files([pattern] if pattern else [], app.settings.folder)
    read, errors = _read(app, found)
    return [*missing, *errors, *(error for one in read for error in one.errors)]


def _read(app: Services, found: Sequence[Path]) -> tuple[list[BriefFile], list[RuleError]]:
    """Each file as a brief; those that are no text at all are mistakes."""
    from atsbridge.errors import RuleError
    from atsbridge.intake import brief_files

    read, errors = list[Any](), list[RuleError]()
    for file in found:
        try:
            read.append(brief_files.parse_brief(*input_files.read_input(file, app.settings.folder)))
        except RuleError as error:
            errors.append(error)
    return read, errors


def composer_of(
    app: Services, account: str, account_map: AccountMap, found: Sequence[Path]
) -> tuple[BriefWriter, list[RuleError]]:
    """What writes the account's briefs from these files, and every mistake in them."""
    from atsbridge.context.directory import users_of
    from atsbridge.intake import BriefSources, BriefWriter, brief_scope

    read, errors = _read(app, found)
    people = {user.email: user for user in users_of(app, account).values() if user.email}
    zones = {email: one.timezone for email, one in app.settings.people.items() if one.timezone}
    called = brief_scope.resolve_briefs(
        account, sorted(app.settings.accounts), read, app.store.subjects, people, zones
    )
    plugin = None
    if app.plugins.keeps_briefs:
        plugin = lambda key: app.plugins.brief(account, key)  # noqa: E731
    sources = BriefSources(scope=called, lines=account_map.briefs, plugin=plugin)
    writer = BriefWriter(account, app.store, sources, app.time.now())
    return writer, [*errors, *called.errors]


def _plain(errors: Sequence[RuleError]) -> list[list[str]]:
    return [[error.where, error.what, error.remedy] for error in errors]
