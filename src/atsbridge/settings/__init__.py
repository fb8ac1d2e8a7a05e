"""The settings: atsbridge.toml, environment variables and secret files.

Mistakes are found in one pass, each with file, line and column. What a plugin wants of its own
section is checked in `app`, which knows the plugins."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
