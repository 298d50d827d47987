"""What holds for a record in quarantine, whoever changes it."""

MAX_HISTORY = 100
"""Entries of a record's history; the oldest goes when one more comes."""
