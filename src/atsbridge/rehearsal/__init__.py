"""Rehearsals: rules judged and decided on a clock of our own; nothing stored, nothing sent."""
