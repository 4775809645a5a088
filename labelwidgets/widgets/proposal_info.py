"""What a page is told of a tool's proposal."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from labelwidgets.assist.results import ARRAY_TYPES, Proposal
from labelwidgets.errors import ToolError


def proposal_info(proposal: Proposal) -> tuple[dict[str, Any], list[bytes]]:
    """Return content and buffers of a message that says what a tool proposes.

    Raises
    ------
    ToolError
        If an array of it is of a type that no page reads.
    """
    arrays = [(name, np.ascontiguousarray(made)) for name, made in proposal.arrays.items()]
    for name, made in arrays:
        if made.dtype.name not in ARRAY_TYPES:
            raise ToolError(f"has the type {made.dtype}.", where=f"array {name!r}")
    content = {
        "type": "computed",
        "tool": proposal.tool,
        "version": proposal.version,
        "parameters": proposal.parameters,
        "shapes": [msgspec.to_builtins(made) for made in proposal.shapes],
        "arrays": [
            {"name": name, "dtype": made.dtype.name, "shape": list(made.shape)}
            for name, made in arrays
        ],
        "note": proposal.note,
        "marks": [msgspec.to_builtins(mark) for mark in proposal.marks],
    }
    return content, [made.tobytes() for _, made in arrays]
