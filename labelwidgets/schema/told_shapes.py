"""Whether a label still has the shape that its file said more of.

Files say of shapes what does not follow from them: the box of a person around joints, the outline
beside them, the pixels of a crowd. It is kept with the origin, and is true of that one shape.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from labelwidgets.schema.annotation import Annotation

SHAPE = "shape"
"""What of an origin says which shape its file was about: see `digest_of`."""

_encode = msgspec.json.Encoder().encode


def digest_of(geometry: Any) -> str:
    """Return sixteen hexadecimal digits that are the same of equal shapes, wherever they are.

    Parameters
    ----------
    geometry
        The shape, in pixels of the full image.
    """
    return hashlib.blake2b(_encode(geometry), digest_size=8).hexdigest()


def is_as_read(label: Annotation) -> bool:
    """Say whether a label has the shape that its origin tells of.

    It may have been changed since and back again. Of labels that do not say which shape that was,
    as those of older files and projects, it is those that nobody has changed: the first revision
    of a project is the making.
    """
    told = label.origin.parameters.get(SHAPE)
    return label.revision <= 1 if told is None else told == digest_of(label.geometry)
