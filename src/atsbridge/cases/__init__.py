"""Cases: their life, their ladder, the people, the attention they may claim. Pure."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
