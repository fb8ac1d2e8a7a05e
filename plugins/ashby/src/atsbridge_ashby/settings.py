"""The settings of an Ashby account."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator


class AshbySettings(BaseModel):
    """`base_url` is the API's root, `app_url` the base of links.

    `private_notes`: notes are marked private; the key needs "Allow access to non-offer private
    fields". `pauses`: pauses of interviewers count as days off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: str = "https://api.ashbyhq.com"
    app_url: str = "https://app.ashbyhq.com"
    api_key: SecretStr
    webhook_secret: SecretStr = SecretStr("")  # the secret token of the account's webhooks
    private_notes: bool = False
    pauses: bool = True

    @field_validator("base_url", "app_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write an address such as https://api.ashbyhq.com")
        return value.rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _present(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("the key is empty")
        return SecretStr(value.get_secret_value().strip())
