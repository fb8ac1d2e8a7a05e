"""The settings: atsbridge.toml, environment variables and secret files.

Mistakes are found in one pass, each with file, line and column. What a plugin wants of its own
section is checked in `app`, which knows the plugins.
"""

from __future__ import annotations

from atsbridge.settings.model import Settings
from atsbridge.settings.problems import ConfigErrors, Problem, Source
from atsbridge.settings.reading import Reading, load, read

__all__ = ["ConfigErrors", "Problem", "Reading", "Settings", "Source", "load", "read"]
