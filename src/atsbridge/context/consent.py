"""Who agreed to figures of the pairs they work in: by their own choice, else by the settings."""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.context.services import Services
from atsbridge.model import PersonChoices


def find_sharers(services: Services) -> frozenset[str]:
    """E-mail addresses in lower case of everybody who agreed.

    What a person chose themselves comes before `[report] pairs`: who said no is out at once.
    """
    choices: Mapping[str, PersonChoices] = services.store.choices.read_choices()
    refused = {person for person, one in choices.items() if one.shares is False or one.stopped}
    agreed = {person for person, one in choices.items() if one.shares}
    written = {address.lower() for address in services.settings.report.pairs}
    return frozenset((written | agreed) - refused)
