"""Every format and mode against what it was made of."""

import contextlib
import io
import itertools
import math
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from labelwidgets.errors import ImageError, LimitError, MissingExtraError, SourceError
from labelwidgets.media import Limits, open_image
from labelwidgets.media.header import read_header
from labelwidgets.media.image import decode
from labelwidgets.media.orientation import upright
from tests.media.builders import exif, gradient, noise, png, save, tiff_claiming

RGB = gradient()
GREY = RGB[..., 0].copy()
BITS = GREY > 120
RGBA = np.dstack([RGB, GREY])
LOSSLESS = ("PNG", "TIFF", "WEBP", "BMP", "GIF")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(save(Image.fromarray(RGB), "PNG"), RGB, id="png-rgb"),
        pytest.param(save(Image.fromarray(RGBA), "PNG"), RGBA, id="png-rgba"),
        pytest.param(save(Image.fromarray(GREY), "PNG"), GREY, id="png-grey"),
        pytest.param(save(Image.fromarray(BITS), "PNG"), BITS * np.uint8(255), id="png-1-bit"),
        pytest.param(png(RGBA[..., [0, 3]]), RGBA[..., [0, 0, 0, 3]], id="png-grey-alpha"),
        pytest.param(save(Image.fromarray(RGB), "BMP"), RGB, id="bmp-rgb"),
        pytest.param(save(Image.fromarray(GREY), "BMP"), GREY, id="bmp-grey"),
        pytest.param(save(Image.fromarray(BITS), "BMP"), BITS * np.uint8(255), id="bmp-1-bit"),
        pytest.param(save(Image.fromarray(RGB), "WEBP", lossless=True), RGB, id="webp-rgb"),
        pytest.param(
            save(Image.fromarray(RGBA), "WEBP", lossless=True, exact=True), RGBA, id="webp-rgba"
        ),
        pytest.param(save(Image.fromarray(GREY), "GIF"), RGB[..., [0, 0, 0]], id="gif-grey"),
        pytest.param(save(Image.fromarray(RGB), "TIFF"), RGB, id="tiff-rgb"),
        pytest.param(save(Image.fromarray(RGBA), "TIFF"), RGBA, id="tiff-rgba"),
        pytest.param(save(Image.fromarray(BITS), "TIFF"), BITS * np.uint8(255), id="tiff-1-bit"),
        pytest.param(
            save(Image.fromarray(BITS), "TIFF", compression="group4"),
            BITS * np.uint8(255),
            id="tiff-fax",
        ),
        pytest.param(save(Image.fromarray(GREY), "TIFF", compression="tiff_lzw"), GREY, id="lzw"),
        pytest.param(save(Image.fromarray(noise(9, 7)), "PNG"), noise(9, 7), id="png-16-grey"),
        pytest.param(png(noise(9, 7, 3)), noise(9, 7, 3), id="png-16-rgb"),
        pytest.param(png(noise(9, 7, 4)), noise(9, 7, 4), id="png-16-rgba"),
        pytest.param(png(noise(9, 7, 2)), noise(9, 7, 2)[..., [0, 0, 0, 1]], id="png-16-la"),
        pytest.param(png(noise(19, 17, 3), interlaced=True), noise(19, 17, 3), id="png-16-adam7"),
        pytest.param(png(noise(19, 17), interlaced=True), noise(19, 17), id="png-16-grey-adam7"),
        pytest.param(
            png(noise(19, 17, 4, dtype=np.uint8), interlaced=True),
            noise(19, 17, 4, dtype=np.uint8),
            id="png-8-adam7",
        ),
    ],
)
def test_pixels_are_what_was_saved(data, expected):
    pixels = decode(data)
    assert pixels.dtype == expected.dtype
    np.testing.assert_array_equal(pixels, expected)
    header = read_header(data)
    assert (header.height, header.width) == expected.shape[:2]
    assert header.bits == (1 if header.mode == "1" else expected.dtype.itemsize * 8)


def test_palettes_become_colours():
    image = Image.fromarray(RGB).quantize(16)
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        np.testing.assert_array_equal(
            decode(save(image, kind)), np.asarray(image.convert("RGB")), err_msg=kind
        )


