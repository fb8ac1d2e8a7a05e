"""The sandbox: a fake company, the HTTP server of every fake, fake Slack and Teams."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
