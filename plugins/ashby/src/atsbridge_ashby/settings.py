"""The settings of an Ashby account."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr

from atsbridge.api import ServiceSecret, ServiceUrl


class AshbySettings(BaseModel):
    """`base_url` is the API's root, `app_url` the base of links.

    `private_notes`: notes are marked private; the key needs "Allow access to non-offer private
    fields". `pauses`: pauses of interviewers count as days off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: ServiceUrl = "https://api.ashbyhq.com"
    app_url: ServiceUrl = "https://app.ashbyhq.com"
    api_key: ServiceSecret
    webhook_secret: SecretStr = SecretStr("")  # the secret token of the account's webhooks
    private_notes: bool = False
    pauses: bool = True
