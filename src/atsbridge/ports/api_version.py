"""The number of the public plugin API."""

API = 1  # a plugin names it in its module as ATSBRIDGE_API; see docs/architecture.md
