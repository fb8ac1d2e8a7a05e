"""The checks of `atsbridge doctor`: everything that would make the next run fail."""
