"""Where labels made without a project are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from labelwidgets.errors import StoreReadOnlyError


def scratch_path(item_ids: Iterable[str]) -> Path:
    """Return the file for the labels of some items, in the user's own data folder.

    The same items, in any order, are the same file tomorrow. An item's id is a digest
    without anything secret, and so is the name of the file.

    Raises
    ------
    StoreReadOnlyError
        If the folder cannot be made.
    """
    import platformdirs

    digest = hashlib.sha256("\n".join(sorted(item_ids)).encode()).hexdigest()[:32]
    folder = Path(platformdirs.user_data_path("labelwidgets")) / "scratch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnlyError(
            f"cannot be made ({error.strerror}).",
            where=str(folder),
            hint="Make a project where you may write, with Project.create.",
        ) from error
    return folder / f"{digest}.db"
