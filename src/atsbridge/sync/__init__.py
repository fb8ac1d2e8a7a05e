"""The engine that fetches: streams, marks, work queue, reconciliation."""
