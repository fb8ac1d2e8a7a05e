"""Claims notices, confirms them, routes and sends them, and stores their receipts."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
