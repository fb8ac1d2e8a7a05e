"""The outbox at work: claim, confirm, render, send, receipts."""
