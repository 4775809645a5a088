"""How large scans are, for the volume masks on them to be judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.schema.ids import is_id
from labelwidgets.store.edits import Edit

if TYPE_CHECKING:
    from labelwidgets.store.store import Store
    from labelwidgets.workflow.session import Pictures

Shape: TypeAlias = tuple[int, int, int]

_TYPES = ("volumemask", "volumepatch")


class ScanShapes:
    """Numbers of slices, rows and columns of scans, each looked up once.

    Parameters
    ----------
    store
        Knows the items of tasks.
    dataset
        Opens scans.
    """

    def __init__(self, store: Store, dataset: Pictures) -> None:
        self._store = store
        self._dataset = dataset
        self._known: dict[str, Shape] = {}

    def of(self, edits: Sequence[Edit]) -> Callable[[str], Shape | None]:
        """Return what tells the shape of an item, for those whose volume masks edits change.

        To be called before a transaction, as a scan that nobody opened yet is opened for it. What
        cannot be opened is not known: nobody loses a label by it.
        """
        tasks = {edit.task for edit in edits if _is_of_volume(edit)}
        named = {name for name in tasks if is_id(name)}
        items = self._store.items_of_tasks(named) if named else set()
        for item_id in items - self._known.keys():
            try:
                self._known[item_id] = self._dataset.volume(item_id).grid.shape
            except (LabelwidgetsError, OSError):
                continue
        return self._known.get


def _is_of_volume(edit: Edit) -> bool:
    after: Any = edit.after
    geometry = after.get("geometry") if isinstance(after, Mapping) else None
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    return isinstance(edit.task, str) and kind in _TYPES
