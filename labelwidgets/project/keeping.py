"""A whole project as one file, and its end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from labelwidgets.errors import ConflictError, RightsError, StoreError
from labelwidgets.project.base import ProjectBase
from labelwidgets.store.backup import Backup, read_backup, restore_backup, write_backup
from labelwidgets.store.removal import check_left, remove
from labelwidgets.store.store import Store
from labelwidgets.workflow.gate import Gate
from labelwidgets.workflow.people import current_user


class Keeping(ProjectBase):
    """Backup, restoring and deleting."""

    def backup(self, path: str | os.PathLike[str]) -> Backup:
        """Write the whole project to one file, and prove it by reading it back.

        Unlike `export` it loses nothing: labels, tasks, opinions, issues, people, and all that
        ever happened. Pixels stay where they are. See `from_backup`.

        Parameters
        ----------
        path
            A new file, such as ``cars.backup``.

        Returns
        -------
        Backup
            ``uid, name, schema, seq`` (of the last event) and ``rows`` by table.

        Raises
        ------
        StoreError
            If something lies at the path.
        """
        with self._store.reading() as connection:
            return write_backup(connection, Path(path))

    @classmethod
    def from_backup(
        cls,
        path: str | os.PathLike[str],
        path_or_url: str | os.PathLike[str],
        user: str | None = None,
    ) -> Self:
        """Make a project of a backup, in a new file or an empty database, and open it.

        Raises
        ------
        FormatError
            If it is no backup, or not as it was written.
        StoreError
            If something lies at the place.
        """
        user = current_user(user)
        restore_backup(Path(path), path_or_url)
        return cls(Store.open(path_or_url), user, None, {})

    @classmethod
    def destroy(
        cls,
        path_or_url: str | os.PathLike[str],
        *,
        name: str,
        exported: str | os.PathLike[str],
        user: str | None = None,
        force: bool = False,
    ) -> Backup:
        """Delete a project, after it was exported whole.

        Parameters
        ----------
        path_or_url
            Where it lies.
        name
            Its name, exactly, so that it is this one that is meant.
        exported
            A `backup` of it that has all that ever happened. Where there is none, it is
            written first.
        user
            Who does it; by default the hub's user, else the login name.
        force
            Delete it although others are at work, or have it open: what they do then is lost.

        Returns
        -------
        Backup
            What the backup holds.

        Raises
        ------
        RightsError
            If the project has people, and the user is no admin.
        StoreError
            If the name is another.
        ConflictError
            If the backup is of another project, or older than the last event.
        StoreLockedError
            If others are at work, or have it open.
        """
        user, path = current_user(user), Path(exported)
        store = Store.open(path_or_url)
        where = str(store.location)
        try:
            gate = Gate(store, user)
            gate.open()
            if gate.role not in (None, "admin"):
                raise RightsError("is deleted by an admin alone.", where=where)
            if name != store.name:
                raise StoreError(
                    f"is called {store.name!r}, not {str(name)[:80]!r}, so it is not deleted.",
                    where=where,
                    hint="Name the project that is meant, exactly.",
                )
            with store.reading() as connection:
                if not force:
                    check_left(connection, where, user)
                kept = read_backup(path) if path.exists() else write_backup(connection, path)
            if kept.uid != store.uid:
                raise ConflictError(f"is a backup of {kept.name!r}.", where=str(path))
            remove(store, kept, force=force)
        finally:
            store.close()
        return kept
