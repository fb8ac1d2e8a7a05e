"""HTTP: one session with retry, limits and redaction; pagination; HttpConnector."""
