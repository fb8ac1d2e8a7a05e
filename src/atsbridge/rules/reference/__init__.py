"""The reference of the rule language: the page of docs, and the JSON Schema for editors."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
