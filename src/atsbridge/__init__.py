"""atsbridge: measure and remind of the promises between recruiter and hiring manager."""

__version__ = "0.1.0"
