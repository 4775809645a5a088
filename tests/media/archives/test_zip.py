"""Zip archives, beside Python's zipfile, and hostile ones."""

import io
import random
import struct
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import LabelwidgetsError, LimitError, SourceError
from labelwidgets.media import Limits
from labelwidgets.media.archives.zip import ZipArchive
from tests.media.archives.making import Counted, Holes, zipped

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:"), min_size=1
)
MEMBERS = st.dictionaries(
    NAMES.filter(lambda name: name not in (".", "..")), st.binary(), max_size=8
)
PLAIN = bytes(range(256)) * 40
NOISE = random.Random(3).randbytes(50_000)


def opened(data, limits=None) -> ZipArchive:
    return ZipArchive(Counted(data), limits or Limits())


def everything(archive: ZipArchive) -> dict[str, bytes]:
    return {name: archive.member(name).fetch(0, 1 << 30) for name in archive.names()}


@given(MEMBERS, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), st.binary(max_size=50))
def test_members_are_what_zipfile_reads(members, method, before):
    data = before + zipped(members.items(), method)
    archive = opened(data)
    with zipfile.ZipFile(io.BytesIO(data)) as theirs:
        assert everything(archive) == {name: theirs.read(name) for name in theirs.namelist()}
    assert archive.faults == {}


@given(
    st.binary(min_size=1, max_size=100_000) | st.just(NOISE * 9) | st.just(PLAIN * 40),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, 200_000)), max_size=5),
)
def test_ranges_of_a_member_are_slices_of_it(data, method, ranges):
    member = opened(zipped([("a", b"other"), ("b", data)], method)).member("b")
    assert member.size() == len(data)
    for start, count in ranges:
        assert member.fetch(start, start + count) == data[start : start + count]


@given(
    st.binary(max_size=3000) | st.just(zipped([("a", PLAIN)])),
    st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 255)), max_size=6),
)
def test_no_damage_does_more_than_a_typed_error(data, changes):
    broken = bytearray(data)
    for at, value in changes:
        if broken:
            broken[at % len(broken)] = value
    try:
        archive = opened(bytes(broken))
    except LabelwidgetsError:
        return
    for name in archive.names():
        try:
            archive.member(name).fetch(0, 1 << 30)
        except LabelwidgetsError:
            continue


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_is_one_request_and_hardly_more_than_its_bytes(method):
    data = zipped([(f"{n}.jpg", NOISE) for n in range(40)], method)
    place = Counted(data)
    archive = ZipArchive(place, Limits())
    assert place.read <= (1 << 16) + 22
    place.log.clear()
    assert archive.member("7.jpg").fetch(0, 1 << 30) == NOISE
    assert len(place.log) == 1
    assert place.read <= len(NOISE) + 200


def test_one_photo_of_a_zip_of_2_gb_costs_its_bytes_and_its_index():
    file = Holes()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1000):
            if number == 700:
                archive.writestr("photos/700.jpg", NOISE * 40)
                continue
            with archive.open(f"photos/{number}.jpg", "w") as member:
                member.write(bytes(2_100_000))
    assert file.length > 2_000_000_000
    place = file.place("/data/photos.zip")
    member = ZipArchive(place, Limits()).member("photos/700.jpg")
    assert member.fetch(0, 1 << 30) == NOISE * 40
    assert place.read <= 1.3 * len(NOISE) * 40 + 256_000
    assert len(place.log) <= 3


def test_zip64_is_read():
    file = Holes()
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for number in range(2):
            with archive.open(f"{number}.bin", "w", force_zip64=True) as member:
                for _ in range(220):
                    member.write(bytes(10_000_000))
        archive.writestr("last.jpg", NOISE)
    place = file.place("/data/large.zip")
    archive = ZipArchive(place, Limits())
    assert set(archive.names()) == {"0.bin", "1.bin", "last.jpg"}
    assert archive.member("0.bin").size() == 2_200_000_000
    assert archive.member("last.jpg").fetch(0, 1 << 30) == NOISE


def test_more_members_than_16_bits_count_are_read():
    archive = opened(zipped((f"{number}", b"") for number in range(70_000)))
    assert len(list(archive.names())) == 70_000


def test_more_members_than_allowed_are_refused_before_they_are_read():
    place = Counted(zipped((f"{number}", b"") for number in range(2000)))
    with pytest.raises(LimitError, match="2000 members or more, at most 100 are allowed"):
        ZipArchive(place, Limits(members=100))
    assert len(place.log) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.jpg", "leads out"),
        ("a/../../evil.jpg", "leads out"),
        ("..\\evil.jpg", "leads out"),
        ("/etc/passwd.jpg", "absolute"),
        ("\\share\\a.jpg", "absolute"),
        ("C:\\a.jpg", "absolute"),
        ("a\x1b[31m.jpg", "not plain Unicode"),
        ("aa::b.jpg", "'::' in its name"),
        ("a" * 5000, "5,000 letters"),
    ],
)
def test_a_name_that_leads_out_is_refused_and_the_others_are_read(name, words):
    archive = opened(zipped([(name, PLAIN), ("good.jpg", PLAIN)]))
    assert everything(archive) == {"good.jpg": PLAIN}
    (error,) = archive.faults.values()
    assert words in str(error)
    assert "/data/archive, member" in str(error)


def test_a_name_twice_is_refused_whole():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive = opened(zipped([("a.jpg", b"one"), ("a.jpg", b"two"), ("b.jpg", b"3")]))
    assert list(archive.names()) == ["b.jpg"]
    assert "more than once" in str(archive.faults["a.jpg"])


