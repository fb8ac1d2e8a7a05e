"""Rules in YAML: reading, checking, compiling to Queries and evaluation. Pure."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