def test_transparent_colours_become_alpha():
    image = Image.fromarray(RGB).quantize(16)
    index = image.getpixel((0, 0))
    for kind in ("PNG", "GIF"):
        pixels = decode(save(image, kind, transparency=index))
        np.testing.assert_array_equal(pixels[..., 3], np.where(np.asarray(image) == index, 0, 255))
    grey = decode(save(Image.fromarray(GREY), "PNG", transparency=0))
    np.testing.assert_array_equal(grey[..., 3], np.where(GREY == 0, 0, 255))


def test_cmyk_becomes_rgb():
    image = Image.fromarray(RGB).convert("CMYK")
    assert np.abs(decode(save(image, "TIFF")).astype(int) - RGB).max() <= 1
    jpeg = save(image, "JPEG", quality=98, subsampling=0)
    assert read_header(jpeg).mode == "CMYK"
    assert np.abs(decode(jpeg).astype(int) - RGB).mean() < 3


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_is_close(mode, progressive):
    image = Image.fromarray(RGB).convert(mode)
    pixels = decode(save(image, "JPEG", quality=95, subsampling=0, progressive=progressive))
    assert pixels.shape == np.asarray(image).shape
    assert np.abs(pixels.astype(int) - np.asarray(image)).mean() < 3


TIFFS = [
    {"byteorder": order, "compression": compression, **more}
    for order, compression, more in itertools.product(
        "<>", [None, "zlib"], [{}, {"tile": (16, 16)}, {"bigtiff": True}]
    )
]


@pytest.mark.parametrize("options", TIFFS, ids=str)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"])
def test_every_number_of_a_tiff_file_is_kept(dtype, options):
    tifffile = pytest.importorskip("tifffile")
    for pixels in (noise(20, 18, dtype=dtype), noise(20, 18, 3, dtype=dtype)):
        buffer = io.BytesIO()
        photometric = "rgb" if pixels.ndim == 3 else "minisblack"
        tifffile.imwrite(buffer, pixels, photometric=photometric, **options)
        found = decode(buffer.getvalue())
        assert found.dtype == pixels.dtype
        np.testing.assert_array_equal(found, pixels)
        assert read_header(buffer.getvalue()).bits == pixels.dtype.itemsize * 8


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [3, 4])
def test_planes_and_predictors_of_a_tiff_file(dtype, compression, channels):
    tifffile = pytest.importorskip("tifffile")
    pixels = noise(20, 18, channels, dtype=dtype)
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        np.moveaxis(pixels, -1, 0),
        photometric="rgb",
        planarconfig="separate",
        compression=compression,
        extrasamples=["unassalpha"] if channels == 4 else None,
    )
    np.testing.assert_array_equal(decode(buffer.getvalue()), pixels)


def test_a_tiff_file_whose_zero_is_white():
    tifffile = pytest.importorskip("tifffile")
    for pixels in (noise(8, 8, dtype="u1"), noise(8, 8, dtype="u2")):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, pixels, photometric="miniswhite")
        top = np.iinfo(pixels.dtype).max
        np.testing.assert_array_equal(decode(buffer.getvalue()), top - pixels)


