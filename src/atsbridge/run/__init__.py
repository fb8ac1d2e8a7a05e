"""One tick: sync, judge, decide, deliver, report."""
