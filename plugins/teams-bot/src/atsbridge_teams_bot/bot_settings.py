"""The settings of the sink."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from atsbridge.api import ServiceSecret, ServiceUrl

_Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class TeamsBotSettings(BaseModel):
    """The bot's registration in Microsoft Entra.

    `app_id`, `app_secret`: of the app registration. `directory_id`: the directory (tenant) id. The
    addresses are those of Microsoft's public cloud; `service_url` may name a region.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app_id: _Filled
    app_secret: ServiceSecret
    directory_id: _Filled
    service_url: ServiceUrl = "https://smba.trafficmanager.net/teams"
    login_url: ServiceUrl = "https://login.microsoftonline.com"
    graph_url: ServiceUrl = "https://graph.microsoft.com/v1.0"
    openid_url: ServiceUrl = "https://login.botframework.com/v1/.well-known/openidconfiguration"
