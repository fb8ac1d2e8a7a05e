"""The HTTP session of exports at an address."""

from __future__ import annotations

import base64

from atsbridge.api import ApiCredential, HttpSession, SessionOptions, Tools
from atsbridge_files.settings import FilesSettings


def open_session(settings: FilesSettings, tools: Tools) -> HttpSession:
    """A session with the token or the password of the account, or without either."""
    secret = settings.token.get_secret_value() or settings.password.get_secret_value()
    pair = f"{settings.username}:{settings.password.get_secret_value()}"
    basic = base64.b64encode(pair.encode()).decode()
    token = settings.token.get_secret_value()
    authorization = f"Bearer {token}" if token else f"Basic {basic}"
    return HttpSession(
        tools.name,
        settings.base_url,
        time=tools.time,
        options=SessionOptions(bounds=tools.bounds),
        credential=ApiCredential(
            headers=lambda: {"Authorization": authorization} if secret else {},
            secrets=tuple(filter(None, (secret, basic if secret else ""))),
            remedy=f"Set token, or username and password, of account {tools.name}",
        ),
    )
