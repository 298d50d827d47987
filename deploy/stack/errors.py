"""What can go wrong, said so that the reader knows what to do next."""


class StackError(Exception):
    """A server cannot be given; the message ends with the way out."""


class Missing(StackError):
    """Something this machine lacks."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} is missing.\n  To get it: {how}")


class NotAnswering(Exception):
    """A server does not speak its protocol (yet); the message says what it did instead."""


class Died(StackError):
    """A server ended while it was being started."""