def test_the_first_picture_counts():
    frames = [Image.fromarray(frame) for frame in (RGB, 255 - RGB)]
    for kind in ("PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = save(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        np.testing.assert_array_equal(decode(data)[..., :3], RGB, err_msg=kind)
        assert read_header(data).frames in (None, 2)
        assert read_header(save(frames[0], kind)).frames == 1
    data = save(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert read_header(data).mime == "image/jpeg"
    assert np.abs(decode(data).astype(int) - RGB).mean() < 6


def _oriented(upright_pixels, orientation, kind, **options):
    """Store a picture so that turning it by `orientation` brings back the upright one."""
    turns = [
        None,
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_90,  # What ROTATE_270 (orientation 6) brings back.
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_270,
    ]
    image = Image.fromarray(upright_pixels)
    if turns[orientation] is not None:
        image = image.transpose(turns[orientation])
    return save(image, kind, exif=exif(orientation), **options)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 98, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_all_orientations_come_out_upright(kind, options, orientation):
    data = _oriented(RGB, orientation, kind, **options)
    pixels = decode(data)
    assert pixels.shape == RGB.shape
    assert np.abs(pixels.astype(int) - RGB).mean() < (3 if kind == "JPEG" else 1e-9)
    header = read_header(data)
    assert (header.width, header.height) == (RGB.shape[1], RGB.shape[0])
    assert header.orientation == orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", ["u2", "f4", "f8"])
def test_orientations_of_wide_tiff_files(orientation, dtype):
    tifffile = pytest.importorskip("tifffile")
    for pixels in (noise(6, 9, dtype=dtype), noise(6, 9, 3, dtype=dtype)):
        for compression in (None, "zlib"):
            buffer = io.BytesIO()
            tifffile.imwrite(
                buffer,
                pixels,
                photometric="rgb" if pixels.ndim == 3 else "minisblack",
                compression=compression,
                extratags=[(274, "H", 1, orientation, True)],
            )
            found = decode(buffer.getvalue())
            np.testing.assert_array_equal(found, upright(pixels, orientation))


def test_an_orientation_that_browsers_do_not_know_is_not_applied():
    block = exif(1).replace(b"\x12\x01\x03\x00\x01\x00\x00\x00\x01", b"")
    for bad in (exif(9), exif(0), b"Exif\0\0nonsense", block):
        assert decode(save(Image.fromarray(RGB), "JPEG", exif=bad)).shape == RGB.shape
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"/></x:xmpmeta>'
    for kind in ("JPEG", "TIFF"):
        assert decode(save(Image.fromarray(RGB), kind, xmp=xmp)).shape == RGB.shape


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)))
@settings(deadline=None, max_examples=40)
def test_lossless_formats_keep_any_grey_picture(pixels):
    for kind in LOSSLESS:
        found = decode(save(Image.fromarray(pixels), kind, lossless=True))
        found = found if found.ndim == 2 else found[..., 0]
        np.testing.assert_array_equal(found, pixels, err_msg=kind)


PHOTO = np.asarray(Image.fromarray(RGB).resize((200, 120), Image.Resampling.BICUBIC)) ^ noise(
    120, 200, 3, dtype=np.uint8
)
WHOLE = {
    "JPEG": save(Image.fromarray(PHOTO), "JPEG", exif=exif(1)),
    "progressive": save(Image.fromarray(PHOTO), "JPEG", progressive=True),
    "PNG": save(Image.fromarray(PHOTO), "PNG"),
    "PNG-16": png(noise(60, 80, 3)),
    "BMP": save(Image.fromarray(PHOTO), "BMP"),
    "WEBP": save(Image.fromarray(PHOTO), "WEBP"),
    "WEBP-lossless": save(Image.fromarray(PHOTO), "WEBP", lossless=True),
    "TIFF": save(Image.fromarray(PHOTO), "TIFF"),
    "TIFF-LZW": save(Image.fromarray(PHOTO), "TIFF", compression="tiff_lzw"),
    "GIF": save(Image.fromarray(PHOTO[..., 0]), "GIF"),
}


