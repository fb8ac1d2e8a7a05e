"""HTTP to an ATS or a chat service: session, rate limits, tokens, pages, base connector."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
