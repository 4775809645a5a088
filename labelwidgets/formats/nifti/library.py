"""nibabel, when it is needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.errors import MissingExtraError

TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Between DICOM's left, back, head and NIfTI's right, front, head, either way."""


def library() -> Any:
    """Return nibabel.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import nibabel
    except ImportError:
        raise MissingExtraError(
            "nibabel is not installed, which reads and writes NIfTI.",
            where="nifti",
            hint='Run: pip install "labelwidgets[dicom]"',
        ) from None
    return nibabel
