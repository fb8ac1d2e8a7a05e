"""The first settings of an installation: what to ask, the file, and guesses about offices."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
