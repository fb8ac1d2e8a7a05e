"""Talking HTTP to an ATS or a chat service: one session, limits, tokens, pages, connectors."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
