"""Tools run by scripts: what they propose, with an origin as the widget would give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.results import Proposal
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import LabelwidgetsError, ToolError
from labelwidgets.media.film import Film
from labelwidgets.media.scan import Scan
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.tracks import Keyframe, Track


def propose_in_scan(
    tool: Tool, scan: Scan, prompt: Prompt, parameters: Mapping[str, Any]
) -> tuple[VolumeMask, Origin]:
    """Return the one shape that a tool proposes in a scan, and how it was made.

    Raises
    ------
    ToolError
        If it proposes none, saying why, or several; else as `Tool.propose`.
    """
    proposal = tool.propose(scan, prompt, parameters)
    shape = proposal.shapes[0].geometry if len(proposal.shapes) == 1 else None
    if not isinstance(shape, VolumeMask):
        note = proposal.note or f"proposed {numbered(len(proposal.shapes), 'shape')}, not one."
        raise ToolError(note, where=f"tool {tool.name!r}")
    origin = Origin(
        "tool",
        proposal.tool,
        proposal.version,
        {**proposal.parameters, "prompt": msgspec.to_builtins(prompt)},
    )
    return shape, origin


def extend_track(
    tool: Tool, film: Film, label: Annotation, parameters: Mapping[str, Any]
) -> tuple[Annotation, Proposal]:
    """Return a label with the keyframes that a tool proposes for it, and the proposal.

    Keyframes that it has stay as they are. A shape of one frame becomes a track.

    Raises
    ------
    ToolError
        If none is proposed, saying why; else as `Tool.propose`.
    """
    geometry = label.geometry
    known = geometry if isinstance(geometry, Track) else None
    if known is None:
        try:
            known = Track({label.frame or 0: Keyframe(geometry)})  # type: ignore[arg-type]
        except LabelwidgetsError as error:
            raise ToolError(error.message, where=f"annotation {label.id!r}") from None
    proposal = tool.propose(film, Prompt(track=known), parameters)
    made = proposal.shapes[0].geometry if len(proposal.shapes) == 1 else None
    if not isinstance(made, Track):
        raise ToolError(proposal.note or "proposed nothing.", where=f"tool {tool.name!r}")
    origin = Origin("tool", proposal.tool, proposal.version, proposal.parameters)
    whole = Track({**made.keyframes, **known.keyframes})
    changed = msgspec.structs.replace(label, geometry=whole, frame=None, origin=origin)
    return changed, proposal
