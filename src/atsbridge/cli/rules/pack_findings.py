"""Everything that `rules check` finds: errors, lints and notes, with settings or without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError, RuleError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.plugins import Plugins
    from atsbridge.rules import Lint, Rule

_ENDINGS = (".yaml", ".yml")  # of the packs of a folder
_NAMED = 3  # rules that a note names; the others are counted
NOT_CHECKED = (
    "Checked without settings. Not checked: teams and calendars, what the ATS of an account"
    " supplies, briefs, market tables, and rules of files that are not named."
)


@dataclass(frozen=True, slots=True)
class PackFindings:
    """`rules`: how many have no error. `not_checked`: what needs settings; "" where they count."""

    rules: int
    errors: tuple[RuleError, ...]
    lints: tuple[Lint, ...]
    notes: tuple[str, ...] = ()
    not_checked: str = ""


def check_configured(app: Services) -> PackFindings:
    """Check the configured packs, brief files and market tables on the configured accounts."""
    from atsbridge.context import find_brief_errors

    found = app.packs.rule_set
    rules = list(found.rules.values())
    errors = (*found.mistakes, *app.market.errors, *find_brief_errors(app))
    return PackFindings(len(rules), errors, tuple(lints(app, rules)), tuple(notes(app, rules)))


def check_files(paths: Sequence[Path], folder: Path) -> PackFindings:
    """Check packs without settings and secrets; places are relative to `folder`.

    `paths`: pack files, and folders whose packs are all checked. The built-in packs and those of
    plugins are known, so that a file may change their rules. ConfigError for a folder without a
    pack.
    """
    from atsbridge.plugins import discover
    from atsbridge.rules import discovery, lint, load_good, overlaps, unanswered

    plugins = discover()
    packs = discovery.read_files(_expand(paths), folder)
    own = {name for name, _ in packs.texts}
    around = _find_installed(plugins, packs.texts, folder)
    found = load_good([*around, *packs.texts], plugins.rule_kinds(), unread=packs.unread)
    others = tuple(f"{name}:" for name, _ in around)
    errors = tuple(one for one in found.mistakes if not one.where.startswith(others or ("\0",)))
    rules = [rule for rule in found.rules.values() if rule.place.file in own]
    connectors = [(spec, frozenset[str]()) for spec in plugins.connectors().values()]
    doubts = [
        one for rule in rules for one in (*lint(rule), *unanswered(rule, connectors, live=True))
    ]
    return PackFindings(len(rules), errors, (*doubts, *overlaps(rules)), not_checked=NOT_CHECKED)


def _expand(paths: Sequence[Path]) -> list[Path]:
    """The files that are named, and the packs of the folders, by name."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in _ENDINGS)
        if not inside:
            raise ConfigError(
                "this folder has no pack", where=str(path), remedy="A pack is a .yaml file"
            )
        found |= dict.fromkeys(inside)
    return list(found)


def _find_installed(
    plugins: Plugins, texts: Sequence[tuple[str, str]], folder: Path
) -> list[tuple[str, str]]:
    """The packs that are installed, without those of which a file here is a copy."""
    from atsbridge.rules import discovery

    ours = _list_ids(texts)
    files = [*discovery.builtin_packs().values(), *plugins.rule_packs().values()]
    packs = discovery.read_files(files, folder).texts
    names = {name for name, _ in texts}
    return [pack for pack in packs if pack[0] not in names and not ours & _list_ids([pack])]


def _list_ids(texts: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The ids of the rules that these packs define."""
    from atsbridge.rules import read

    found = set()
    for name, text in texts:
        try:
            data = read(name, text).data
        except RuleError:
            continue
        rules = data.get("rules") if isinstance(data, dict) else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, dict):
                found.add(str(rule.get("id")))
    return frozenset(found)


def lints(app: Services, rules: list[Rule]) -> Iterator[Lint]:
    """The lints of each rule, of each on every account's connector, and of all rules together."""
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError
    from atsbridge.intake import find_stale
    from atsbridge.rules import FilePosition, Lint, lint, overlaps, unanswered, unfit

    shown = _find_shown(app)
    for rule in rules:
        yield from lint(rule, shown)
    seen: set[str] = set()
    connectors = []
    for account in sorted(app.settings.accounts):
        try:
            context = AccountContext(app, account)
            spec, known = context.spec, context.mapped_fields
        except PluginError:
            continue  # `doctor` and the tick say so
        connectors.append((spec, known))
        for rule in rules:
            for one in unfit(rule, spec, known):
                if str(one) not in seen:
                    seen.add(str(one))
                    yield one
    for rule in rules:
        yield from unanswered(rule, connectors)
    yield from overlaps(rules)
    for table, what in find_stale(app.market.tables, app.time.now().date()):
        yield Lint("stale-market", FilePosition(table, 1, 1), what)


def _find_shown(app: Services) -> frozenset[str]:
    """Custom fields and brief sections that every account declares to be no compensation."""
    sections = app.settings.accounts.values()
    declared = [
        {path for path, level in one.sensitivity.items() if level != "compensation"}
        for one in sections
    ]
    return frozenset(set[str].intersection(*declared)) if declared else frozenset()


def notes(app: Services, rules: list[Rule]) -> Iterator[str]:
    """Notes on the live rules of each account, which are not errors."""
    from atsbridge.context import AccountContext
    from atsbridge.errors import PluginError
    from atsbridge.rules import CoverageLevel, coverage, silent

    live = [rule for rule in rules if rule.status == "live"]
    for account in sorted(app.settings.accounts):
        try:
            context = AccountContext(app, account)
            spec, known = context.spec, context.mapped_fields
        except PluginError:
            continue
        own = [r.id for r in live if coverage(r, spec, known).level is CoverageLevel.SINCE_INSTALL]
        if own:
            yield f"{account}: some dates are our own, from the first sync on, for {_named(own)}"
        text: dict[str, list[str]] = {}
        for rule in live:
            for path in silent(rule, spec, known):
                text.setdefault(path, []).append(rule.id)
        for path, names in sorted(text.items()):
            yield f"{account}: {path} never happens, nothing here tells it, for {_named(names)}"
    yield from _absent_fields(app)


def _absent_fields(app: Services) -> Iterator[str]:
    """The custom fields that rules read and no stored record has; none without a store."""
    from atsbridge.cli.rules.rule_state import has_store
    from atsbridge.errors import StoreError
    from atsbridge.model import did_you_mean
    from atsbridge.queries import find_absent_fields

    try:
        for account in sorted(app.settings.accounts) if has_store(app) else ():
            for one in find_absent_fields(app, account):
                what = f"no {one.kind.replace('_', ' ')} has a custom field {one.key} with a value"
                mend = did_you_mean(one.key, one.known, "There are")
                yield f"{account}: {what}, for {_named(list(one.rules))}. {mend}"
    except (ConfigError, StoreError):
        return  # `doctor` says so


def _named(rules: list[str]) -> str:
    more = f" and {len(rules) - _NAMED} more" if len(rules) > _NAMED else ""
    return ", ".join(rules[:_NAMED]) + more
