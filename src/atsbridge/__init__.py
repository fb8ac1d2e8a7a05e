"""atsbridge: the promises between recruiter and hiring manager, kept by clocks over their ATS."""

__version__ = "0.1.0"
