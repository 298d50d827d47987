"""Why a transaction of the writer ends without committing."""


class StartOver(Exception):
    """What was read a moment ago is no longer true; the same transaction, done again, will succeed.

    `cause` is a stable word for the metric.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause
