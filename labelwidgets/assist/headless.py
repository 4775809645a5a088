"""Tools run by scripts: what they propose, with an origin as the widget would give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.scan import Scan
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.geometry import VolumeMask


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
        note = proposal.note or f"proposed {len(proposal.shapes)} shapes, not one."
        raise ToolError(note, where=f"tool {tool.name!r}")
    origin = Origin(
        "tool",
        proposal.tool,
        proposal.version,
        {**proposal.parameters, "prompt": msgspec.to_builtins(prompt)},
    )
    return shape, origin
