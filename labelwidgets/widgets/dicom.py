"""The annotator with what a notebook wants to say of scans."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import traitlets

from labelwidgets.errors import OntologyError, WorkflowError
from labelwidgets.schema.windows import WindowPreset, find_window
from labelwidgets.widgets.image import ImageAnnotator, check_session
from labelwidgets.workflow.session import Session

Layout: TypeAlias = Literal["auto", "1x1", "1x2", "2x1", "2x2", "reformats"]
LAYOUTS = ("auto", "1x1", "1x2", "2x1", "2x2", "reformats")


class DicomAnnotator(ImageAnnotator):
    """Label scans in a notebook cell.

    Every annotator shows scans; this one is told how they are shown at first.

    Parameters
    ----------
    session
        One person's hold on a project's tasks, from `Project.session`.
    window
        The name of a window, one of the ontology's or of those for CT (``"Lung"``,
        ``"Bone marrow"``, ...), a `WindowPreset`, ``(width, level)`` in the unit of the values,
        or ``"auto"`` for the percentiles of the slice that is shown first; None for what the
        file suggests.
    layout
        How many pictures are seen at once: ``auto``, ``1x1``, ``1x2``, ``2x1``, ``2x2``, or
        ``reformats`` for the slices of a scan beside cuts across them.
    **options
        Of `ImageAnnotator`.

    Raises
    ------
    OntologyError
        If there is no such window.
    WorkflowError
        If there is no such layout, or `session` is none.
    """

    window = traitlets.Dict(None, allow_none=True, read_only=True).tag(sync=True)
    layout_name = traitlets.Unicode("auto", read_only=True).tag(sync=True)

    def __init__(
        self,
        session: Session,
        *,
        window: str | WindowPreset | tuple[float, float] | None = None,
        layout: Layout = "auto",
        **options: Any,
    ) -> None:
        if layout not in LAYOUTS:
            raise WorkflowError(
                f"must be one of {', '.join(LAYOUTS)}, not {layout!r:.40}.", where="layout"
            )
        check_session(session)
        chosen = _window(window, session.ontology.windows)
        super().__init__(session, **options)
        with self.hold_sync():
            self.set_trait("window", chosen)
            self.set_trait("layout_name", layout)

    def _window_ends(self) -> tuple[float, float] | None:
        chosen = self.window or {}
        if "level" not in chosen:
            return None
        half = chosen["width"] / 2
        return chosen["level"] - half, chosen["level"] + half

    def __repr__(self) -> str:
        return f"DicomAnnotator(project={self.session.project_name!r}, user={self.session.user!r})"


def _window(given: Any, own: list[WindowPreset]) -> dict[str, Any] | None:
    if given is None:
        return None
    if isinstance(given, str):
        if given.casefold() == "auto":
            return {"name": "auto"}
        found = find_window(given, own)
    elif isinstance(given, WindowPreset):
        found = given
    else:
        try:
            width, level = given
        except (TypeError, ValueError):
            raise OntologyError(
                f"must be a name or (width, level), not {given!r:.60}.", where="window"
            ) from None
        found = WindowPreset("own", level, width)
    return {"name": found.name, "level": found.level, "width": found.width}
