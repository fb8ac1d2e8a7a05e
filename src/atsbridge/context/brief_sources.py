"""Where the briefs of an account come from: files, plugins and mapped fields."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from atsbridge.errors import RuleError
from atsbridge.intake import input_files

if TYPE_CHECKING:
    from atsbridge.context.account_context import AccountContext
    from atsbridge.context.services import Services
    from atsbridge.intake import BriefFile, BriefWriter
    from atsbridge.settings import Settings


def find_brief_files(settings: Settings) -> tuple[list[Path], list[RuleError]]:
    """The configured brief files, and an error for each that does not exist."""
    pattern = settings.rules.briefs
    return input_files.find_files([pattern] if pattern else [], settings.folder)


def find_brief_errors(services: Services) -> list[RuleError]:
    """Errors in the brief files that do not depend on the data of the ATS."""
    found, missing = find_brief_files(services.settings)
    briefs, errors = _read(found, services.settings.folder)
    return [*missing, *errors, *(error for one in briefs for error in one.errors)]


def brief_writer_of(
    context: AccountContext, found: Sequence[Path]
) -> tuple[BriefWriter, list[RuleError]]:
    """What writes the account's briefs from these files, and every error in them."""
    from atsbridge.intake import BriefSources, BriefWriter, brief_scope

    services, account, settings = context.services, context.account, context.settings
    briefs, errors = _read(found, settings.folder)
    people = {user.email: user for user in context.users.values() if user.email}
    zones = {email: one.timezone for email, one in settings.people.items() if one.timezone}
    scope = brief_scope.resolve_briefs(
        account, sorted(settings.accounts), briefs, context.store.subjects, people, zones
    )
    plugin = None
    if services.plugins.keeps_briefs:
        plugin = lambda key: services.plugins.brief(account, key)  # noqa: E731
    sources = BriefSources(scope=scope, lines=context.account_map.briefs, plugin=plugin)
    writer = BriefWriter(account, context.store, sources, context.time.now())
    return writer, [*errors, *scope.errors]


def _read(found: Sequence[Path], folder: Path) -> tuple[list[BriefFile], list[RuleError]]:
    """Each file as a brief; those that are no text at all are errors."""
    from atsbridge.intake import brief_files

    briefs: list[BriefFile] = []
    errors: list[RuleError] = []
    for file in found:
        try:
            briefs.append(brief_files.parse_brief(*input_files.read_input(file, folder)))
        except RuleError as error:
            errors.append(error)
    return briefs, errors
