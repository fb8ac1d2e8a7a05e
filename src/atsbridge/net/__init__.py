"""Talking HTTP to an ATS or a chat service: one session, limits, tokens, pages, connectors."""
