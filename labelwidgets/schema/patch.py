"""Patches of masks and tracks: what a gesture changes, so that an edit is as small as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from labelwidgets.errors import GeometryError
from labelwidgets.schema.geometry import RLE, Geometry, Mask, VolumeMask
from labelwidgets.schema.run_length import check_slice, read_slices
from labelwidgets.schema.tracks import Keyframe, Track, check_frame

if TYPE_CHECKING:
    from labelwidgets.algorithms.runs import Runs


class MaskPatch(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """What the pixels of a box of a mask are from now on.

    It may stand for the geometry in an update of an annotation that is a mask, and
    does so in the event log; it is never an annotation's geometry.

    Parameters
    ----------
    x, y
        Column and row of the top left pixel of the box, from 0.
    rle
        The pixels of the box; its size is [height, width] of the box.
    """

    x: int
    y: int
    rle: RLE

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise GeometryError(
                    f"must be a whole number of pixels from 0, not {str(value)[:60]}.", where=name
                )
        if isinstance(self.rle, Mapping):
            rle = Mask(self.rle).rle
            msgspec.structs.force_setattr(self, "rle", rle)

    def applied_to(self, geometry: Geometry) -> Mask:
        """Return a mask with the box replaced.

        Raises
        ------
        GeometryError
            If `geometry` is no mask, or the box leaves it.
        """
        from labelwidgets.algorithms.runs import rle_of, splice_runs

        whole = _runs(self._checked(geometry).rle)
        made = rle_of(splice_runs(whole, self.x, self.y, _runs(self.rle)))
        return Mask(RLE(made["size"], made["counts"]))

    def back(self, geometry: Geometry) -> MaskPatch:
        """Return the patch that takes this one back: the pixels of the box as they are.

        Raises
        ------
        GeometryError
            As for `applied_to`.
        """
        from labelwidgets.algorithms.runs import crop_runs, rle_of

        height, width = self.rle.size
        whole = _runs(self._checked(geometry).rle)
        made = rle_of(crop_runs(whole, (self.x, self.y, width, height)))
        return MaskPatch(self.x, self.y, RLE(made["size"], made["counts"]))

    def _checked(self, geometry: Geometry) -> Mask:
        if not isinstance(geometry, Mask):
            raise GeometryError(
                f"is a patch of a mask, and the annotation is a {geometry.type}.",
                where="geometry",
                hint="Give the whole shape instead.",
            )
        (height, width), (tall, wide) = geometry.rle.size, self.rle.size
        if self.x + wide > width or self.y + tall > height:
            raise GeometryError(
                f"is a patch of {wide} x {tall} pixels at ({self.x}, {self.y}), "
                f"which leaves the mask of {width} x {height}.",
                where="geometry",
            )
        return geometry


class VolumePatch(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """What some slices of a volume mask are from now on.

    It may stand for the geometry in an update of an annotation that is a volume mask, and
    does so in the event log; it is never an annotation's geometry.

    Parameters
    ----------
    slices
        By slice index from 0; None where nothing is there any more.
    """

    slices: dict[int, RLE | None]

    def __post_init__(self) -> None:
        if not self.slices:
            raise GeometryError("must name a slice at least.", where="slices")
        for key in self.slices:
            check_slice(key)
        read = read_slices({key: code for key, code in self.slices.items() if code is not None})
        made = {key: read.get(key) for key in sorted(self.slices)}
        msgspec.structs.force_setattr(self, "slices", made)

    def applied_to(self, geometry: Geometry) -> VolumeMask:
        """Return a volume mask with those slices replaced.

        Raises
        ------
        GeometryError
            If `geometry` is no volume mask, or its slices have another size.
        """
        slices = {**self._checked(geometry).slices, **self.slices}
        return VolumeMask({key: code for key, code in slices.items() if code is not None})

    def back(self, geometry: Geometry) -> VolumePatch:
        """Return the patch that takes this one back: those slices as they are.

        Raises
        ------
        GeometryError
            As for `applied_to`.
        """
        slices = self._checked(geometry).slices
        return VolumePatch({key: slices.get(key) for key in self.slices})

    def _checked(self, geometry: Geometry) -> VolumeMask:
        if not isinstance(geometry, VolumeMask):
            raise GeometryError(
                f"is a patch of a volume mask, and the annotation is a {geometry.type}.",
                where="geometry",
                hint="Give the whole shape instead.",
            )
        there = next(iter(geometry.slices.values()), None)
        put = next((code for code in self.slices.values() if code is not None), None)
        if there and put and there.size != put.size:
            (height, width), (tall, wide) = there.size, put.size
            raise GeometryError(
                f"has slices of {wide} x {tall} pixels, those of the mask have {width} x {height}.",
                where="geometry",
            )
        return geometry


class TrackPatch(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """What some keyframes of a track are from now on.

    It may stand for the geometry in an update of an annotation that is a track, and
    does so in the event log; it is never an annotation's geometry.

    Parameters
    ----------
    keyframes
        By index of the frame from 0; None where there is no keyframe any more.
    """

    keyframes: dict[int, Keyframe | None]

    def __post_init__(self) -> None:
        if not self.keyframes:
            raise GeometryError("must name a keyframe at least.", where="keyframes")
        for key in self.keyframes:
            check_frame(key, f"keyframes[{str(key)[:60]}]")
        made = {key: self.keyframes[key] for key in sorted(self.keyframes)}
        msgspec.structs.force_setattr(self, "keyframes", made)

    def applied_to(self, geometry: Geometry) -> Track:
        """Return a track with those keyframes replaced.

        Raises
        ------
        GeometryError
            If `geometry` is no track, none of its keyframes is left, or shapes are of two kinds.
        """
        keyframes = {**self._checked(geometry).keyframes, **self.keyframes}
        return Track({key: made for key, made in keyframes.items() if made is not None})

    def back(self, geometry: Geometry) -> TrackPatch:
        """Return the patch that takes this one back: those keyframes as they are.

        Raises
        ------
        GeometryError
            If `geometry` is no track.
        """
        keyframes = self._checked(geometry).keyframes
        return TrackPatch({key: keyframes.get(key) for key in self.keyframes})

    def _checked(self, geometry: Geometry) -> Track:
        if not isinstance(geometry, Track):
            raise GeometryError(
                f"is a patch of a track, and the annotation is a {geometry.type}.",
                where="geometry",
                hint="Give the whole shape instead.",
            )
        return geometry


Patch: TypeAlias = MaskPatch | VolumePatch | TrackPatch
"""What may stand for the geometry in an update."""


def _runs(rle: RLE) -> Runs:
    from labelwidgets.algorithms.runs import runs_of

    return runs_of({"size": rle.size, "counts": rle.counts})
