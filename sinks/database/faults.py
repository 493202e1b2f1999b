"""The fault behind a database error, which decides what to do: quarantine, wait, read the offsets again, or give up."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)  # fmt: skip
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class SinkFault(StrEnum):
    """The reason why a batch was not stored; also the `reason` label of newsmon_sink_errors."""

    DATA = "data"  # these values cannot be stored: find the records and quarantine them
    LOCKED = "locked"  # another transaction was in the way
    FULL = "full"  # the disk is full
    CONNECTION = "connection"  # the database is away, or something else that may pass
    FENCED = "fenced"  # another instance has stored these records: read the offsets again
    SCHEMA = "schema"  # the tables are not those of this version: only an operator can help
    LOG_TRUNCATED = "log_truncated"  # records left the log before they were read
    QUARANTINE = "quarantine"  # the quarantine topic did not acknowledge
    KAFKA = "kafka"  # the broker is away


# Bad values: SQLite's driver and psycopg raise these errors unwrapped.
VALUE_ERRORS = (OverflowError, UnicodeError)
DATABASE_ERRORS = (DBAPIError, DisconnectionError, PoolTimeoutError, *VALUE_ERRORS)

_LOCKED_STATES = frozenset({"40001", "40P01", "55P03"})  # serialisation failure, deadlock, lock not available
_FULL_STATES = frozenset({"53100"})
_LIMIT_CLASS = "54"  # program limit exceeded, such as a key too long for its index


# The server says only in words why it lets a connection not in.
_REFUSALS = ("password authentication failed", "no pg_hba.conf entry", "authentication failed for user", "permission denied", 'role "')


def is_refusal(error: BaseException) -> bool:
    """True when the database answers and refuses the user or the password: waiting cannot help."""
    said = str(getattr(error, "orig", None) or error).lower()
    return any(words in said for words in _REFUSALS)


def fault_of(error: BaseException) -> SinkFault:
    """The fault behind one of DATABASE_ERRORS. An unknown error counts as CONNECTION: waiting loses nothing, skipping would."""
    if isinstance(error, VALUE_ERRORS):
        return SinkFault.DATA
    if not isinstance(error, DBAPIError):
        return SinkFault.CONNECTION
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _LOCKED_STATES:
        return SinkFault.LOCKED
    if state in _FULL_STATES:
        return SinkFault.FULL
    if isinstance(error, (IntegrityError, DataError)) or state.startswith(_LIMIT_CLASS):
        return SinkFault.DATA
    said = str(error.orig).lower()
    if "database or disk is full" in said:
        return SinkFault.FULL
    if "locked" in said or "busy" in said:
        return SinkFault.LOCKED
    if isinstance(error, (ProgrammingError, NotSupportedError)) and not error.connection_invalidated:
        return SinkFault.SCHEMA
    if "no such table" in said or "no such column" in said or "no column named" in said:  # SQLite calls these operational
        return SinkFault.SCHEMA
    if isinstance(error, InterfaceError) and "binding" in said:
        return SinkFault.DATA
    return SinkFault.CONNECTION
