"""Working time: units, calendars, segments. Pure."""
