"""Lever for atsbridge."""

ATSBRIDGE_API = 1
