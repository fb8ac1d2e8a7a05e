"""A fake company with a clock, and the HTTP frame of every fake: for demo, docs and tests."""