@pytest.mark.parametrize("tenths", range(10))
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_cut_short_is_an_error(name, tenths):
    data = WHOLE[name]
    assert decode(data).size
    part = data[: len(data) * tenths // 10]
    with pytest.raises(ImageError, match=r"^far/away\.img: ") as caught:
        decode(part, "far/away.img")
    if not tenths:
        assert "empty" in str(caught.value)


def test_the_error_says_where_the_file_ends():
    data = WHOLE["JPEG"]
    with pytest.raises(ImageError, match=rf"ends after {len(data) // 2} bytes.*200 x 120"):
        decode(data[: len(data) // 2])


def test_a_thumbnail_inside_does_not_hide_the_cut():
    small = save(Image.fromarray(RGB), "JPEG")
    data = save(Image.fromarray(PHOTO), "JPEG", comment=small)
    assert decode(data).shape == PHOTO.shape
    with pytest.raises(ImageError, match="cut short"):
        decode(data[:-2000])


def test_what_follows_the_end_does_not_matter():
    for name in ("JPEG", "PNG", "WEBP"):
        trailer = b"\xff\xda" + bytes(range(256)) * 3
        np.testing.assert_array_equal(decode(WHOLE[name] + trailer), decode(WHOLE[name]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\xef\xbb\xbf  <html>", "web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<svg onload=alert(1)>", "SVG"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04aaaa", "ZIP"),
        (b'{"error": 1}', "JSON"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"hello", "not a picture"),
        (bytes(1000), "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
        (b"\xff\xd8\xff", "damaged or cut short"),
        (b"GIF89a", "damaged or cut short"),
        (b"RIFF\0\0\0\0WEBP", "damaged or cut short|cut short"),
        (b"II*\0\xff\xff\xff\x7f", "directory"),
        (b"II*\0\x08\0\0\0\0\0", "cut short|directory|lacks"),
        (b"BM", "damaged or cut short"),
        (png(np.zeros((1, 1), np.uint8), claims=(0, 5)), "damaged|claims"),
    ],
)
def test_what_is_no_picture_is_named(data, words):
    for attempt in (decode, read_header):
        with pytest.raises(ImageError, match=words) as caught:
            attempt(data, "photos/x.png")
        assert str(caught.value).startswith("photos/x.png: ")


@pytest.mark.parametrize(
    "bomb",
    [
        png(np.zeros((1, 1), np.uint8), claims=(100_000, 100_000)),
        tiff_claiming(999_999_999, 1),
        tiff_claiming(999_999_999, 999_999_999),
        save(Image.fromarray(GREY), "BMP").replace(
            b"\x28\0\0\0\x28\0\0\0", b"\x28\0\0\0\0\0\0\x7f"
        ),
        save(Image.fromarray(GREY), "GIF").replace(
            b"GIF87a\x28\0\x18\0", b"GIF87a\xff\xff\xff\xff"
        ),
        b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\x00" + b"\xff\xff\x00" + bytes(40),
    ],
    ids=["png", "tiff-wide", "tiff", "bmp", "gif", "webp"],
)
def test_bombs_are_refused_by_their_header(bomb):
    for attempt in (decode, read_header):
        with pytest.raises(LimitError, match=r"^bomb: claims \d+ x \d+ pixels"):
            attempt(bomb, "bomb")


def test_a_huge_jpeg_claim_is_refused():
    data = bytearray(save(Image.fromarray(RGB), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(LimitError, match="65535 x 65535"):
        decode(bytes(data))


def test_a_bomb_of_channels_is_refused():
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer, np.zeros((10, 10, 100), "u2"), photometric="minisblack", planarconfig="contig"
    )
    with pytest.raises(LimitError):
        decode(buffer.getvalue(), limits=Limits(pixels=1000))
    assert decode(buffer.getvalue()).shape == (10, 10, 100)


def test_a_header_of_two_minds_is_refused():
    tifffile = pytest.importorskip("tifffile")
    for pixels in (noise(10, 12, dtype="u1"), noise(10, 12, 3), noise(10, 12, dtype="f8")):
        buffer = io.BytesIO()
        tifffile.imwrite(
            buffer, pixels, photometric="rgb" if pixels.ndim == 3 else "minisblack", metadata=None
        )
        data = buffer.getvalue()
        directory = data.index(b"\0\1\x04\0\1\0\0\0\x0c\0")
        second = data.index(b"\x1a\1\x05\0")  # The resolution, which nobody misses.
        wide = b"\0\1\4\0\1\0\0\0" + (500_000_000).to_bytes(4, "little")
        for at in (directory, second):
            changed = data[:at] + wide + data[at + 12 :]
            with pytest.raises((ImageError, LimitError)):
                decode(changed)


def test_a_tiff_file_without_its_pixels_is_an_error():
    tifffile = pytest.importorskip("tifffile")
    for pixels in (noise(10, 12, dtype="u1"), noise(10, 12, 3), noise(10, 12, dtype="f8")):
        buffer = io.BytesIO()
        photometric = "rgb" if pixels.ndim == 3 else "minisblack"
        tifffile.imwrite(buffer, pixels, photometric=photometric)
        data = buffer.getvalue()
        at = data.index(b"\x11\1\4\0")
        with pytest.raises(ImageError):
            decode(data[:at] + b"\x12\1\4\0" + data[at + 4 :])


def test_without_tifffile_the_rare_kinds_say_what_they_need(monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, noise(4, 4, dtype="f8"))
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(MissingExtraError, match=r"^a\.tif: .*pip install tifffile"):
        decode(buffer.getvalue(), "a.tif")
    common = save(Image.fromarray(noise(4, 4)), "TIFF")
    np.testing.assert_array_equal(decode(common), noise(4, 4))


def test_limits_reach_beyond_those_of_pillow(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    for kind in ("PNG", "JPEG", "BMP", "TIFF"):
        assert decode(save(Image.fromarray(RGB), kind)).shape == RGB.shape


def test_limits_are_whole_numbers():
    for bad in (0, -1, 1.5, True, "many"):
        with pytest.raises(LimitError, match="pixels"):
            Limits(pixels=bad)
    with pytest.raises(LimitError):
        decode(save(Image.fromarray(RGB), "PNG"), limits=Limits(pixels=RGB.shape[0] * 40 - 1))


def test_text_bombs_inside_png_files_are_errors():
    import zlib

    from tests.media.builders import chunk

    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))
    with pytest.raises(ImageError):
        decode(png(GREY, extra=bomb))


MAGICS = [WHOLE[name][:64] for name in WHOLE] + [
    tiff_claiming(3, 3)[:64],
    b"MM\0+\0\x08\0\0" + bytes(8),
]


@given(st.sampled_from(MAGICS), st.integers(2, 64), st.binary(max_size=200))
@example(b"II*\0" + b"\x08\0\0\0" + b"\xff\xff", 10, b"")
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore")
def test_garbage_raises_nothing_but_our_errors(head, keep, tail):
    for attempt in (read_header, decode):
        with contextlib.suppress(ImageError, LimitError):
            attempt(head[:keep] + tail)


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore")
def test_damage_raises_nothing_but_our_errors(name, data):
    content = bytearray(WHOLE[name])
    for _ in range(4):
        at = data.draw(st.integers(0, min(len(content) - 1, 400)))
        content[at] = data.draw(st.integers(0, 255))
    for attempt in (read_header, decode):
        with contextlib.suppress(ImageError, LimitError):
            attempt(bytes(content))


def test_open_image_reads_what_a_name_hides(tmp_path):
    lying = tmp_path / "photo.png"
    lying.write_bytes(save(Image.fromarray(RGB), "BMP"))
    np.testing.assert_array_equal(open_image(lying), RGB)
    np.testing.assert_array_equal(open_image(f"file://{lying}"), RGB)


def test_open_image_names_the_file(tmp_path):
    with pytest.raises(SourceError, match=r"nothing\.jpg: does not exist"):
        open_image(tmp_path / "nothing.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(ImageError, match=r"folder\.jpg: is a folder"):
        open_image(tmp_path / "folder.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(ImageError, match=r"empty\.jpg: is empty"):
        open_image(tmp_path / "empty.jpg")
    with pytest.raises(ImageError, match="pipe or a device"):
        open_image("/dev/zero")
    photo = tmp_path / "photo.bmp"
    photo.write_bytes(save(Image.fromarray(RGB), "BMP"))
    with pytest.raises(LimitError, match=r"photo\.bmp: has \d+ bytes"):
        open_image(photo, limits=Limits(file_bytes=100))


def test_real_photos_decode_as_pillow_has_them(shared_data):
    photos = sorted((shared_data / "coco" / "images").glob("*.jpg"))
    assert photos
    for photo in photos:
        with Image.open(photo) as image:
            np.testing.assert_array_equal(open_image(photo), np.asarray(image))


def test_every_picture_of_the_shared_data_is_read_or_refused(shared_data):
    names = [
        path
        for path in sorted(shared_data.rglob("*"))
        if path.suffix.lower() in (".jpg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp")
    ]
    assert names
    for path in names:
        pixels = open_image(path)
        assert pixels.ndim in (2, 3)
        assert not math.isnan(float(pixels.flat[0]))
