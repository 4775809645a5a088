"""What is in videos and sequences: the labels on each frame, cuts, and what carries labels on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelwidgets.errors import SchemaError
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.project.base import ProjectBase
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    from labelwidgets.algorithms.cuts import Cut


class InTime(ProjectBase):
    """Labels over time."""

    def frames(self, item: str | None = None, shapes: bool = True) -> pd.DataFrame:
        """Return one row for each label of a video, or a sequence, and frame that it is seen on.

        The shapes between keyframes are those on the screen: this is what a model is trained on.
        The labels are those of main tasks, without opinions.

        Columns: item_id (string), frame (int64), pts (Int64, in the time base of the stream), id
        (of the annotation, that is of the track), class_name, geometry_type (of the shape,
        string), x, y, width, height (its upright box, float64, in pixels; missing of intervals),
        occluded and keyframe (bool: something is in front of it; it was placed on this very
        frame), attributes (dict: answers of the whole track, and those that hold on this frame)
        and geometry (a shape such as `Rectangle`). Rows go by item and frame.

        Parameters
        ----------
        item
            Id of the only item; None for all.
        shapes
            Whether to have the column `geometry`. Without, ten thousand frames of a thousand
            boxes take seconds.

        Raises
        ------
        SourceError, ImageError
            If a video cannot be opened, which is needed to count its frames.
        """
        from labelwidgets.media.video.address import frames_of
        from labelwidgets.workflow.frame_table import Pace, frame_table

        items = self._in_time(item)

        def pace(item_id: str) -> Pace:
            urls = items[item_id]["urls"]
            if items[item_id]["kind"] != "video":
                return Pace(0, len(urls), None)
            pts = self.dataset.video(item_id).pts
            part = frames_of(urls[0])
            if part is None:
                return Pace(0, len(pts), pts)
            last = part.first if part.last is None else part.last
            return Pace(part.first, min(last + 1, len(pts)), pts)

        main = self._seen_records(self._store.read_main())
        made = [one for one in main if one.item_id in items]
        return frame_table(made, pace, shapes)

    def verify(
        self, item: str | None = None, progress: Callable[[int, int], object] | None = None
    ) -> pd.DataFrame:
        """Prove that the frames of videos are those that were labelled.

        Each frame that somebody labelled (of tracks the keyframes) is decoded. The first time,
        the hash of its pixels is stored in the project; later, it is compared with that. Run it
        once after labelling, and again wherever the labels are used.

        Columns: item_id (string), frame (int64), pts (Int64), hash (string: SHA-256 of the RGB
        values, as `VideoReader.frame_hash` has it), same (boolean: missing where the frame was
        seen for the first time), first_seen (datetime64[us, UTC]) and problem (string: what is
        not as it was, in words).

        Parameters
        ----------
        item
            Id of the only video; None for all.
        progress
            Called for each video with the number of frames done and to do.

        Raises
        ------
        SourceError, ImageError
            If a video cannot be opened or decoded.
        """
        from labelwidgets.workflow.frame_proof import (
            SeenFrame,
            compare,
            labelled_frames,
            nothing_compared,
        )

        tables = []
        for item_id, row in self._in_time(item).items():
            made = [one for one in self._store.read() if one.item_id == item_id]
            labelled = labelled_frames(made)
            if row["kind"] != "video" or not labelled:
                continue
            known = {
                frame: SeenFrame(*seen) for frame, seen in self._store.seen_frames(item_id).items()
            }
            video = self.dataset.video(item_id)
            now = datetime.now(UTC)
            table, fresh = compare(item_id, labelled, known, video, now, progress)
            self._store.put_seen_frames(item_id, fresh)
            tables.append(table)
        return pd.concat(tables, ignore_index=True) if tables else nothing_compared()

    def _in_time(self, item: str | None) -> dict[str, dict[str, Any]]:
        """Return the videos and sequences by id, or the one that is named."""
        rows: list[Any] = self._store.items().to_dict("records")
        found = {row["id"]: row for row in rows if row["kind"] in IN_TIME}
        if item is None:
            return found
        if item not in found:
            raise SchemaError(
                f"{str(item)[:80]!r} is no video and no sequence of the project.", where="item"
            )
        return {item: found[item]}

    def carry(
        self, annotation: Annotation, frame: int, frames: int = 30, **parameters: Any
    ) -> Annotation:
        """Return a label of a video carried on from a frame by what is seen of it.

        It gets keyframes on frames on which it has none; `update` keeps it.

        Parameters
        ----------
        annotation
            A track, or a shape of one frame, of `records`.
        frame
            Where it begins, counted from 0.
        frames
            Over how many frames it is carried.
        **parameters
            ``tolerance`` (1 pixel; 0 is a keyframe on every frame), ``certainty`` (0.5, from 0 to
            1) and ``backward`` (False): see `labelwidgets.assist.carry.carry`.

        Raises
        ------
        ToolError
            If it is lost at once or a keyframe follows, saying so, or a parameter is impossible.
        MissingExtraError
            If OpenCV is not installed.
        SourceError, ImageError
            If the video cannot be read.

        Examples
        --------
        >>> fly = project.records("class_name == 'fly'")[0]
        >>> project.update(project.carry(fly, frame=120, frames=50))
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import extend_track

        film = self.dataset.film(annotation.item_id, frame)
        return extend_track(find("carry"), film, annotation, {"frames": frames, **parameters})[0]

    def suggest_keyframes(
        self, annotation: Annotation, reach: int = 0, **parameters: Any
    ) -> tuple[Annotation, list[int]]:
        """Return a track with keyframes where it is likely to be wrong between others, and where.

        Parameters
        ----------
        annotation
            A track, of `records`.
        reach
            How far from its first keyframe it looks, in frames; 0 is everywhere.
        **parameters
            ``tolerance`` (5 pixels), ``most`` (10) and ``certainty`` (0.5): see
            `labelwidgets.assist.suggest_keyframes.suggest_keyframes`.

        Returns
        -------
        changed : Annotation
            No label yet: `update` keeps it.
        frames : list of int
            Those to look at, rising.

        Raises
        ------
        ToolError, MissingExtraError, SourceError, ImageError
            As for `carry`; ToolError too where there is nothing to suggest.
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import extend_track

        known = getattr(annotation.geometry, "keyframes", {})
        film = self.dataset.film(annotation.item_id, min(known, default=0))
        tool = find("suggest_keyframes")
        made, proposal = extend_track(tool, film, annotation, {"reach": reach, **parameters})
        return made, [mark.frame for mark in proposal.marks]

    def cuts(self, item: str, threshold: float = 16.0, shortest: int = 5) -> list[Cut]:
        """Return where the shots of a video begin, but for the first.

        Parameters
        ----------
        item
            Which video, by its id.
        threshold, shortest
            See `labelwidgets.algorithms.cuts.find_cuts`.

        Raises
        ------
        SourceError, ImageError
            If the video cannot be read.
        """
        from labelwidgets.assist.cuts import cuts_of

        return cuts_of(self.dataset.film(item), threshold, shortest)
