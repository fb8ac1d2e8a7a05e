"""Bringing one account's records into the store: streams, marks, work queue, reconciliation."""
