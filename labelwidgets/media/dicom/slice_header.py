"""What is known of a DICOM file before its pixels are read."""

from __future__ import annotations

from typing import Literal

import msgspec

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

Three = tuple[float, float, float]
Six = tuple[float, float, float, float, float, float]


class SliceHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The elements of a file that order, place and decode its picture.

    No name, id or date of a patient is among them. What a file does not say is None, an empty
    text or an empty tuple; a number of no use (``1A``) is as if it were not there, but `slope` and
    `intercept` are NaN and `frames` is 0 then, so that nothing is made up.

    Parameters
    ----------
    sop_class, sop_instance, study, series, frame_of_reference
        UIDs.
    transfer_syntax
        UID; where the file names none, that of the encoding it was found in.
    modality, image_type, series_description
        As DICOM names them.
    series_number, acquisition_number, instance_number, temporal_position, echo_number
        Whole numbers.
    echo_time, trigger_time, b_value, frame_time
        Milliseconds; s/mm2 for the b-value.
    acquisition_time
        HHMMSS.ffffff.
    position
        Of the centre of the first pixel, LPS millimetres (PS3.3 C.7.6.2.1.1).
    orientation
        Direction cosines of a row and of a column.
    pixel_spacing
        Millimetres from row to row and from column to column.
    spacing_source
        ``pixel`` for PixelSpacing, ``imager`` for ImagerPixelSpacing (at the detector, not in
        the patient), ``scanned`` for NominalScannedPixelSpacing; empty where there is none.
    thickness, spacing_between, tilt
        Millimetres, millimetres, degrees.
    rows, columns, samples, frames
        0 rows where there is no picture.
    bits_allocated, bits_stored, high_bit, signed
        How a stored value lies in its cell.
    photometric, planar
        PhotometricInterpretation, and PlanarConfiguration (1: plane by plane).
    padding, padding_limit
        Stored values that mean nothing, from one to the other.
    slope, intercept, rescale_type, units
        From stored values to those of the modality; Units is that of PET.
    window_centres, window_widths, window_explanations, voi_function
        The windows that the file suggests (PS3.3 C.11.2).
    burnt_in
        BurnedInAnnotation: ``YES``, ``NO`` or empty.
    has_modality_lut, has_voi_lut, has_palette, has_functional_groups
        Whether there are tables, or groups of frames, to be read from the file.
    overlays
        Groups (0x6000 to 0x601E) of overlay planes.
    pixel_kind
        The element that holds the pixels; empty where none does.
    pixel_vr
        Its value representation: OB or OW, which differ in big endian files alone.
    pixel_offset
        Where its value begins in the file; in the inflated data set where that is deflated.
    pixel_length
        Its bytes as claimed; None for encapsulated fragments.
    offset_table, offset_lengths
        Start and length of the values of the extended offset table (PS3.5 A.4).
    """

    sop_class: str = ""
    sop_instance: str = ""
    study: str = ""
    series: str = ""
    frame_of_reference: str = ""
    transfer_syntax: str = ""
    modality: str = ""
    image_type: tuple[str, ...] = ()
    series_description: str = ""
    series_number: int | None = None
    acquisition_number: int | None = None
    instance_number: int | None = None
    temporal_position: int | None = None
    echo_number: int | None = None
    echo_time: float | None = None
    trigger_time: float | None = None
    b_value: float | None = None
    frame_time: float | None = None
    acquisition_time: str = ""
    position: Three | None = None
    orientation: Six | None = None
    pixel_spacing: tuple[float, float] | None = None
    spacing_source: Literal["", "pixel", "imager", "scanned"] = ""
    thickness: float | None = None
    spacing_between: float | None = None
    tilt: float | None = None
    rows: int = 0
    columns: int = 0
    samples: int = 1
    frames: int = 1
    bits_allocated: int = 0
    bits_stored: int = 0
    high_bit: int = -1
    signed: bool = False
    photometric: str = ""
    planar: int = 0
    padding: int | None = None
    padding_limit: int | None = None
    slope: float = 1.0
    intercept: float = 0.0
    rescale_type: str = ""
    units: str = ""
    window_centres: tuple[float, ...] = ()
    window_widths: tuple[float, ...] = ()
    window_explanations: tuple[str, ...] = ()
    voi_function: str = ""
    burnt_in: str = ""
    has_modality_lut: bool = False
    has_voi_lut: bool = False
    has_palette: bool = False
    has_functional_groups: bool = False
    overlays: tuple[int, ...] = ()
    pixel_kind: Literal["", "integer", "float", "double"] = ""
    pixel_vr: str = ""
    pixel_offset: int | None = None
    pixel_length: int | None = None
    offset_table: tuple[int, int] | None = None
    offset_lengths: tuple[int, int] | None = None
