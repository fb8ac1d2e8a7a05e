"""The path of a custom field or of a section of a brief, as the settings name it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _own_field(text: str) -> str:
    """ "requisition.custom.level" or "brief.sections.must_haves"."""
    from atsbridge.model import KINDS

    path = text.strip()
    kind, _, rest = path.partition(".")
    block, _, key = rest.partition(".")
    if key and ((block == "custom" and kind in KINDS) or (kind, block) == ("brief", "sections")):
        return path
    raise ValueError(
        f"{text!r} is no custom field and no section of a brief: write a path such as"
        ' "requisition.custom.level" or "brief.sections.must_haves"'
    )


OwnField = Annotated[str, AfterValidator(_own_field)]
