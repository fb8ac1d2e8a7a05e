"""What the people of the sandbox received: a mailbox for everybody, and a page that shows it."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
