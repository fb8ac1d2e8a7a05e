"""Typed YAML rules: read, checked, compiled to Queries, judged. Pure."""
