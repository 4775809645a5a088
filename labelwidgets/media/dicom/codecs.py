"""Compressed frames, decoded by imagecodecs, or by what pydicom finds."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError
from labelwidgets.media.dicom.codestreams import Claim, jpeg2000_claim, jpeg_claim
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.numbered import numbered

Array = npt.NDArray[Any]

_JPEG = ("50", "51", "53", "55", "57", "70")
_FAMILIES = {
    **{f"1.2.840.10008.1.2.4.{last}": "jpeg" for last in _JPEG},
    **{f"1.2.840.10008.1.2.4.{last}": "jpegls" for last in ("80", "81")},
    **{f"1.2.840.10008.1.2.4.{last}": "jpeg2000" for last in ("90", "91", "92", "93")},
    **{f"1.2.840.10008.1.2.4.{last}": "htj2k" for last in ("201", "202", "203")},
    **{f"1.2.840.10008.1.2.4.{last}": "jpegxl" for last in ("110", "111", "112")},
    "1.2.840.10008.1.2.5": "rle",
    "1.2.840.10008.1.2.1.98": "bytes",
    "1.2.840.10008.1.2.8.1": "deflated",
}
_VIDEO = "1.2.840.10008.1.2.4.10"


def decode_frame(data: bytes, header: SliceHeader, where: str) -> Array:
    """Return the samples of an encapsulated frame.

    Parameters
    ----------
    data
        The encoded bytes, of all fragments.
    header
        Says what they are, and what is to come of them: that is checked before they are decoded
        where the codestream says it, and always after.
    where
        The name that errors give to the file.

    Returns
    -------
    ndarray
        (rows, columns), or (rows, columns, samples), as they were before they were encoded:
        colours of JPEG and JPEG 2000 are RGB. Signed where the header says so.

    Raises
    ------
    ImageError
        If it is damaged, of another size, or of a syntax that nothing here decodes, which is
        named with the extra that helps.
    """
    family = _FAMILIES.get(header.transfer_syntax)
    if family is None:
        raise _undecodable(header, where)
    if family == "bytes":
        return native(data, header, where)
    if family == "deflated":
        return native(_inflated(data, header, where), header, where)
    claim = _claim(data, family, header, where)
    try:
        made = _DECODERS[family](data, header, claim)
    except (ImportError, AttributeError):
        made = _by_pydicom(data, header, where)
    except Exception as error:
        # Each codec has errors of its own; their texts tell nothing to a person.
        raise _damaged(header, where, type(error).__name__) from None
    if made.ndim == 3 and made.shape[2] == 1:
        made = made[..., 0]
    if made.shape != shape_of(header):
        raise ImageError(
            f"holds a picture of {made.shape}, though it claims {shape_of(header)}.", where=where
        )
    return _signed(made, header.signed, claim.bits if claim else header.bits_stored)


def shape_of(header: SliceHeader) -> tuple[int, ...]:
    """Return the shape of a frame: (rows, columns), or with samples where there are several."""
    size = (header.rows, header.columns)
    return size if header.samples == 1 else (*size, header.samples)


def native(data: bytes, header: SliceHeader, where: str) -> Array:
    """Return uncompressed bytes as samples, without a copy where that can be."""
    order = ">" if header.transfer_syntax == "1.2.840.10008.1.2.2" else "<"
    bits, (rows, columns) = header.bits_allocated, (header.rows, header.columns)
    count = rows * columns * header.samples
    if header.pixel_kind in ("float", "double"):
        return np.frombuffer(data, order + ("f4" if bits == 32 else "f8"), count).reshape(
            shape_of(header)
        )
    if _is_subsampled(header):
        return _full(np.frombuffer(data, np.uint8, rows * columns * 2), rows, columns)
    kind = "i" if header.signed else "u"
    made = np.frombuffer(data, f"{order}{kind}{bits // 8}", count)
    if header.samples > 1 and header.planar == 1:
        return np.moveaxis(made.reshape(header.samples, rows, columns), 0, -1)
    return made.reshape(shape_of(header))


def native_size(header: SliceHeader) -> int:
    """Return how many bytes an uncompressed frame has; of single bits those that hold them."""
    if _is_subsampled(header):
        return header.rows * header.columns * 2
    bits = header.rows * header.columns * header.samples * header.bits_allocated
    return -(-bits // 8)


def _is_subsampled(header: SliceHeader) -> bool:
    """Say whether two pixels share their colour differences (PS3.3 C.7.6.3.1.2)."""
    return (
        header.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")
        and header.samples == 3
        and header.bits_allocated == 8
    )


def _full(data: npt.NDArray[np.uint8], rows: int, columns: int) -> Array:
    """Return pixels with colour differences of their own, from pairs Y Y Cb Cr."""
    pairs = data.reshape(-1, 4)
    made = np.empty((len(pairs), 2, 3), np.uint8)
    made[..., 0] = pairs[:, :2]
    made[..., 1:] = pairs[:, None, 2:]
    return made.reshape(rows, columns, 3)


def _claim(data: bytes, family: str, header: SliceHeader, where: str) -> Claim | None:
    if family in ("jpeg", "jpegls"):
        claim = jpeg_claim(data)
    elif family in ("jpeg2000", "htj2k"):
        claim = jpeg2000_claim(data)
    else:
        return None
    if claim is None:
        raise _damaged(header, where, "no header of a picture")
    if (claim.rows, claim.columns, claim.samples) != (header.rows, header.columns, header.samples):
        raise ImageError(
            f"holds a picture of {claim.columns} x {claim.rows} with "
            f"{numbered(claim.samples, 'sample')}, "
            f"though it claims {header.columns} x {header.rows} with {header.samples}.",
            where=where,
        )
    return claim


def _jpeg(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    if header.samples == 3 and header.photometric == "RGB" and claim and not claim.adobe:
        # Nothing in the stream says so, and it would be taken for YCbCr.
        plain: Array = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
        return plain
    made: Array = imagecodecs.jpeg8_decode(data)
    return made


def _jpegls(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    made: Array = imagecodecs.jpegls_decode(data)
    return made


def _jpeg2000(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    made: Array = imagecodecs.jpeg2k_decode(data)
    return made


def _htj2k(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    made: Array = imagecodecs.htj2k_decode(data)
    return made


def _jpegxl(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    # Into an array of the size that is claimed: a larger one is refused before it is decoded.
    kind = np.uint8 if header.bits_allocated == 8 else np.uint16
    out: Array = np.empty(shape_of(header), kind)
    made: Array = imagecodecs.jpegxl_decode(data, out=out)
    return made


def _rle(data: bytes, header: SliceHeader, claim: Claim | None) -> Array:
    import imagecodecs

    size, cell = native_size(header), max(1, header.bits_allocated // 8)
    # Of that size and no larger: runs are a 64th of what they stand for.
    decoded: Any = bytearray(size)
    imagecodecs.dicomrle_decode(data, f"<u{cell}", out=decoded)
    out = np.frombuffer(decoded, np.uint8)
    if header.bits_allocated == 1:
        count = header.rows * header.columns
        return np.unpackbits(out, count=count, bitorder="little").reshape(shape_of(header))
    planes = out.view(f"<u{cell}").reshape(header.samples, header.rows, header.columns)
    return planes[0] if header.samples == 1 else np.moveaxis(planes, 0, -1)


_DECODERS: dict[str, Callable[[bytes, SliceHeader, Claim | None], Array]] = {
    "jpeg": _jpeg,
    "jpegls": _jpegls,
    "jpeg2000": _jpeg2000,
    "htj2k": _htj2k,
    "jpegxl": _jpegxl,
    "rle": _rle,
}


def _inflated(data: bytes, header: SliceHeader, where: str) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        made = inflater.decompress(data, native_size(header))
    except zlib.error:
        raise _damaged(header, where, "zlib") from None
    if len(made) < native_size(header):
        raise _damaged(header, where, "too short")
    return made


def _by_pydicom(data: bytes, header: SliceHeader, where: str) -> Array:
    """Return what one of pydicom's plug-ins makes of a frame, where one is installed."""
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    try:
        decoder = get_decoder(UID(header.transfer_syntax))
    except NotImplementedError:
        raise _undecodable(header, where) from None
    if not decoder.is_available:
        raise _undecodable(header, where)
    options: dict[str, Any] = {
        "rows": header.rows,
        "columns": header.columns,
        "samples_per_pixel": header.samples,
        "photometric_interpretation": header.photometric,
        "pixel_representation": int(header.signed),
        "bits_allocated": header.bits_allocated,
        "bits_stored": header.bits_stored,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "planar_configuration": header.planar,
    }
    # JPEG as RGB, as imagecodecs has it; the others as they were stored.
    raw = _FAMILIES[header.transfer_syntax] != "jpeg"
    try:
        made, _ = decoder.as_array(encapsulate([data], has_bot=False), raw=raw, **options)
    except Exception as error:
        # pydicom wraps the errors of its plug-ins in several of its own.
        raise _damaged(header, where, type(error).__name__) from None
    return made


