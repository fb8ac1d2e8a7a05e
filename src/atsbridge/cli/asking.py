"""Questions of `atsbridge init`: on the terminal, or answered by options."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from atsbridge.app import PackOffer, Question

PAIR = "KEY=VALUE"


class Asking:
    """Questions on the terminal; without one, what no option says is an error."""

    def __init__(self, *, interactive: bool) -> None:
        self.interactive = interactive

    def choose(self, text: str, choices: Sequence[str], given: str | None) -> str:
        """One of `choices`."""
        from atsbridge.model import did_you_mean

        if given is None and self.interactive:
            answer: str = click.prompt(text, type=click.Choice(list(choices)))
            return answer
        if given is None or given not in choices:
            what = f'"{given}" is not one of them' if given else "an answer is needed"
            remedy = did_you_mean(given or "", choices, "There are")
            raise ConfigError(f"{text} {what}", remedy=remedy)
        return given

    def text(self, text: str, given: str | None, default: str) -> str:
        """A text; the default without a terminal."""
        if given is not None or not self.interactive:
            return default if given is None else given
        answer: str = click.prompt(text, default=default, show_default=bool(default))
        return answer.strip()

    def values(
        self, model: type[BaseModel], questions: Sequence[Question], given: Mapping[str, str]
    ) -> dict[str, str]:
        """A value for each key of the model that needs one. Asked again until all are valid."""
        from atsbridge.app import find_mistakes

        values = dict(given)
        for question in questions:
            elsewhere = {f"{question.key}_file", f"{question.key}_command"} & values.keys()
            if question.key not in values and not elsewhere:
                values[question.key] = os.environ.get(question.variable) or self._ask(question)
        while mistakes := find_mistakes(model, values):
            what = "\n".join(f"{key}: {text}" if key else text for key, text in mistakes.items())
            again = [one for one in questions if one.key in mistakes]
            if not self.interactive or not again:
                raise ConfigError(what, remedy="Correct the options --set or --sink-set")
            click.echo(what, err=True)
            values |= {one.key: self._ask(one) for one in again}
        return values

    def _ask(self, question: Question) -> str:
        if not self.interactive and not question.needed:
            return ""
        if not self.interactive:
            place = f"{question.variable}, or --set {question.key}_file=PATH"
            remedy = f"Put it into {place}" if question.secret else f"Add --set {question.key}=..."
            raise ConfigError(f"{question.key} is needed", remedy=remedy)
        default = None if question.needed else ""
        answer: str = click.prompt(
            question.key,
            default=default,
            hide_input=question.secret,
            show_default=bool(default),
        )
        return answer.strip()

    def packs(self, offers: Sequence[PackOffer], given: str | None) -> tuple[str, ...]:
        """The packs chosen; the recommended ones without an answer. Asked again until all exist."""
        from atsbridge.app import RECOMMENDED, choose_packs

        if given is not None or not self.interactive:
            return choose_packs(offers, RECOMMENDED if given is None else given)
        _print_offers(offers)
        while True:
            text = 'Which packs? Names with commas, "recommended", "all" or "none"'
            answer: str = click.prompt(text, default=RECOMMENDED)
            try:
                return choose_packs(offers, answer)
            except ConfigError as error:
                click.echo(f"{error.what}. {error.remedy}", err=True)


def _print_offers(offers: Sequence[PackOffer]) -> None:
    """A line for each pack; a star marks the recommended ones."""
    from atsbridge.cli.output import table

    click.echo("\nRule packs. Recommended ones have a star; you can change your choice later.")
    rows = [
        (
            ("* " if one.recommended else "  ") + one.short_name,
            f"{one.answered} of {one.rules}",
            one.description or "-",
        )
        for one in offers
    ]
    table(("  pack", "rules this ATS can answer", "what for"), rows, empty="")


def parse_pairs(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError("an option --set has no value", remedy=f"Write it as {PAIR}")
        found[key.strip()] = value.strip()
    return found
