"""Coded concepts and colours as DICOM has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from labelwidgets.errors import OntologyError
from labelwidgets.formats.dicom_objects.parsing import sequence, text, value_of
from labelwidgets.schema.names import check_code

if TYPE_CHECKING:
    import pydicom

Code: TypeAlias = tuple[str, str, str]

# CID 7150 and 7166 of PS3.16: what a class without a code of its own is.
TISSUE: Code = ("SCT", "85756007", "Tissue")
ANATOMY: Code = ("SCT", "91723000", "Anatomical Structure")

# sRGB (IEC 61966-2-1) to the connection space of ICC profiles, adapted to its white of D50
# (Bradford): DICOM's CIELab values are of that (PS3.3, C.10.7.1.1).
_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def coded(code: Code) -> pydicom.Dataset:
    """Return the item of a code sequence (PS3.3, table 8.8-1)."""
    from pydicom import Dataset

    made = Dataset()
    made.CodingSchemeDesignator, made.CodeValue, made.CodeMeaning = code
    return made


def code_in(dataset: pydicom.Dataset, keyword: str) -> Code | None:
    """Return the first code of a sequence, None where it has none that a class can carry."""
    items = sequence(dataset, keyword)
    if not items:
        return None
    parts = (text(items[0], "CodingSchemeDesignator"), text(items[0], "CodeValue"))
    try:
        return check_code((*parts, text(items[0], "CodeMeaning")), keyword)
    except OntologyError:
        return None


def lab_of(color: str) -> list[int]:
    """Return a colour ``#rrggbb`` as the three 16-bit numbers of a CIELab value."""
    rgb = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    ratio = _TO_XYZ @ linear / _WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    light, a, b = 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
    scaled = np.array([light / 100, (a + 128) / 255, (b + 128) / 255]) * 65535
    return [int(value) for value in np.clip(np.rint(scaled), 0, 65535)]


def color_in(dataset: pydicom.Dataset, keyword: str) -> str | None:
    """Return a CIELab value as ``#rrggbb``, None where there is none."""
    value = value_of(dataset, keyword)
    try:
        light, a, b = (float(one) / 65535 for one in value)
    except (TypeError, ValueError):
        return None
    if not all(0 <= one <= 1 for one in (light, a, b)):
        return None
    fy = (light * 100 + 16) / 116
    f = np.array([fy + (a * 255 - 128) / 500, fy, fy - (b * 255 - 128) / 200])
    ratio = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)
    linear = np.clip(np.linalg.solve(_TO_XYZ, ratio * _WHITE), 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * one):02x}" for one in rgb.tolist())
