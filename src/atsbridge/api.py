"""The public plugin API: everything a plugin may import from atsbridge.

Plugins import this module, `atsbridge.testing` and `atsbridge.sandbox`, and nothing else. Each
name is loaded when it is first used, so that an entry point costs next to nothing. The names and
what is promised of them are in docs/api.md.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__package__, __file__)
