"""Whether a notice still applies, and whether its reader is to be notified now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery.batch_messages import drop_handled, is_obsolete
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.model import DropCode, Hold, drop_notice, hold_notice
from atsbridge.presentation import message_data, removed_rule

_NEXT_RUN = timedelta(minutes=1)  # not again in this run


def load_case(draft: Draft, env: DeliveryEnv) -> Draft:
    """Read the case and its rule; either may be missing."""
    case = env.store.cases.read_case(draft.notice.case)
    return replace(draft, case=case, rule=env.find_rule(draft.notice))


def hold_stopped_rule(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Hold the notice while its rule has an error."""
    if draft.case is None or not env.request.is_stopped(draft.notice.rule):
        return draft
    return Settled(hold_notice(draft.notice, Hold.STOPPED, env.time.now() + _NEXT_RUN))


def replace_removed_rule(draft: Draft, env: DeliveryEnv) -> Draft:
    """Take a stand-in for a rule that is in no pack, so that the end can be rendered."""
    return draft if draft.rule is not None else replace(draft, rule=removed_rule(draft.notice))


def drop_without_case(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the notice where its case or its rule is missing."""
    if draft.case is None or draft.rule is None:
        return Settled(drop_notice(draft.notice, DropCode.CASE_ENDED))
    return draft


def drop_untried_obsolete(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the notice if its case ended or is handled, and nothing can have been sent of it."""
    return draft if draft.was_tried else drop_obsolete(draft, env)


def drop_obsolete(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop the notice if its case ended or somebody handles it."""
    case = require(draft.case)
    return Settled(drop_handled(draft.notice, case)) if is_obsolete(case) else draft


def hold_shadow(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Hold the notice of a shadow rule."""
    if not draft.was_tried and require(draft.rule).status == "shadow":
        return Settled(hold_notice(draft.notice, Hold.SHADOW))
    return draft


def hold_suppressed(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Hold the notice to the next run while its case is suppressed."""
    if draft.was_tried or not env.request.suppress(require(draft.case), require(draft.rule)):
        return draft
    return Settled(hold_notice(draft.notice, Hold.SUPPRESSED, env.time.now() + _NEXT_RUN))


def load_facts(draft: Draft, env: DeliveryEnv) -> Draft:
    """Read the facts of the subject as they are stored now."""
    facts = message_data.read(env.store.subjects, draft.rule, draft.notice.subject)
    return replace(draft, facts=facts)
