"""The settings of a Lever account."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr

from atsbridge.api import ServiceSecret, ServiceUrl


class LeverSettings(BaseModel):
    """`base_url` is the API's root: api.lever.co, api.eu.lever.co or api.sandbox.lever.co.

    `confidential`: read confidential postings and candidates too; the key must have been made
    with that right. `requisitions = false` for a Lever without the requisitions feature.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: ServiceUrl = "https://api.lever.co/v1"
    app_url: ServiceUrl = "https://hire.lever.co"
    api_key: ServiceSecret
    webhook_secret: SecretStr = SecretStr("")  # the signature token of the account's webhooks
    confidential: bool = False
    requisitions: bool = True
