"""How browsers' decoders are told what they decode (W3C WebCodecs, codec registry)."""

from __future__ import annotations

import re
from fractions import Fraction

# VP9 levels (https://www.webmproject.org/vp9/levels/): samples a second and samples of a picture.
_VP9_LEVELS = (
    (10, 829_440, 36_864),
    (11, 2_764_800, 73_728),
    (20, 4_608_000, 122_880),
    (21, 9_216_000, 245_760),
    (30, 20_736_000, 552_960),
    (31, 36_864_000, 983_040),
    (40, 83_558_400, 2_228_224),
    (41, 160_432_128, 2_228_224),
    (50, 311_951_360, 8_912_896),
    (51, 588_251_136, 8_912_896),
    (52, 1_176_502_272, 8_912_896),
    (60, 1_176_502_272, 35_651_584),
    (61, 2_353_004_544, 35_651_584),
    (62, 4_706_009_088, 35_651_584),
)
_START = re.compile(b"\x00\x00\x01")
# So far into a packet parameters are looked for.
_SEARCHED = 1 << 16


def codec_string(
    codec: str, extradata: bytes, first: bytes, size: tuple[int, int], rate: Fraction | None
) -> tuple[str | None, bytes]:
    """Return WebCodecs' codec string of a stream, and the description that goes with it.

    Parameters
    ----------
    codec
        As FFmpeg names it.
    extradata
        What the container says for the decoder.
    first
        The bytes of the first packet; may be empty where `extradata` says all.
    size
        Width and height of decoded frames.
    rate
        Frames a second, for the level of VP9.

    Returns
    -------
    tuple
        None and nothing for codecs that browsers have no decoder of. The description is that of
        packets with lengths (avcC, hvcC); those with start codes (Annex B) have none.
    """
    head = first[:_SEARCHED]
    if codec == "h264":
        if extradata[:1] == b"\x01" and len(extradata) >= 7:
            return f"avc1.{extradata[1:4].hex()}", extradata
        parameters = _unit(extradata, 0x1F, 7) or _unit(head, 0x1F, 7)
        return (f"avc1.{parameters[1:4].hex()}", b"") if len(parameters) > 3 else (None, b"")
    if codec == "hevc":
        if extradata[:1] == b"\x01" and len(extradata) >= 23:
            return f"hvc1.{_hevc(extradata[1:13])}", extradata
        parameters = _unit(extradata, 0x7E, 66) or _unit(head, 0x7E, 66)
        # Two bytes of header, and one before the profile (ITU-T H.265, 7.3.2.2).
        profile = parameters.replace(b"\0\0\3", b"\0\0")[3:15]
        return (f"hev1.{_hevc(profile)}", b"") if len(profile) == 12 else (None, b"")
    if codec == "vp8":
        return "vp8", b""
    if codec == "vp9":
        return _vp9(head, size, rate), b""
    if codec == "av1":
        return _av1(extradata), b""
    return None, b""


def _unit(data: bytes, mask: int, kind: int) -> bytes:
    """Return the first unit of a kind from bytes with start codes; empty where there is none."""
    for found in _START.finditer(data):
        unit = data[found.end() : found.end() + 64]
        if unit and unit[0] & mask == kind:
            return unit
    return b""


def _hevc(profile: bytes) -> str:
    """Return profile, tier and level as ISO/IEC 14496-15, E.3 writes them."""
    space = ("", "A", "B", "C")[profile[0] >> 6]
    tier = "H" if profile[0] & 0x20 else "L"
    compatible = int(f"{int.from_bytes(profile[1:5], 'big'):032b}"[::-1], 2)
    constraints = profile[5:11].rstrip(b"\0")
    parts = [f"{space}{profile[0] & 0x1F}", f"{compatible:X}", f"{tier}{profile[11]}"]
    return ".".join([*parts, *(f"{one:X}" for one in constraints)])


def _vp9(head: bytes, size: tuple[int, int], rate: Fraction | None) -> str:
    profile, depth = 0, 8
    if len(head) > 5 and head[0] >> 6 == 2:
        profile = (head[0] >> 5 & 1) | (head[0] >> 4 & 1) << 1
        # Behind the marker, the profile and 4 bits come 24 of a code, then the depth.
        at = 8 + (profile == 3) + 24
        bits = int.from_bytes(head[:6], "big")
        depth = (12 if bits >> (47 - at) & 1 else 10) if profile > 1 else 8
    samples = size[0] * size[1]
    speed = samples * float(rate or 30)
    levels = (level for level, most, largest in _VP9_LEVELS if speed <= most and samples <= largest)
    return f"vp09.{profile:02}.{next(levels, 62)}.{depth:02}"


def _av1(extradata: bytes) -> str | None:
    """Return what av1C says (AV1 codec ISO media file format binding, 2.3 and 5)."""
    if len(extradata) < 4 or extradata[0] != 0x81:
        return None
    profile, level = extradata[1] >> 5, extradata[1] & 0x1F
    tier = "H" if extradata[2] & 0x80 else "M"
    high, twelve = extradata[2] & 0x40, extradata[2] & 0x20
    depth = (12 if twelve and profile == 2 else 10) if high else 8
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"
