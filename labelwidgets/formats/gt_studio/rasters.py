"""Pictures of masks that jobs of GT Studio name by their address, with a legend."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.mask_pictures import MaskPicture, read_mask
from labelwidgets.formats.masks.legend import Part, legend_of
from labelwidgets.formats.masks.meaning import parts_of
from labelwidgets.media.access import Access
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.urls import canonical_url


class Rasters:
    """Reads pictures of masks.

    Parameters
    ----------
    path
        The file of jobs: relative addresses lie beside it.
    policy
        Which addresses the file may name; the default one where None.
    limits
        Bounds on the size of a picture; the default ones where None.
    storage_options
        For fsspec.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        policy: UrlPolicy | None,
        limits: Limits | None,
        storage_options: Mapping[str, Any],
    ) -> None:
        self._beside, self._limits = canonical_url(path), limits
        self._access = Access(storage_options, limits, policy=policy).of(trusted=False)

    def read(
        self,
        said: Any,
        size: tuple[int, int],
        known: Collection[str],
        name_of: Callable[[str], str],
        where: str,
    ) -> tuple[MaskPicture, dict[int, Part | None]]:
        """Return a picture, and what its colours are of.

        Parameters
        ----------
        said
            ``{"url", "legend": {"#c76e2a": "car # 5"}}``.
        size
            (width, height) of what it lies on.
        known, name_of
            See `parts_of`.
        where
            Its place in the file, for errors.

        Raises
        ------
        FormatError
            If the legend is wrong, or the picture has another size or no colours.
        SourceError
            If the address may not be named, or cannot be read.
        LimitError
            If the picture is too large.
        """
        if not isinstance(said, Mapping):
            raise FormatError("must be an object with url and legend.", where="data")
        url = said.get("url")
        if not isinstance(url, str) or not url:
            raise FormatError("must be the address of a picture.", where="url")
        legend = legend_of(said.get("legend"), "legend")

        def wrong(text: str, error: LabelwidgetsError) -> None:
            raise FormatError(error.message, where=f"legend, {text[:40]!r}")

        colors = parts_of(legend.colors, known, name_of, wrong)
        place = self._access.policy.admit(url, self._beside)
        picture = read_mask(self._access.read(place), where, self._limits)
        if picture.size != size:
            raise FormatError(
                f"is {picture.size[0]} x {picture.size[1]} pixels, the item is "
                f"{size[0]} x {size[1]}.",
                where="url",
            )
        if picture.kind == "color":
            parts = dict(colors)
        else:
            # Pictures of few colours may come with a palette, or be grey.
            shades = picture.palette if picture.kind == "indexed" else _GREYS
            parts = {at: colors[shade] for at, shade in enumerate(shades) if shade in colors}
            parts |= {at: None for at, shade in enumerate(shades) if not shade and at not in parts}
        parts.setdefault(0, None)
        return picture, parts


_GREYS = tuple(shade * 0x10101 for shade in range(256))
