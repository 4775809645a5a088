import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.encoded import Encoded, eight_bits, encode, thumbnail
from labelwidgets.media.image import decode
from tests.media.builders import exif, gradient, noise, png, save

RGB = gradient()
GREY = RGB[..., 0].copy()
MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "GIF": "image/gif",
}


@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))),
    st.sampled_from(sorted(MIME)),
    st.sampled_from(["1", "L", "P", "RGB"]),
)
@settings(deadline=None, max_examples=80)
def test_what_browsers_show_passes_as_the_very_bytes(pixels, kind, mode):
    image = Image.fromarray(pixels).convert(mode)
    data = save(image.convert("RGB") if (kind, mode) == ("JPEG", "P") else image, kind)
    found = encode(data)
    assert found.data == data
    assert found.mime == MIME[kind]
    assert (found.height, found.width) == pixels.shape[:2]
    np.testing.assert_array_equal(decode(found.data), decode(data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_pictures(kind, orientation):
    data = save(Image.fromarray(RGB), kind, exif=exif(orientation))
    found = encode(data)
    upright = decode(data)
    assert (found.height, found.width) == upright.shape[:2]
    if kind == "JPEG" or (kind != "TIFF" and orientation == 1):
        assert found.data == data
    else:
        with Image.open(io.BytesIO(found.data)) as image:
            assert image.format == "PNG"
            assert image.getexif().get(0x0112, 1) == 1
            np.testing.assert_array_equal(np.asarray(image), upright)


@pytest.mark.parametrize(
    "data",
    [
        save(Image.fromarray(RGB), "TIFF"),
        save(Image.fromarray(RGB).convert("CMYK"), "JPEG"),
        save(Image.fromarray(noise(9, 7)), "PNG"),
        png(noise(9, 7, 3)),
        png(noise(9, 7, 4)),
        png(noise(9, 7, 2)),
        save(Image.fromarray(noise(9, 7, dtype="f4")), "TIFF"),
        save(Image.fromarray(noise(9, 7, dtype="i4")), "TIFF"),
    ],
)
def test_the_rest_becomes_png_of_8_bits(data):
    # Grey of more than 8 bits only where its values are not wanted.
    found = encode(data, raw=False)
    pixels = decode(data)
    assert found.mime == "image/png"
    with Image.open(io.BytesIO(found.data)) as image:
        assert image.size == (found.width, found.height) == pixels.shape[1::-1]
        assert image.mode in ("L", "RGB", "RGBA")
        np.testing.assert_array_equal(np.asarray(image), eight_bits(pixels))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_of_an_animation_the_first_frame_counts(kind):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = save(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    found = encode(data)
    with Image.open(io.BytesIO(found.data)) as image:
        assert image.format == "PNG"
        assert getattr(image, "n_frames", 1) == 1
        np.testing.assert_array_equal(np.asarray(image.convert("L")), GREY)


@pytest.mark.parametrize("kind", sorted(MIME))
@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_file_that_is_cut_short_does_not_pass(kind, tenths):
    data = save(Image.fromarray(noise(60, 80, 3, dtype="u1")), kind)
    part = data[: len(data) * tenths // 10]
    for attempt in (encode, thumbnail):
        with pytest.raises(ImageError, match=r"^a\.img: "):
            attempt(part, where="a.img")


def test_the_window_spans_the_percentiles():
    pixels = np.arange(10_000, dtype=np.uint16).reshape(100, 100) + 1000
    shades = eight_bits(pixels)
    low, high = np.percentile(pixels, (0.1, 99.9))
    assert shades[pixels <= low].max() == 0
    assert shades[pixels >= high].min() == 255
    middle = (pixels > low) & (pixels < high)
    expected = (pixels[middle] - low) / (high - low) * 255
    assert np.abs(shades[middle] - expected).max() <= 0.5 + 1e-9


@given(
    hnp.arrays(
        st.sampled_from([np.uint16, np.int16, np.int32, np.uint32, np.float32, np.float64]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=8),
    )
)
@settings(deadline=None)
def test_brighter_stays_brighter(pixels):
    shades = eight_bits(pixels)
    assert shades.shape == pixels.shape
    assert shades.dtype == np.uint8
    order = np.argsort(pixels[np.isfinite(pixels)], kind="stable")
    assert (np.diff(shades[np.isfinite(pixels)][order].astype(int)) >= 0).all()


def test_alpha_is_not_windowed():
    pixels = noise(9, 9, 4)
    pixels[..., 3] = 65535
    assert (eight_bits(pixels)[..., 3] == 255).all()
    pixels[..., 3] = 32768
    assert (eight_bits(pixels)[..., 3] == 128).all()


def test_infinite_and_constant_pictures():
    assert eight_bits(np.full((3, 3), np.nan)).max() == 0
    assert eight_bits(np.full((3, 3), 7.5)).max() == 0
    shades = eight_bits(np.array([[-np.inf, 0.0, 1.0, np.inf, np.nan]]))
    assert shades.tolist() == [[0, 0, 255, 255, 0]]


@pytest.mark.parametrize("edge", [1, 16, 96, 400])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_thumbnails_fit_and_are_upright(kind, orientation, edge):
    big = np.asarray(Image.fromarray(RGB).resize((500, 300)))
    data = save(Image.fromarray(big), kind, exif=exif(orientation))
    found = thumbnail(data, edge)
    upright = decode(data)
    assert max(found.width, found.height) == edge
    with Image.open(io.BytesIO(found.data)) as image:
        assert image.size == (found.width, found.height)
        assert image.format == "JPEG"
        small = np.asarray(image.convert("RGB")).astype(int)
    wanted = np.asarray(Image.fromarray(upright).resize((found.width, found.height)))
    if edge > 1:
        assert (found.width > found.height) == (upright.shape[1] > upright.shape[0])
        assert np.abs(small - wanted).mean() < 8


def test_thumbnails_keep_alpha_and_small_sizes():
    found = thumbnail(save(Image.fromarray(np.dstack([RGB, GREY])), "PNG"), 96)
    assert (found.mime, found.width, found.height) == ("image/png", 40, 24)
    with Image.open(io.BytesIO(found.data)) as image:
        np.testing.assert_array_equal(np.asarray(image)[..., 3], GREY)


def test_thumbnails_of_odd_channels():
    tifffile = pytest.importorskip("tifffile")
    for channels in (2, 5):
        buffer = io.BytesIO()
        tifffile.imwrite(
            buffer,
            noise(20, 30, channels),
            photometric="minisblack",
            planarconfig="contig",
        )
        assert thumbnail(buffer.getvalue(), 10).width == 10
        assert encode(buffer.getvalue()).width == 30


@pytest.mark.parametrize("edge", [0, -1, 4097, 9.5, True, "96"])
def test_edges_are_whole_numbers(edge):
    with pytest.raises(LimitError, match="edge"):
        thumbnail(save(Image.fromarray(RGB), "PNG"), edge)


def test_real_photos_pass(shared_data):
    photos = sorted((shared_data / "coco" / "images").glob("*.jpg"))
    assert photos
    for photo in photos:
        data = photo.read_bytes()
        found = encode(data)
        assert found.data == data
        small = thumbnail(data)
        assert max(small.width, small.height) == 96
        assert abs(small.width / small.height - found.width / found.height) < 0.05


def test_an_encoded_picture_shows_its_size_and_not_its_bytes() -> None:
    made = Encoded("image/png", b"x" * 5000, 80, 60)
    assert repr(made) == "Encoded('image/png', 80 x 60, 5,000 bytes)"
