"""What labels of videos and scans are on one of their pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, Tag, VolumeMask
from labelwidgets.schema.tracks import Interval, Track


def on_picture(annotations: Iterable[Annotation], at: int) -> Iterator[Annotation]:
    """Yield what is seen on a frame or slice, as shapes; what happens there as tags."""
    for made in annotations:
        shape = made.geometry
        if isinstance(shape, Track):
            sight = shape.at(at)
            if sight is not None:
                yield msgspec.structs.replace(made, geometry=sight.geometry, frame=at)
        elif isinstance(shape, Interval):
            if shape.first <= at <= shape.last:
                yield msgspec.structs.replace(made, geometry=Tag())
        elif isinstance(shape, VolumeMask):
            if at in shape.slices:
                yield msgspec.structs.replace(made, geometry=Mask(shape.slices[at]))
        elif made.frame in (at, None):
            yield made