def _signed(made: Array, signed: bool, bits: int) -> Array:
    """Return samples with the sign that the header says they have, whatever the codec said."""
    if made.dtype.kind not in "iu" or signed == (made.dtype.kind == "i"):
        return made
    cell = 8 * made.dtype.itemsize
    if not signed:
        unsigned = made.view(f"u{made.dtype.itemsize}")
        return unsigned if bits >= cell else unsigned & np.array((1 << bits) - 1, unsigned.dtype)
    same = made.view(f"i{made.dtype.itemsize}")
    return same if bits >= cell else (same << (cell - bits)) >> (cell - bits)


def _damaged(header: SliceHeader, where: str, why: str) -> ImageError:
    return ImageError(f"cannot be decoded as {_named(header)} ({why}): it is damaged.", where=where)


def _undecodable(header: SliceHeader, where: str) -> ImageError:
    if header.transfer_syntax.startswith(_VIDEO):
        hint = "It is a video; scans of slices and single pictures are shown."
    elif header.transfer_syntax in _FAMILIES:
        hint = 'Install what decodes it with: pip install "labelwidgets[dicom]"'
    else:
        hint = "Convert it, for instance with dcmdjpeg or gdcmconv, and open the copy."
    return ImageError(
        f"is compressed as {_named(header)}, which nothing that is installed decodes.",
        where=where,
        hint=hint,
    )


def _named(header: SliceHeader) -> str:
    from pydicom.uid import UID

    uid = header.transfer_syntax[:64]
    name = UID(uid).name
    return f"{name} ({uid})" if name != uid else f"an unknown transfer syntax ({uid!r})"
