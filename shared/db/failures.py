"""What a database error means for whoever wrote: bad data, a server that is away, or a defect."""

import asyncpg
from asyncpg.exceptions import InternalClientError, InvalidCachedStatementError
from sqlalchemy import exc as sqlalchemy_exc

_DATA_CLASSES = {"22", "23", "54"}
_TRANSIENT_CLASSES = {"08", "40", "53", "57", "58"}
_UNPREPARED_CLASSES = {"28", "3D", "42"}
# lock_not_available; read_only_sql_transaction: we are on a primary that has just become a replica.
_TRANSIENT_STATES = {"55P03", "25006"}
# Shutdown by the administrator, crash, starting up, database dropped, idle timeouts.
_LAST_WORDS = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03"}
# deadlock_detected; serialization_failure.
_BROKEN_OFF = {"40P01", "40001"}
# lock_not_available; deadlock_detected.
_HELD_UP = {"55P03", "40P01"}
_CHECK_VIOLATION = "23514"
_QUERY_CANCELED = "57014"


def is_data_error(error: BaseException) -> bool:
    """True when these very values can never be stored: SQLSTATE 22 (also from the driver), 23 or 54.

    54 are limits of the server (an index row too large, nesting too deep) that only data can meet.
    """
    error = _cause(error)
    if is_missing_period(error):
        return False
    return _sqlstate(error)[:2] in _DATA_CLASSES


def is_transient(error: BaseException) -> bool:
    """True when the same call may work later: the server is away, full, failing over, or a deadlock was broken.

    InternalClientError is what asyncpg raises when a connection dies in the middle of an operation, and
    InvalidCachedStatementError when a migration changed a table under a prepared statement. An event without a
    period counts: the next try makes it.
    """
    error = _cause(error)
    if isinstance(error, InvalidCachedStatementError):
        return True
    state = _sqlstate(error)
    if state:
        return state[:2] in _TRANSIENT_CLASSES or state in _TRANSIENT_STATES or is_missing_period(error)
    return isinstance(
        error,
        OSError | TimeoutError | asyncpg.InterfaceError | InternalClientError | sqlalchemy_exc.TimeoutError,
    )


def is_cancelled(error: BaseException) -> bool:
    """True when a statement took longer than `statement_timeout`, or somebody cancelled it."""
    return _sqlstate(_cause(error)) == _QUERY_CANCELED


def is_broken_off(error: BaseException) -> bool:
    """True when the server ended a transaction for others' sake (40P01, 40001): the same one works at once."""
    return _sqlstate(_cause(error)) in _BROKEN_OFF


def is_held_up(error: BaseException) -> bool:
    """True when others had a lock for longer than was waited, or the server ended a transaction that held them up."""
    return _sqlstate(_cause(error)) in _HELD_UP


def is_unprepared(error: BaseException) -> bool:
    """True when the database is not set up for us: login, grants or schema (SQLSTATE 28, 3D, 42), never the data."""
    return _sqlstate(_cause(error))[:2] in _UNPREPARED_CLASSES


def in_words(error: BaseException, process: str) -> str:
    """For whoever runs a command: what PostgreSQL did, and the variables that `shared.settings` reads its URL from."""
    cause = _cause(error)
    verb = "refuses" if is_unprepared(error) else "does not answer"
    reason = f"{type(cause).__name__}: {cause}".removesuffix(": ")
    variables = f"EVENTSEC_{process.upper()}_POSTGRES_URL, or else EVENTSEC_POSTGRES_URL,"
    return f"PostgreSQL {verb} ({reason}); {variables} says where it is"


def is_missing_period(error: BaseException) -> bool:
    """True when an event's partition does not exist (a check violation that names no constraint)."""
    error = _cause(error)
    return _sqlstate(error) == _CHECK_VIOLATION and not getattr(error, "constraint_name", None)


def is_connection_lost(error: BaseException) -> bool:
    """True when the connection it happened on must not be used again.

    The server's last words (57P01 and its like) come before the socket closes, so a driver that looks at the
    socket takes such a connection for a healthy one.
    """
    error = _cause(error)
    state = _sqlstate(error)
    return state[:2] == "08" or state in _LAST_WORDS or isinstance(error, OSError | InternalClientError)


def _cause(error: BaseException) -> BaseException:
    """The driver's own error under SQLAlchemy's two wrappings."""
    if isinstance(error, sqlalchemy_exc.DBAPIError) and error.orig is not None:
        error = error.orig
    # The dialect's own error, whose cause is the driver's.
    return error.__cause__ if type(error).__module__.startswith("sqlalchemy.dialects") and error.__cause__ else error


def _sqlstate(error: BaseException) -> str:
    return getattr(error, "sqlstate", None) or ""
