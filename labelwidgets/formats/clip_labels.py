"""Labels of videos that a file has, on their way to an `Imported`."""

from __future__ import annotations

from typing import Any, Unpack

from labelwidgets.formats.clips import Clip, Clips
from labelwidgets.formats.file_labels import FileLabels, Told
from labelwidgets.formats.matching import Item
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Track


class ClipLabels(FileLabels):
    """Collects labels of videos.

    Parameters
    ----------
    file, format, ontology, collect
        As for `FileLabels`.
    clips
        Where the labels lie.
    """

    what = "video"

    def __init__(
        self, file: str, format: str, clips: Clips, ontology: Ontology | None, collect: bool
    ) -> None:
        super().__init__(file, format, clips.frame, ontology, collect)

    def item(self, item: Item, size: tuple[int, int] | None, **metadata: Any) -> Clip:
        """Note an item that the file makes, where there is no dataset; return it as a video."""
        self.make(item, size, **metadata)
        return Clip(item, metadata.get("frames"), size, metadata.get("fps"))

    def keep(
        self,
        name: str,
        geometry: AnyGeometry,
        clip: Clip,
        *,
        frame: int | None = None,
        **told: Unpack[Told],
    ) -> None:
        """Take in a label: see `FileLabels.put`."""
        if isinstance(geometry, Track):
            clip.check(max(k for k, one in geometry.keyframes.items() if not one.outside), "frame")
        elif frame is not None:
            clip.check(frame)
        self.put(name, geometry, clip.item.id, clip.size, frame=frame, **told)
