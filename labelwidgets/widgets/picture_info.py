"""What a page is told of a picture: of one that is shown whole, or by tiles."""

from __future__ import annotations

import dataclasses
from typing import Any

from labelwidgets.media.delivery import Direct
from labelwidgets.media.reformats import Reformat
from labelwidgets.media.tiles import Pyramid
from labelwidgets.workflow.session import Picture


def picture_info(kind: str, picture: Picture) -> dict[str, Any]:
    """Return the content of a message, of type `kind`, whose buffer is the picture."""
    content: dict[str, Any] = {
        "type": kind,
        "mime": picture.mime,
        "width": picture.width,
        "height": picture.height,
    }
    if picture.values is not None:
        content["values"] = dataclasses.asdict(picture.values)
    if picture.overlay is not None:
        content["overlay"] = picture.overlay
    return content


def reformat_info(made: Reformat) -> dict[str, Any]:
    """Return the content of a message whose buffer is a cut, with how much of it is there."""
    content = picture_info("pixels", made.picture)
    content["across"] = {"missing": made.missing, "lost": made.lost, "slices": made.slices}
    return content


def direct_info(direct: Direct) -> dict[str, Any]:
    """Return the content of a message that says where a page gets a picture from."""
    return {
        "type": "pixels",
        "mime": direct.mime,
        "width": direct.width,
        "height": direct.height,
        "url": direct.url,
    }


def pyramid_info(pyramid: Pyramid) -> dict[str, Any]:
    """Return the shape of a large picture; its tiles are asked for one by one."""
    values = pyramid.values
    content: dict[str, Any] = {
        "type": "pyramid",
        "width": pyramid.width,
        "height": pyramid.height,
        "levels": [
            {
                "width": level.width,
                "height": level.height,
                "tileWidth": level.tile_width,
                "tileHeight": level.tile_height,
                "scale": level.scale,
            }
            for level in pyramid.levels
        ],
    }
    if values is not None:
        content["values"] = values._asdict()
    return content
