"""nibabel, when it is needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.extras import library as extra

TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Between DICOM's left, back, head and NIfTI's right, front, head, either way."""


def library() -> Any:
    """Return nibabel.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    return extra("nibabel", "dicom", "nifti")
