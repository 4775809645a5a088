"""Standardised uptake values of PET, where its header allows them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from labelwidgets.media.dicom.look_up import items_of
from labelwidgets.media.dicom.slice_header import SliceHeader

if TYPE_CHECKING:
    from pydicom import Dataset

_RADIOPHARMACEUTICAL = 0x00540016
TAGS = [
    0x00080021,
    0x00080022,
    0x00080031,
    0x00080032,
    0x00101030,
    0x00280051,
    0x00541102,
    _RADIOPHARMACEUTICAL,
]
"""The elements that the factor is made of."""


def uptake_factor(dataset: Dataset, header: SliceHeader, earliest: str = "") -> float | None:
    """Return what becquerels per millilitre are multiplied with to be SUV by body weight.

    As the Quantitative Imaging Biomarkers Alliance has it (QIBA, "Computing SUV from DICOM"):
    the weight over the dose that is left at the time that decay was corrected to.

    Parameters
    ----------
    dataset
        Has the elements of `TAGS`. The weight is used for that alone.
    header
        Of a slice.
    earliest
        When the first slice of the series was acquired (HHMMSS), which counts where the time of
        the series is a later one, that of its processing.

    Returns
    -------
    float or None
        1 where values are SUV already; None where the header does not allow it.
    """
    if header.modality != "PT":
        return None
    if header.units == "GML":
        return 1.0
    corrected = dataset.get("CorrectedImage")
    corrections = [corrected] if isinstance(corrected, str) else list(corrected or ())
    if header.units != "BQML" or not {"ATTN", "DECY"} <= set(map(str, corrections)):
        return None
    weight = _number(dataset.get("PatientWeight"))
    for item in items_of(dataset, _RADIOPHARMACEUTICAL)[:1]:
        dose = _number(item.get("RadionuclideTotalDose"))
        half = _number(item.get("RadionuclideHalfLife"))
        if not weight or not dose or not half:
            return None
        how = str(dataset.get("DecayCorrection", ""))
        if how == "ADMIN":
            return weight * 1000 / dose
        passed = _passed(dataset, item, earliest)
        if how != "START" or passed is None:
            return None
        made = weight * 1000 / (dose * 2 ** (-passed / half))
        return made if 0 < made < math.inf else None
    return None


def _passed(dataset: Dataset, item: Dataset, earliest: str) -> float | None:
    """Return the seconds from injection to the time that decay was corrected to."""
    series = _moment(dataset.get("SeriesDate"), dataset.get("SeriesTime"))
    acquired = _moment(
        dataset.get("AcquisitionDate") or dataset.get("SeriesDate"),
        earliest or dataset.get("AcquisitionTime"),
    )
    scan = min((one for one in (series, acquired) if one is not None), default=None)
    if scan is None:
        return None
    whole = str(item.get("RadiopharmaceuticalStartDateTime") or "")
    start = _moment(whole[:8], whole[8:])
    if start is None:
        start = _moment(f"{scan:%Y%m%d}", item.get("RadiopharmaceuticalStartTime"))
        if start is not None and start > scan:
            # Before midnight.
            start -= timedelta(days=1)
    if start is None:
        return None
    passed = (scan - start).total_seconds()
    return passed if 0 <= passed < 7 * 86400 else None


def _moment(date: Any, time: Any) -> datetime | None:
    digits = f"{date or ''}".replace(".", "")[:8] + f"{time or ''}".replace(":", "")[:6]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None


def _number(value: Any) -> float | None:
    try:
        made = float(value)
    except (TypeError, ValueError):
        return None
    return made if 0 < made < math.inf else None
