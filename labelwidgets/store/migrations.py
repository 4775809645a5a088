"""Bringing stores of older versions up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select, text, update

from labelwidgets.errors import NotAStoreError, StoreVersionError
from labelwidgets.store.tables import (
    PLACES,
    SCHEMA_VERSION,
    access,
    comments,
    instructions,
    issues,
    meta,
    people,
    seen_frames,
    tasks,
)

# Takes a store of the version before to the version it is listed under.
Migration = Callable[[Connection], None]


def _add_instructions(connection: Connection) -> None:
    instructions.create(connection)


def _add_trust(connection: Connection) -> None:
    # Until then, items were what the author had named.
    connection.execute(text("ALTER TABLE items ADD COLUMN trusted BOOLEAN DEFAULT TRUE NOT NULL"))


def _add_frames(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE annotations ADD COLUMN pts BIGINT"))
    seen_frames.create(connection)


def _add_team(connection: Connection) -> None:
    for column in (
        "copy INTEGER DEFAULT 0 NOT NULL",
        "maker TEXT",
        "rounds INTEGER DEFAULT 0 NOT NULL",
        "lease_until BIGINT",
        "lease_seq BIGINT",
    ):
        connection.execute(text(f"ALTER TABLE tasks ADD COLUMN {column}"))
    # Below zero on the way, as positions are unique at every moment.
    at = tasks.c.position
    connection.execute(update(tasks).values(position=-1 - at * PLACES))
    connection.execute(update(tasks).values(position=-1 - at))
    issues.create(connection)
    comments.create(connection)


def _add_people(connection: Connection) -> None:
    people.create(connection)
    access.create(connection)


MIGRATIONS: Mapping[int, Migration] = {
    2: _add_instructions,
    3: _add_trust,
    4: _add_frames,
    5: _add_team,
    6: _add_people,
}


def check_version(found: int, where: str, newest: int = SCHEMA_VERSION) -> None:
    """Raise if a store is newer than this code.

    Raises
    ------
    StoreVersionError
    NotAStoreError
        If it is no number.
    """
    if not isinstance(found, int):
        raise NotAStoreError(f"has the schema version {found!r:.80}.", where=where)
    if found > newest:
        raise StoreVersionError(
            f"was written by a newer labelwidgets (its schema is version {found}, "
            f"this one knows versions up to {newest}).",
            where=where,
            hint="Upgrade with: pip install --upgrade labelwidgets",
        )


def migrate(
    connection: Connection,
    where: str,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    newest: int = SCHEMA_VERSION,
) -> list[int]:
    """Bring a store up to date within the transaction of `connection`.

    Either every step is done or, if one fails, none.

    Returns
    -------
    list of int
        The versions that were stepped through, empty for a store that was up to date.

    Raises
    ------
    StoreVersionError
        If the store is newer than this code.
    NotAStoreError
        If its version is one that never was.
    """
    found = connection.execute(select(meta.c.schema_version).with_for_update()).scalar_one()
    check_version(found, where, newest)
    done = []
    for version in range(found + 1, newest + 1):
        step = migrations.get(version)
        if found < 1 or step is None:
            raise NotAStoreError(
                f"has a schema of version {found}, which no labelwidgets has written.", where=where
            )
        step(connection)
        done.append(version)
    if done:
        connection.execute(update(meta).values(schema_version=newest))
    return done
