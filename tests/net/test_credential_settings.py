"""The address and the secret of a service, as settings."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from atsbridge.net import ServiceSecret, ServiceUrl


class Account(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    base_url: ServiceUrl = "https://api.example.com"
    api_key: ServiceSecret


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080"),
        ("HTTPS://API.EXAMPLE.COM", "HTTPS://API.EXAMPLE.COM"),
        ("https://[::1]:9/x", "https://[::1]:9/x"),
    ],
)
def test_an_address_ends_without_a_slash(written: str, read: str) -> None:
    assert Account(base_url=written, api_key="k").base_url == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://:443/x",
        "https://api.example.com:port",
        "https://api.example.com:99999",
        "https://api.example.com/a b",
        "https://[::1",
        "https://api.example.com/?page=1",
        "https://api.example.com/#top",
        "https://kim:planted-4711@api.example.com",
    ],
)
def test_what_is_no_address_of_a_service_is_refused(written: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Account(base_url=written, api_key="k")
    assert [one["loc"] for one in caught.value.errors()] == [("base_url",)]
    assert "planted-4711" not in str(caught.value)


def test_a_secret_loses_the_spaces_around_it() -> None:
    account = Account(api_key=" planted-4711\n")
    assert account.api_key.get_secret_value() == "planted-4711"
    assert "planted-4711" not in repr(account)


@pytest.mark.parametrize(
    "written", ["", "  ", "planted 4711", "planted-47\u200b11", "plänted", "a\nb"]
)
def test_a_secret_that_fits_in_no_header_is_refused(written: str) -> None:
    """An HTTP library would raise, and could show it."""
    with pytest.raises(ValidationError) as caught:
        Account(api_key=written)
    assert "plant" not in str(caught.value)
