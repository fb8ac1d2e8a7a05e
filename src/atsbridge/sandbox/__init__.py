"""A fake company with a clock, for demo, docs and tests."""
