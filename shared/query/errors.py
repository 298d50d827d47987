"""What can be wrong with a query, and where in its text."""

from shared.errors import Invalid


class QueryError(Invalid):
    """The query cannot be read. `position` and `length` mark the part of its text that is meant, in characters.

    The message and `suggestions` are for the person who wrote it; both are made of our own words and names.
    """

    code = "bad_query"

    def __init__(
        self, message: str, *, code: str, position: int = 0, length: int = 0, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, code=code, position=position, length=length, suggestions=list(suggestions))
        self.position = position
        self.length = length
        self.suggestions = suggestions


class NeedsSearch(Invalid):
    """The query names a field that Postgres does not hold: only OpenSearch can answer it."""

    code = "needs_search"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} can only be searched in OpenSearch, which is away.", field=field)
        self.field = field
