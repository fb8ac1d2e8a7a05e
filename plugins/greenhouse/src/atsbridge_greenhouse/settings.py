"""The settings of a Greenhouse account."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from atsbridge.api import ServiceSecret, ServiceUrl

_Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class GreenhouseSettings(BaseModel):
    """One credential of type "Harvest V3 (OAuth)" and its hosts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: ServiceUrl = "https://harvest.greenhouse.io/v3"
    token_url: ServiceUrl = "https://auth.greenhouse.io/token"  # noqa: S105  an address
    app_url: ServiceUrl = "https://app.greenhouse.io"  # the base of links; v3 rows contain no links
    client_id: _Filled
    client_secret: ServiceSecret
    # The id of a Greenhouse user to act as; the default is the credential's own service user.
    sub: Annotated[str, StringConstraints(pattern=r"^\d+$")] | None = None
    webhook_secret: SecretStr = SecretStr("")  # the secret key of every web hook
