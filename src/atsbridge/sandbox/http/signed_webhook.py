"""A webhook as a fake ATS sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class SignedWebhook(NamedTuple):
    """One delivery, signed with the fake's secret."""

    body: bytes
    headers: Mapping[str, str]
