"""Workers that share all accounts through a queue in PostgreSQL (extra `workers`)."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
