"""A rule whose `kind` does not exist: what can be checked of it all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atsbridge.ports import AnyRuleKind
from atsbridge.rules.language import RuleKeys, nearest


def guess_kind(data: Mapping[str, Any], kinds: Mapping[str, AnyRuleKind]) -> AnyRuleKind | None:
    """The kind that was probably meant, so that its keys are checked as well.

    The closest name; else the only kind that has every key of the rule.
    """
    near = nearest(str(data.get("kind")), kinds)
    if near is not None:
        return kinds[near]
    own = data.keys() - RuleKeys.model_fields.keys()
    fit = [kind for kind in kinds.values() if own <= kind.schema.model_fields.keys()]
    return fit[0] if own and len(fit) == 1 else None


def keep_common(data: Mapping[str, Any], kinds: Mapping[str, AnyRuleKind]) -> dict[str, Any]:
    """The rule without the keys that only some kinds have."""
    own = {key for kind in kinds.values() for key in kind.schema.model_fields}
    return {k: v for k, v in data.items() if k not in own - RuleKeys.model_fields.keys()}
