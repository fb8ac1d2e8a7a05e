"""The briefs that people write beside the ATS, imported by a run; and errors in market tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atsbridge import __version__
from atsbridge.context import (
    AccountContext,
    AccountSummary,
    FailureCode,
    RunFailure,
    brief_writer_of,
    find_brief_files,
)
from atsbridge.intake import input_files

if TYPE_CHECKING:
    from atsbridge.errors import RuleError

_BRIEFS, _MARKET = "intake/briefs", "intake/market"
_CODES = {_BRIEFS: FailureCode.BRIEF, _MARKET: FailureCode.MARKET}
_NEEDED = frozenset({"requisition.code", "user.email"})


class BriefImport:
    """One account's briefs in one run, under its lock. Failures are written into `done`.

    Files that did not change since the last run are not read.
    """

    def __init__(self, context: AccountContext, done: AccountSummary) -> None:
        self.context, self.done = context, done
        self.kept: dict[str, Any] = context.run_state.read_imports()

    def run(self, *, nightly: bool = False) -> None:
        """Bring the briefs up to date, and report errors in them and in the market tables.

        Plugins are asked for requisitions that changed, and for all of them once a night.
        """
        before = dict(self.kept)
        self._check_market()
        self._import_briefs(nightly)
        if self.kept != before:
            self.context.run_state.write_imports(self.kept)

    def _check_market(self) -> None:
        """Report errors in the market tables. The first account reports for all."""
        if self.context.account != min(self.context.settings.accounts):
            return
        market = self.context.services.market
        if self.kept.get("market", {}).get("signature") != market.digest:
            errors = _plain(market.errors)
            self.kept["market"] = {"signature": market.digest, "errors": errors}
        self._report(self.kept["market"]["errors"], _MARKET)

    def _import_briefs(self, nightly: bool) -> None:
        settings, kept = self.context.settings, self.kept.get("briefs", {})
        pattern, lines = settings.rules.briefs, repr(self.context.account_map.briefs)
        found, missing = find_brief_files(settings)
        signature = input_files.sign_files(found, pattern, lines, __version__, *settings.accounts)
        changed = signature != kept.get("signature")
        if changed and not found and kept.get("count") and kept.get("pattern") == pattern:
            what = f"no file matches {pattern}, and {kept['count']} were there"
            remedy = "Put them back, or empty `briefs` in [rules]"
            self.done.failures.append(
                RunFailure("[rules] briefs", what, remedy, FailureCode.BRIEFS_MISSING, _BRIEFS)
            )
            return
        again = nightly and self.context.services.plugins.keeps_briefs
        ids = None if changed or again else self._find_changed(kept)
        if ids == [] or self.context.unknown_fields & _NEEDED:
            self._report(kept.get("errors", []), _BRIEFS)
            return
        errors = [*missing, *self._compose(found, ids, kept.get("map", lines))]
        self.kept["briefs"] = {
            "signature": signature,
            "pattern": pattern,
            "count": len(found),
            "map": lines,
            "errors": _plain(errors),
        }
        self._report(self.kept["briefs"]["errors"], _BRIEFS)

    def _find_changed(self, kept: Mapping[str, Any]) -> Sequence[str] | None:
        """Ids of requisitions whose brief may differ although no file changed; None for all.

        A file that named an unknown person is read again when people changed.
        """
        context = self.context
        store, from_plugins = context.store.subjects, context.services.plugins.keeps_briefs
        if not context.account_map.briefs and not from_plugins and not kept.get("errors"):
            return []
        dirty = store.find_dirty(context.account, "requisition", ())
        if dirty == [] and kept.get("errors"):
            users = store.find_dirty(context.account, "user", ())
            return None if users is None or users else []
        return dirty

    def _compose(
        self, found: Sequence[Path], ids: Sequence[str] | None, lines_before: str
    ) -> Sequence[RuleError]:
        """Read every file and write what differs; returns every error."""
        writer, errors = brief_writer_of(self.context, found)
        remapped = lines_before != repr(self.context.account_map.briefs)
        writer.sources = replace(writer.sources, remapped=remapped)
        counts = writer.write(ids)
        if counts.new or counts.changed or counts.deleted:
            self.done.streams.append(
                {
                    "stream": "briefs",
                    "status": "good",
                    "requests": 0,
                    "new": counts.new,
                    "changed": counts.changed,
                    "deleted": counts.deleted,
                    "bad": len(writer.sources.scope.unreadable),
                    "error": "",
                    "lost": [],
                }
            )
        return errors

    def _report(self, errors: Sequence[Sequence[str]], place: str) -> None:
        """Each error counts as recovered once its files are read without it."""
        self.done.failures += [
            RunFailure(where, what, remedy, _CODES[place], place, what)
            for where, what, remedy in errors
        ]
        self.done.worked.add(place)


def _plain(errors: Sequence[RuleError]) -> list[list[str]]:
    return [[error.where, error.what, error.remedy] for error in errors]
