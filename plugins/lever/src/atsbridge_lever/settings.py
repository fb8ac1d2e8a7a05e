"""The settings of a Lever account."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator


class LeverSettings(BaseModel):
    """`base_url` is the API's root: api.lever.co, api.eu.lever.co or api.sandbox.lever.co.

    `confidential`: read confidential postings and candidates too; the key must have been made
    with that right. `requisitions = false` for a Lever without the requisitions feature.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: str = "https://api.lever.co/v1"
    app_url: str = "https://hire.lever.co"
    api_key: SecretStr
    webhook_secret: SecretStr = SecretStr("")  # the signature token of the account's webhooks
    confidential: bool = False
    requisitions: bool = True

    @field_validator("base_url", "app_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write an address such as https://api.lever.co/v1")
        return value.rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _present(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("the key is empty")
        return SecretStr(value.get_secret_value().strip())