@pytest.mark.parametrize(
    ("mode", "words"),
    [(0o120777, "a link"), (0o060660, "a device"), (0o010600, "a device or a pipe")],
)
def test_links_and_devices_are_refused(mode, words):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.jpg")
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, "/etc/passwd")
    assert words in str(opened(buffer.getvalue()).faults["a.jpg"])


def changed(data: bytes, mark: bytes, offset: int, form: str, value: int) -> bytes:
    """Change a field of every header of a kind."""
    made, at = bytearray(data), data.find(mark)
    while at >= 0:
        struct.pack_into(form, made, at + offset, value)
        at = data.find(mark, at + 4)
    return bytes(made)


LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
GOOD = zipped([("a.jpg", PLAIN)], zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(GOOD, DIRECTORY, 8, "<H", 1), "is encrypted"),
        (changed(GOOD, DIRECTORY, 10, "<H", 99), "is encrypted"),
        (changed(GOOD, DIRECTORY, 10, "<H", 14), "compressed by LZMA"),
        (changed(GOOD, DIRECTORY, 10, "<H", 0), "contradicts itself about its size"),
        (changed(GOOD, DIRECTORY, 20, "<L", 1 << 20), "overlaps"),
        (changed(GOOD, DIRECTORY, 24, "<L", 0xFFFFFFFF), "ZIP64 field is missing"),
    ],
)
def test_a_member_that_cannot_be_right_is_refused_by_name(data, words):
    archive = opened(data)
    assert list(archive.names()) == []
    assert words in str(archive.faults["a.jpg"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(GOOD, LOCAL, 0, "<L", 0), "not where the directory says"),
        (changed(GOOD, LOCAL, 6, "<H", 1), "another one than the directory says"),
        (changed(GOOD, LOCAL, 8, "<H", 0), "another one than the directory says"),
        (changed(GOOD, LOCAL, 30, "<H", 0x4141), "another one than the directory says"),
        (changed(GOOD, LOCAL, 28, "<H", 60_000), "overlaps"),
        (changed(GOOD, DIRECTORY, 24, "<L", 100), "inflates to more"),
        (changed(GOOD, DIRECTORY, 24, "<L", 100_000), "inflates to less"),
        (changed(GOOD, DIRECTORY, 16, "<L", 7), "checksum"),
        (changed(GOOD, LOCAL, 36, "<L", 0xFFFFFFFF), "is damaged"),
    ],
)
def test_a_member_that_lies_is_an_error_when_it_is_read(data, words):
    member = opened(data).member("a.jpg")
    with pytest.raises(SourceError, match=words) as caught:
        member.fetch(0, 1 << 30)
    assert "/data/archive, member 'a.jpg'" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no zip archive, or cut short"),
        (b"PK\x05\x06", "no zip archive, or cut short"),
        (GOOD[:-30], "no zip archive, or cut short"),
        (GOOD[40:], "contradicts itself about where"),
        (changed(GOOD, END, 10, "<H", 3), "one part of an archive"),
        (changed(changed(GOOD, END, 8, "<H", 3), END, 10, "<H", 3), "contradicts itself"),
        (changed(GOOD, END, 12, "<L", 1 << 30), "contradicts itself about where"),
        (changed(GOOD, END, 16, "<L", 1 << 30), "contradicts itself about where"),
        (changed(GOOD, DIRECTORY, 0, "<L", 0), "member 0 is not there"),
    ],
)
def test_an_archive_that_lies_is_an_error_when_it_is_opened(data, words):
    with pytest.raises(SourceError, match=words) as caught:
        opened(data)
    assert str(caught.value).startswith("/data/archive: ")


def test_a_bomb_is_refused_by_its_ratio():
    data = zipped(
        [("bomb.png", bytes(100_000_000)), ("black.png", bytes(10_000_000))], zipfile.ZIP_DEFLATED
    )
    archive = opened(data)
    assert list(archive.names()) == ["black.png"]
    assert isinstance(archive.faults["bomb.png"], LimitError)
    assert list(opened(data, Limits(inflate_ratio=2000)).names()) == ["bomb.png", "black.png"]


def test_a_bomb_that_lies_about_its_size_is_not_inflated():
    data = changed(
        zipped([("a.png", bytes(300_000_000))], zipfile.ZIP_DEFLATED), DIRECTORY, 24, "<L", 1000
    )
    with pytest.raises(SourceError, match="inflates to more"):
        opened(data).member("a.png").fetch(0, 1 << 30)


def test_members_that_overlap_are_refused():
    # As in 42.zip's successors, several members of the directory are one piece of data.
    data = zipped([("a.jpg", PLAIN), ("b.jpg", PLAIN)])
    second = data.find(LOCAL, 4)
    at = data.find(DIRECTORY)
    made = bytearray(data)
    size = struct.unpack_from("<L", data, at + 20)[0] + second
    struct.pack_into("<2L", made, at + 20, size, size)
    archive = opened(bytes(made))
    assert list(archive.names()) == ["b.jpg"]
    assert "overlaps" in str(archive.faults["a.jpg"])


@pytest.mark.parametrize("part", range(1, 10))
def test_every_cut_is_a_typed_error(part):
    data = zipped([(f"{n}.jpg", PLAIN) for n in range(5)])
    with pytest.raises(SourceError):
        opened(data[: len(data) * part // 10])
