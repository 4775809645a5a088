"""Photographs to try things on, without a download."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from labelwidgets.errors import MissingExtraError, SourceError

# The photographs among the pictures that scikit-image has in its wheel.
_PHOTOS = (
    "astronaut.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "hubble_deep_field.jpg",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
)


def sample_photos() -> list[str]:
    """Return the paths of the photographs that scikit-image brings along.

    They are read where they lie, in the installed package.

    Raises
    ------
    MissingExtraError
        If scikit-image is not installed.
    SourceError
        If it is installed without its pictures.
    """
    spec = find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(
            "The sample photographs are those of scikit-image, which is not installed.",
            hint="Run: pip install scikit-image",
        )
    folders = [Path(place) / "data" for place in spec.submodule_search_locations]
    found = [
        str(folder / name) for folder in folders for name in _PHOTOS if (folder / name).is_file()
    ]
    if not found:
        raise SourceError(
            "holds no photographs.",
            where=str(folders[0]),
            hint="Run: pip install --force-reinstall scikit-image",
        )
    return found
