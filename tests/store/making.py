"""Small stores and edits for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sqlalchemy import text

from labelwidgets.algorithms import encode_rle
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import Checkbox, Dropdown, ObjectClass, Ontology, Radio
from labelwidgets.store.edits import Applied, Edit, Outcome, Refused
from labelwidgets.store.store import Store
from labelwidgets.workflow.overlap import opinions_of_items
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.stages import Workflow

# Makes places for stores: paths, or URLs of empty databases.
NewPlace: TypeAlias = Callable[[], str]

ONTOLOGY = Ontology(
    [
        ObjectClass(
            "car",
            attributes=[
                Radio("occluded", ["no", "yes"], required=True),
                Checkbox("parts", ["a", "b"]),
            ],
        ),
        ObjectClass("tree", tool="polygon"),
    ],
    [Dropdown("weather", ["dry", "rain"], required=True)],
)


def items(count: int = 4, **more: Any) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "id": f"item{number}",
                "kind": "image",
                "title": f"{number}.jpg",
                "folder": "odd" if number % 2 else "even",
                "urls": [f"/photos/{number}.jpg"],
                "metadata": {"width": 640, "height": 480},
                "status": "ok",
                "trusted": True,
                **more,
            }
            for number in range(count)
        ]
    )


def make_store(path: str | Path, count: int = 4, ontology: Ontology = ONTOLOGY) -> Store:
    return store_of(path, maker_only(), count, ontology, "ana")


def store_of(
    path: str | Path,
    workflow: Workflow,
    count: int = 4,
    ontology: Ontology = ONTOLOGY,
    actor: str = "lead",
) -> Store:
    """Make a store whose tasks go the way of a workflow."""
    return Store.create(
        path,
        ontology=ontology,
        items=items(count),
        workflow=workflow.to_dict(),
        initial=workflow.initial,
        actor=actor,
        opinions=opinions_of_items(workflow),
    )


def rectangle(x: float = 1, y: float = 2, width: float = 3, height: float = 4) -> dict[str, Any]:
    return {"type": "rectangle", "x": x, "y": y, "width": width, "height": height}


def mask(bits: int, width: int = 5, height: int = 4) -> dict[str, Any]:
    """A mask whose pixels are the bits of a number, down the columns."""
    return {"type": "mask", "rle": _code(bits, width, height)}


def patch(x: int, y: int, width: int, height: int, bits: int) -> dict[str, Any]:
    return {"type": "maskpatch", "x": x, "y": y, "rle": _code(bits, width, height)}


def volume(slices: dict[int, int]) -> dict[str, Any]:
    """A volume mask of slices of 5 x 4 pixels that are the bits of numbers."""
    made = {str(k): _code(bits, 5, 4) for k, bits in sorted(slices.items())}
    return {"type": "volumemask", "slices": made}


def volume_patch(slices: dict[int, int | None], width: int = 5) -> dict[str, Any]:
    made = {str(k): None if bits is None else _code(bits, width, 4) for k, bits in slices.items()}
    return {"type": "volumepatch", "slices": made}


def _code(bits: int, width: int, height: int) -> dict[str, Any]:
    pixels = [bits >> place & 1 for place in range(width * height)]
    return encode_rle(np.reshape(pixels, (width, height)).T)


def create(task: str, annotation: str | None = None, base: int = 0, **more: Any) -> Edit:
    after = {"class_name": "car", "geometry": rectangle(), **more.pop("after", {})}
    return Edit(
        id=more.pop("id", None) or new_id(),
        task=task,
        kind="create",
        annotation=annotation or new_id(),
        base=base,
        after=after,
        **more,
    )


def update(task: str, annotation: str, base: int, after: dict[str, Any], **more: Any) -> Edit:
    return Edit(
        id=more.pop("id", None) or new_id(),
        task=task,
        kind="update",
        annotation=annotation,
        base=base,
        after=after,
        **more,
    )


def delete(task: str, annotation: str, base: int, **more: Any) -> Edit:
    return Edit(
        id=more.pop("id", None) or new_id(),
        task=task,
        kind="delete",
        annotation=annotation,
        base=base,
        **more,
    )


def applied(outcome: Outcome) -> Applied:
    assert isinstance(outcome, Applied), outcome
    return outcome


def refused(outcome: Outcome, reason: str) -> Refused:
    assert isinstance(outcome, Refused), outcome
    assert outcome.reason == reason, outcome
    return outcome


def rows(store: Store, table: str) -> list[tuple[Any, ...]]:
    """Everything in a table, past the store's own code."""
    with store.reading() as connection:
        found = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1"))  # noqa: S608
        return [tuple(row) for row in found]
