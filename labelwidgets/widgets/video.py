"""The annotator with what a notebook wants to say of videos."""

from __future__ import annotations

from typing import Any

import traitlets

from labelwidgets.errors import WorkflowError
from labelwidgets.widgets.image import ImageAnnotator
from labelwidgets.workflow.session import Session

SPEEDS = (0.1, 0.25, 0.5, 1, 2, 4)
"""Times the video's own rate."""


class VideoAnnotator(ImageAnnotator):
    """Label videos in a notebook cell.

    Every annotator shows videos; this one is told how it begins.

    Parameters
    ----------
    session
        One person's hold on a project's tasks, from `Project.session`.
    frame
        The frame that the first video is opened at, from 0.
    speed
        How fast videos are played at first, times their own rate: 0.1, 0.25, 0.5, 1, 2 or 4.
    tracking
        Whether what is drawn begins a track, or is on its frame alone; None for what the person
        chose last.
    **options
        Of `ImageAnnotator`.

    Raises
    ------
    WorkflowError
        If an option is none of these, or `session` is no session.
    """

    film = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        session: Session,
        *,
        frame: int | None = None,
        speed: float = 1,
        tracking: bool | None = None,
        **options: Any,
    ) -> None:
        if frame is not None and (
            isinstance(frame, bool) or not isinstance(frame, int) or frame < 0
        ):
            raise WorkflowError(
                f"must be the number of a frame, from 0, not {frame!r:.40}.", where="frame"
            )
        if speed not in SPEEDS or isinstance(speed, bool):
            raise WorkflowError(
                f"must be one of {', '.join(map(str, SPEEDS))}, not {speed!r:.40}.", where="speed"
            )
        if tracking is not None and not isinstance(tracking, bool):
            raise WorkflowError(f"must be True or False, not {tracking!r:.40}.", where="tracking")
        super().__init__(session, **options)
        self.set_trait("film", {"frame": frame, "speed": speed, "tracking": tracking})

    def __repr__(self) -> str:
        return f"VideoAnnotator(project={self.session.project_name!r}, user={self.session.user!r})"
