"""Greenhouse for atsbridge."""

ATSBRIDGE_API = 1
