"""The JSON documents that commands print: their types, and the list from which the page is made."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
