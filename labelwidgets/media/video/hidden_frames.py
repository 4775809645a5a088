"""Frames that codecs decode and do not show, told by the first bits of a packet."""

from __future__ import annotations


def is_hidden(codec: str, data: bytes) -> bool:
    """Say whether a packet becomes no frame.

    VP8 (RFC 6386, 9.1) and VP9 (bitstream specification 0.6, 6.2) keep pictures that others refer
    to and that are not shown themselves; a superframe of VP9 holds them with one that is shown.
    """
    if codec == "vp8":
        return len(data) > 2 and not data[0] & 0x10
    if codec == "vp9":
        return _hidden_vp9(data)
    return False


def _hidden_vp9(data: bytes) -> bool:
    if not data or data[0] >> 6 != 2 or data[-1] & 0xE0 == 0xC0:
        return False
    # frame marker, profile, a reserved bit in profile 3, show existing, type of frame, show
    at = 4 + (data[0] >> 4 & 3 == 3)
    bits = int.from_bytes(data[:2], "big") if len(data) > 1 else data[0] << 8
    existing, shown = bits >> (15 - at) & 1, bits >> (13 - at) & 1
    return not existing and not shown
