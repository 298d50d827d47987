"""What can go wrong with a backup, in words for whoever runs it."""


class BackupError(Exception):
    """Nothing was done, or nothing is left of it; the message says why, and holds no secret."""


class UnknownBackup(BackupError):
    """There may be a good backup, which this version or this login cannot read."""
