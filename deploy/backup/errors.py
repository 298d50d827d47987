"""What can go wrong with a backup, in words for whoever runs it."""


class BackupError(Exception):
    """Nothing was done, or nothing is left of it; the message says why, and holds no secret."""
