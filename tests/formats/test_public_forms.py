"""What people see of readers and writers: their signatures and docstrings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import cleandoc, signature
from pathlib import Path
from typing import Any

import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import registry, voc, vott
from labelwidgets.formats.public_forms import public_docstring
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle

LABEL = Annotation(item_id="one", class_name="car", geometry=Rectangle(1, 2, 3, 4))


def documented(function: Callable[..., Any]) -> list[str]:
    """Return the names of parameters that a docstring tells of, with their stars."""
    told = cleandoc(function.__doc__ or "").split("\nParameters\n----------\n")[1]
    lines = told.split("\nRaises\n")[0].splitlines()
    return [name for line in lines if line[:1].strip() for name in line.split(", ")]


@pytest.mark.parametrize("name", formats.names())
@pytest.mark.parametrize("does", ["read", "write"])
def test_a_format_tells_of_all_that_it_can_be_told(name: str, does: str) -> None:
    function = getattr(registry.module(name), does)
    function = function.func if isinstance(function, partial) else function
    if name == "slice_masks" and does == "read":
        return
    asked = signature(function).parameters.values()
    spelt = [f"**{one.name}" if one.kind is one.VAR_KEYWORD else one.name for one in asked]
    assert sorted(documented(function)) == sorted(spelt)


def test_a_writer_has_what_all_have_and_its_own_options() -> None:
    own = signature(voc.write).parameters
    assert [*own] == [
        *("annotations", "path", "items", "ontology", "strict", "size_of", "dataset", "frames"),
        *("split", "base", "border", "pictures", "storage_options"),
    ]
    assert own["border"].default == 0
    assert signature(voc.write).return_annotation == "Exported"
    assert (voc.write.__name__, voc.write.__module__) == (
        "write",
        "labelwidgets.formats.voc.writing",
    )


def test_a_writer_is_called_by_itself(tmp_path: Path) -> None:
    done = vott.write([LABEL], tmp_path / "labels.txt", strict=True)
    assert done.counts["annotations"] == 1
    assert vott.read(tmp_path / "labels.txt").annotations[0].geometry == LABEL.geometry


def test_what_is_wrong_with_an_option_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="base: must be 0 or 1"):
        voc.write([LABEL], tmp_path / "voc", base=3)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="path"):
        voc.write([LABEL])  # type: ignore[call-arg]


def test_what_a_format_says_of_a_parameter_takes_the_place_of_what_all_say() -> None:
    own = """Write it.

    It is long.

    Parameters
    ----------
    path
        A folder.

        Or two.
    depth
        How deep.

    Raises
    ------
    LimitError
        If it is too deep.
    """
    told = """All.

    Parameters
    ----------
    path, items, frames
        As ever.

    Attributes
    ----------
    other
        Not for callers.

    Raises
    ------
    FormatError
        If it is wrong.
    """
    assert public_docstring(own, told, ["path", "items", "depth"]).splitlines() == [
        *("Write it.", "", "It is long.", ""),
        *("Parameters", "----------", "path", "    A folder.", "", "    Or two."),
        *("items", "    As ever.", "depth", "    How deep.", ""),
        *("Raises", "------", "FormatError", "    If it is wrong."),
        *("LimitError", "    If it is too deep."),
    ]
