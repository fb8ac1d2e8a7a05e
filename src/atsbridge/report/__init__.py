"""The report: one self-contained page that both sides can read, and its exports."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
