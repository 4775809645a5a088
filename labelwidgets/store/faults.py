"""What goes wrong in a database, as errors that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeout

from labelwidgets.errors import (
    LabelwidgetsError,
    NotAStoreError,
    SchemaError,
    StoreError,
    StoreForbiddenError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
    StoreUnreachableError,
)

_RESCUE = "Copy the file away, then restore a backup or run sqlite3's .recover on the copy."

# Names of result codes, https://www.sqlite.org/rescode.html; extended codes begin with these.
_SQLITE: tuple[tuple[tuple[str, ...], type[StoreError], str, str], ...] = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        StoreLockedError,
        "is locked by another process.",
        "Wait until it is done, or find who holds the file open.",
    ),
    (
        # A file that grows fails like this where SQLite maps it into memory.
        ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"),
        StoreFullError,
        "cannot grow: the disk is full.",
        "Free some space and try again; everything acknowledged so far is safe.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"),
        StoreReadOnlyError,
        "cannot be written: the file or its folder is read-only.",
        "Ask for the right to write both, or copy the file to a folder of your own.",
    ),
    (
        ("SQLITE_NOTADB", "SQLITE_CORRUPT"),
        NotAStoreError,
        "is damaged.",
        _RESCUE,
    ),
)

# Classes of SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html.
_SQLSTATE: dict[str, tuple[type[StoreError], str, str]] = {
    "53100": (StoreFullError, "cannot grow: the disk is full.", "Free some space on the server."),
    "25006": (StoreReadOnlyError, "is read-only.", "Connect to the primary server."),
    "55P03": (StoreLockedError, "is locked by another session.", "Try again in a moment."),
    "40P01": (StoreLockedError, "is locked by another session.", "Try again in a moment."),
    "40001": (StoreLockedError, "was changed at the same moment.", "Try again."),
    "53300": (StoreUnreachableError, "has all its connections in use.", "Try again in a moment."),
}
# A connection that failed, and a server that goes down or is not up yet.
_GONE = ("08", "57P0")
_PATIENCE = "Nothing acknowledged is lost. Once the server is back, just go on."


# What a login has no right to, and what the walls refuse (labelwidgets.store.walls).
_NO_RIGHT = "42501"
_REFUSED = (_NO_RIGHT, "LW001")


def _refusal(cause: BaseException | None, where: str) -> StoreForbiddenError:
    """Return the error for what the database lets somebody else do alone."""
    said = getattr(cause, "diag", None)
    if getattr(cause, "sqlstate", None) == _NO_RIGHT:
        words = str(getattr(said, "message_primary", None) or cause).strip()
        return StoreForbiddenError(
            f"refuses this login ({words}).",
            where=where,
            hint="What the roles may do is in project.people; an admin may do all of it.",
        )
    return StoreForbiddenError(
        str(getattr(said, "message_primary", "refuses.")),
        where=where,
        hint=getattr(said, "message_hint", None),
    )


class DamagedRecordError(Exception):
    """A record of the database is not what we write; the text names it."""


def fault(cause: BaseException | None, where: str) -> StoreError:
    """Return the error of ours for one of the driver of the database."""
    name = str(getattr(cause, "sqlite_errorname", ""))
    for prefixes, kind, message, hint in _SQLITE:
        if name.startswith(prefixes):
            return kind(message, where=where, hint=hint)
    state = getattr(cause, "sqlstate", None)
    if state in _REFUSED:
        return _refusal(cause, where)
    known = _SQLSTATE.get(str(state))
    if known:
        return known[0](known[1], where=where, hint=known[2])
    # Without a state the server never answered.
    silent = state is None and type(cause).__name__ in ("OperationalError", "ConnectionTimeout")
    if not name and (silent or str(state).startswith(_GONE)):
        # The driver's own words: a wrong password and a name that is none are only told there.
        words = str(cause).strip().splitlines()
        reason = f" ({words[0].rpartition('failed: ')[2].strip()})" if words else ""
        return StoreUnreachableError(f"cannot be reached{reason}.", where=where, hint=_PATIENCE)
    detail = f"{type(cause).__name__} {name}".strip()
    return StoreError(f"The database failed ({detail}: {cause}).", where=where)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise errors of the database as `StoreError`s that name the store.

    Text that no database can keep is the fault of whoever gave it: a `SchemaError`.
    """
    try:
        yield
    except DBAPIError as error:
        raise _given(error.orig, where) from error
    except sqlite3.Error as error:
        raise fault(error, where) from error
    except (NoResultFound, msgspec.DecodeError) as error:
        words = " ".join(str(error).split())[:200]
        raise NotAStoreError(
            f"is damaged: one of its records cannot be read ({words}).", where=where, hint=_RESCUE
        ) from error
    except DamagedRecordError as error:
        raise NotAStoreError(f"is damaged: {error}", where=where, hint=_RESCUE) from error
    except UnicodeEncodeError:
        raise SchemaError(
            "holds half a character (a lone surrogate), which no database keeps.", where="text"
        ) from None
    except PoolTimeout as error:
        raise StoreLockedError(
            "has all its connections in use.", where=where, hint="Try again in a moment."
        ) from error
    except Exception as error:
        # Of a driver that need not be installed.
        if not type(error).__module__.startswith("psycopg"):
            raise
        raise _given(error, where) from error


def _given(cause: BaseException | None, where: str) -> LabelwidgetsError:
    if "(0x00)" in str(cause) and type(cause).__name__ == "DataError":
        return SchemaError("holds the character NUL, which PostgreSQL does not keep.", where="text")
    return fault(cause, where)
