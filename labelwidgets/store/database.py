"""The database of a project: made, opened, and one transaction after another."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, insert, inspect, select

from labelwidgets.errors import NotAStoreError, SchemaError
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store import log, walls
from labelwidgets.store.clock import now
from labelwidgets.store.creation import new_tables
from labelwidgets.store.engine import adding, make_engine, proposing, writing
from labelwidgets.store.faults import translated
from labelwidgets.store.instructions import put_instructions
from labelwidgets.store.intake import Opinions, add_items
from labelwidgets.store.location import APPLICATION_ID, Location
from labelwidgets.store.migrations import MIGRATIONS, Migration, check_version, migrate
from labelwidgets.store.ontologies import put_ontology
from labelwidgets.store.records import from_text, to_text
from labelwidgets.store.statements import Statement, make_ready
from labelwidgets.store.tables import SCHEMA_VERSION, meta
from labelwidgets.store.watch import Stamp

if TYPE_CHECKING:
    import pandas as pd


MAX_NAME = 200


class Database:
    """One project's database, without what is done in it: see `Store`.

    Attributes
    ----------
    location : Location
        Where it lies; as text, without a password.
    uid : str
        What the project is known by, wherever its file is moved to.
    name : str
        What people call it.
    workflow : dict
        As given to `create`.
    me : str or None
        Whose login it is, where walls hold it.
    """

    def __init__(
        self, location: Location, wait: float, migrations: Mapping[int, Migration], newest: int
    ) -> None:
        self.location = location
        self._engine = make_engine(location, wait)
        self._writer = writing(self._engine)
        self._proposer = proposing(self._engine)
        self._adder = adding(self._engine)
        self._stamp = Stamp(self._engine)
        self.me: str | None = None
        try:
            with self.reading() as connection:
                if location.path is None and not inspect(connection).has_table(meta.name):
                    raise NotAStoreError("holds no project.", where=str(location))
                if location.path is not None and not _is_ours(connection):
                    raise location.foreign()
                version = connection.execute(select(meta.c.schema_version)).scalar_one()
            check_version(version, str(location), newest)
            if version < newest:
                with self.writing() as connection:
                    migrate(connection, str(location), migrations, newest)
            self._stand_by_walls()
            with self.reading() as connection:
                row = connection.execute(select(meta.c.uid, meta.c.name, meta.c.workflow)).one()
                self.workflow: dict[str, Any] = from_text(row.workflow)
        except BaseException:
            self.close()
            raise
        self.uid: str = row.uid
        self.name: str = row.name

    @classmethod
    def create(
        cls,
        place: str | os.PathLike[str],
        *,
        ontology: Ontology,
        items: pd.DataFrame,
        workflow: Mapping[str, Any],
        initial: Mapping[str, Any],
        actor: str,
        name: str | None = None,
        instructions: str = "",
        wait: float = 10.0,
        opinions: Opinions | None = None,
    ) -> Self:
        """Make a new store, whole or not at all.

        Parameters
        ----------
        place
            A path, or the URL of a PostgreSQL database.
        ontology
            What may be said.
        items
            As in `Dataset.items`; each that could be read becomes a task.
        workflow
            Plain dicts and lists, kept as they are.
        initial
            `stage` and `state` of a new task.
        actor
            Who makes it.
        name
            Of the project; by default that of the file.
        instructions
            What labellers are told, in Markdown.
        wait
            Seconds to wait for another process that holds the store.
        opinions
            Which items several people label; None for none.

        Raises
        ------
        StoreError
            If anything lies at the place already: it is never overwritten.
        SchemaError
            If the name is not plain text of at most 200 characters.
        StoreReadOnlyError, StoreFullError
            If the folder cannot be written.
        """
        location = Location.of(place)
        _check_name(name)
        first = name or (location.path.stem if location.path else location.url.database) or "labels"
        with new_tables(location, wait) as connection:
            moment = now(connection)
            connection.execute(
                insert(meta).values(
                    id=1,
                    schema_version=SCHEMA_VERSION,
                    uid=new_id(),
                    name=first,
                    workflow=to_text(workflow),
                    created=moment,
                )
            )
            head = log.append(
                connection,
                log.Head(0, moment),
                "created",
                actor,
                {"after": {"name": first}},
            )
            head = put_ontology(connection, head, ontology, actor)
            head = put_instructions(connection, head, instructions, actor)
            add_items(connection, head, items, initial, actor, opinions)
        return cls.open(place, wait=wait)

    @classmethod
    def open(
        cls,
        place: str | os.PathLike[str],
        *,
        wait: float = 10.0,
        migrations: Mapping[int, Migration] = MIGRATIONS,
        newest: int = SCHEMA_VERSION,
    ) -> Self:
        """Open a store; one of an older version is brought up to date.

        Parameters
        ----------
        place
            A path, or the URL of a PostgreSQL database.
        wait
            Seconds to wait for another process that holds the store.
        migrations, newest
            The steps between versions, and the version that this code writes.

        Raises
        ------
        NotAStoreError, StoreVersionError, StoreLockedError, StoreReadOnlyError
            Naming the place and what to do.
        """
        location = Location.of(place)
        location.check_file()
        return cls(location, wait, migrations, newest)

    def __repr__(self) -> str:
        return f"Store({str(self.location)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. A closed store opens itself again when it is used."""
        self._stamp.close()
        self._engine.dispose()

    def _stand_by_walls(self) -> None:
        """Find out whether walls hold this connection; their owner brings them up to date."""
        if self.location.path is not None:
            return
        with self.reading() as connection:
            stand = walls.standing(connection)
            held = stand is not None and walls.behind(connection)
            self.me = walls.person(connection) if held else None
        if held:
            self._engine = walls.within(self._engine)
            self._writer = writing(self._engine)
            self._proposer = proposing(self._engine)
            self._adder = adding(self._engine)
        elif stand not in (None, walls.fingerprint()):
            with self.writing() as connection:
                walls.put_up(connection)
            self.forget_prepared()

    def forget_prepared(self) -> None:
        """Have the driver forget what it has prepared on a server whose tables have changed."""
        if self.location.path is None:
            self._engine.dispose()

    def stamp(self) -> int:
        """Return a number that changes when another has changed the file: cheap to ask often."""
        with translated(str(self.location)):
            return self._stamp.read()

    def make_ready(self, statements: Iterable[Statement] = ()) -> None:
        """Make statements before anybody waits in line for it; see `statements.make_ready`."""
        make_ready(self._engine.dialect, statements)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that reads one snapshot."""
        with translated(str(self.location)), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """Take a connection for one statement that reads, without a transaction around it."""
        with translated(str(self.location)), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction that may write, once nobody else does."""
        with translated(str(self.location)), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def proposing(self) -> Iterator[Connection]:
        """Begin a transaction on a server that may write in the line, once; see `proposals`."""
        with translated(str(self.location)), self._proposer.begin() as connection:
            yield connection

    @contextmanager
    def adding(self) -> Iterator[Connection]:
        """Begin a transaction that only adds rows, and waits for no writer of a server."""
        with translated(str(self.location)), self._adder.begin() as connection:
            yield connection


def _check_name(name: str | None) -> None:
    if name is None:
        return
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise SchemaError(f"must be text of at most {MAX_NAME} characters.", where="project name")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise SchemaError(
            "must not hold control characters or half characters.", where="project name"
        )


def _is_ours(connection: Connection) -> bool:
    found = connection.exec_driver_sql("PRAGMA application_id").scalar()
    return bool(found == APPLICATION_ID)
