"""The settings of the sink."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr


class TeamsBotSettings(BaseModel):
    """The bot's registration in Microsoft Entra.

    `app_id`, `app_secret`: of the app registration. `directory_id`: the directory (tenant) id. The
    addresses are those of Microsoft's public cloud; `service_url` may name a region.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    app_id: str
    app_secret: SecretStr
    directory_id: str
    service_url: str = "https://smba.trafficmanager.net/teams"
    login_url: str = "https://login.microsoftonline.com"
    graph_url: str = "https://graph.microsoft.com/v1.0"
    openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
