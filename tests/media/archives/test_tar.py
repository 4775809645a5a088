"""Tar archives, plain and gzipped, beside Python's tarfile, and hostile ones."""

import gzip
import io
import random
import struct
import tarfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import LabelwidgetsError, LimitError, SourceError
from labelwidgets.media import Limits
from labelwidgets.media.archives.gzip import GzipArchive
from labelwidgets.media.archives.tar import TarArchive
from tests.media.archives.making import Counted, Holes, tarred

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:."), min_size=1
)
MEMBERS = st.dictionaries(NAMES, st.binary(max_size=3000), min_size=1, max_size=8)
FORMATS = st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
NOISE = random.Random(3).randbytes(50_000)


def opened(data, limits=None) -> TarArchive:
    return TarArchive(Counted(data), limits or Limits())


def everything(archive) -> dict[str, bytes]:
    return {name: archive.member(name).fetch(0, 1 << 30) for name in archive.names()}


@given(MEMBERS, FORMATS, st.sampled_from(["w", "w:gz"]))
def test_members_are_what_tarfile_reads(members, form, mode):
    try:
        data = tarred(members.items(), mode, format=form)
    except ValueError:
        return  # ustar has no room for such a name.
    with tarfile.open(fileobj=io.BytesIO(data)) as theirs:
        expected = {info.name: theirs.extractfile(info).read() for info in theirs}
    archive = opened(data)
    assert everything(archive) == expected
    assert archive.faults == {}


@given(
    st.lists(st.integers(0, 400_000), min_size=1, max_size=12),
    st.sampled_from(["w", "w:gz"]),
    st.data(),
)
def test_ranges_of_members_of_any_size_are_slices(sizes, mode, draw):
    contents = {f"{n}.bin": (NOISE * 8)[n : n + size] for n, size in enumerate(sizes)}
    archive = opened(tarred(contents.items(), mode))
    assert list(archive.names()) == list(contents)
    for name, data in contents.items():
        member = archive.member(name)
        assert member.size() == len(data)
        start = draw.draw(st.integers(0, len(data) + 10))
        stop = draw.draw(st.integers(0, len(data) + 10))
        assert member.fetch(start, stop) == data[start:stop]


@given(
    st.sampled_from(
        [tarred([("a.jpg", NOISE), ("b" * 200, b"x")], form) for form in ("w", "w:gz")]
    ),
    st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_no_damage_does_more_than_a_typed_error(data, changes):
    broken = bytearray(data)
    for at, value in changes:
        broken[at % len(broken)] = value
    try:
        everything(opened(bytes(broken)))
    except LabelwidgetsError:
        return


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_too_long_for_a_header_are_read(form):
    name = "/".join(["Überlänge" * 12] * 5) + ".jpg"
    assert everything(opened(tarred([(name, NOISE), ("b.jpg", b"b")], format=form))) == {
        name: NOISE,
        "b.jpg": b"b",
    }


def test_one_slice_of_a_series_costs_its_bytes_and_its_index():
    size = 524_288 + 1000
    file = Holes()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for number in range(450):
            info = tarfile.TarInfo(f"series/{number}.dcm")
            info.size = size
            archive.addfile(info, io.BytesIO(NOISE * 10 + bytes(size - 500_000)))
    place = file.place("/data/series.tar")
    archive = TarArchive(place, Limits())
    assert len(list(archive.names())) == 450
    # Slices of one size: where the headers are is guessed, so that they come beside each other.
    assert place.read <= 256_000
    place.log.clear()
    assert archive.member("series/300.dcm").fetch(0, 1 << 30)[:500_000] == NOISE * 10
    assert len(place.log) == 1
    assert place.read <= size + 512


def test_a_tar_of_large_members_of_all_sizes_is_jumped_through():
    draw = random.Random(5)
    file = Holes()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(60):
            info = tarfile.TarInfo(f"photos/{'ü' * 10}{number}.jpg")
            info.size = draw.randrange(2_000_000, 9_000_000)
            info.mtime = 1.5
            archive.addfile(info, io.BytesIO(bytes(info.size)))
    place = file.place("/data/photos.tar")
    assert len(list(TarArchive(place, Limits()).names())) == 60
    assert place.read <= 256_000


def test_a_tar_of_small_members_is_read_through_in_few_requests():
    data = tarred((f"{number}.png", NOISE[: number * 9]) for number in range(2000))
    place = Counted(data)
    assert len(list(TarArchive(place, Limits()).names())) == 2000
    assert place.read <= len(data) * 1.1
    assert len(place.log) <= 15


def test_a_member_of_a_gzipped_tar_is_read_from_a_checkpoint():
    data = tarred(((f"{n}.bin", random.Random(n).randbytes(300_000)) for n in range(60)), "w:gz")
    place = Counted(data)
    archive = TarArchive(place, Limits())
    assert place.read <= len(data) + 1000
    place.log.clear()
    assert archive.member("50.bin").fetch(0, 1 << 30) == random.Random(50).randbytes(300_000)
    assert place.read <= 1.3 * 300_000 + 256_000


def test_the_middle_of_a_large_gzipped_member_is_read_from_a_checkpoint():
    content = random.Random(1).randbytes(1 << 20) * 40
    place = Counted(tarred([("large.bin", content)], "w:gz", compresslevel=1))
    archive = TarArchive(place, Limits())
    place.log.clear()
    at = 30 << 20
    assert archive.member("large.bin").fetch(at, at + 1000) == content[at : at + 1000]
    assert place.read <= 9 << 20


def test_checkpoints_are_bounded_however_many_members_there_are():
    data = tarred(((f"{n}", NOISE) for n in range(1500)), "w:gz", compresslevel=1)
    archive = opened(data)
    assert len(archive._data._checkpoints) <= 512
    assert archive.member("1400").fetch(0, 1 << 20) == NOISE


def entry(name="a.jpg", kind=tarfile.REGTYPE, data=b"data", **fields) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.type, info.size = kind, len(data)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.addfile(info, io.BytesIO(data))
        good = tarfile.TarInfo("good.jpg")
        good.size = 4
        archive.addfile(good, io.BytesIO(b"good"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (entry("../evil.jpg"), "leads out"),
        (entry("/etc/passwd"), "absolute"),
        (entry("C:/a.jpg"), "absolute"),
        (entry("good.jpg"), "more than once"),
        (entry(kind=tarfile.SYMTYPE, data=b"", linkname="/etc/passwd"), "is a link"),
        (entry(kind=tarfile.LNKTYPE, data=b"", linkname="good.jpg"), "is a hard link"),
        (entry(kind=tarfile.CHRTYPE, data=b""), "is a device"),
        (entry(kind=tarfile.BLKTYPE, data=b""), "is a device"),
        (entry(kind=tarfile.FIFOTYPE, data=b""), "is a pipe"),
        (entry(kind=tarfile.GNUTYPE_SPARSE), "is a sparse file"),
    ],
)
def test_a_member_that_is_no_file_of_its_own_is_refused_and_the_others_are_read(data, words):
    archive = opened(data)
    ((name, error),) = archive.faults.items()
    assert words in str(error)
    assert str(error).startswith(f"/data/archive, member {name!r}")
    assert everything(archive) == ({} if name == "good.jpg" else {"good.jpg": b"good"})


def test_folders_are_no_members():
    data = entry("folder", tarfile.DIRTYPE, b"")
    assert everything(opened(data)) == {"good.jpg": b"good"}


def test_a_sparse_file_of_pax_is_refused():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("GNUSparseFile.0/a.jpg")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "a.jpg"}
        archive.addfile(info)
    assert "sparse" in str(opened(buffer.getvalue()).faults["GNUSparseFile.0/a.jpg"])


def test_what_comes_before_a_cut_is_read():
    data = tarred([(f"{n}.bin", NOISE) for n in range(5)])
    archive = opened(data[:120_000])
    assert list(archive.names()) == ["0.bin", "1.bin"]
    assert "cut short: the archive ends within it" in str(archive.faults["2.bin"])


def test_a_gzipped_tar_that_is_cut_says_so():
    noise = [(f"{n}.bin", random.Random(n).randbytes(50_000)) for n in range(5)]
    archive = opened(tarred(noise, "w:gz")[:120_000])
    assert list(archive.names())[:2] == ["0.bin", "1.bin"]
    assert "is cut short" in str(archive.faults[""])
    with pytest.raises(SourceError, match="cut short"):
        archive.member("2.bin").fetch(0, 1 << 20)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no tar archive"),
        (b"\x89PNG" * 400, "no tar archive"),
        (b"\x1f\x8b" + bytes(100), "is damaged"),
        (gzip.compress(b"no tar" * 200), "no tar archive"),
        (gzip.compress(b""), "no tar archive"),
    ],
    ids=["empty", "picture", "cut gzip", "gzip of text", "gzip of nothing"],
)
def test_what_is_no_tar_is_refused(data, words):
    with pytest.raises(SourceError, match=words):
        opened(data)


def test_an_archive_that_was_replaced_is_noticed():
    place = Counted(tarred([("a.bin", NOISE), ("b.bin", NOISE)]))
    archive = TarArchive(place, Limits())
    place.data = tarred([("a.bin", NOISE[:40_000]), ("c.bin", NOISE)])
    with pytest.raises(SourceError, match="not where it was"):
        archive.member("b.bin").fetch(0, 1 << 20)


def test_more_members_than_allowed_are_refused():
    archive = opened(tarred((f"{n}", b"") for n in range(200)), Limits(members=100))
    assert isinstance(archive.faults[""], LimitError)
    assert "101 members or more" in str(archive.faults[""])


def test_a_bomb_is_refused_by_its_ratio():
    bomb = tarred([("bomb.png", bytes(80_000_000)), ("b.png", b"")], "w:gz")
    archive = opened(bomb)
    assert isinstance(archive.faults[""], LimitError)
    assert opened(bomb, Limits(inflate_ratio=2000)).faults == {}


def test_a_size_that_lies_reads_nothing_that_is_not_there():
    made = bytearray(tarred([("a.jpg", NOISE)], format=tarfile.GNU_FORMAT))
    made[124:136] = b"\x80" + struct.pack(">3xQ", 1 << 60)
    made[148:156] = b"        "
    made[148:156] = b"%06o\0 " % sum(made[:512])
    archive = opened(bytes(made))
    assert "cut short" in str(archive.faults["a.jpg"])


class TestGzip:
    @given(st.lists(st.binary(max_size=5000), min_size=1, max_size=5), st.integers(0, 3))
    def test_a_file_of_several_streams_is_their_sum(self, parts, padding):
        data = b"".join(map(gzip.compress, parts)) + bytes(padding)
        archive = GzipArchive(Counted(data, "/data/scan.tif.gz"), Limits())
        (name,) = archive.names()
        assert name == "scan.tif"
        member = archive.member(name)
        assert member.url == "gzip://scan.tif::/data/scan.tif.gz"
        assert member.size() == len(b"".join(parts))
        assert member.fetch(0, 1 << 20) == b"".join(parts)

    @given(st.integers(0, 400_000), st.integers(0, 100_000))
    def test_ranges_are_slices(self, start, count):
        content = NOISE * 8
        archive = GzipArchive(Counted(gzip.compress(content)), Limits())
        member = archive.member(archive.name)
        assert member.fetch(start, start + count) == content[start : start + count]
        assert member.fetch(start, start + count) == content[start : start + count]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (gzip.compress(NOISE)[:-9], "cut short"),
            (gzip.compress(NOISE)[:-8] + bytes(8), "is damaged"),
            (gzip.compress(NOISE) + b"more", "something behind its end"),
            (zlib.compress(NOISE), "is damaged"),
            (b"", "cut short"),
        ],
    )
    def test_damage_is_named(self, data, words):
        archive = GzipArchive(Counted(data), Limits())
        with pytest.raises(SourceError, match=words) as caught:
            archive.member(archive.name).size()
        assert "/data/archive, member 'archive'" in str(caught.value)

    def test_a_bomb_is_refused_by_its_ratio(self):
        archive = GzipArchive(Counted(gzip.compress(bytes(80_000_000))), Limits())
        with pytest.raises(LimitError, match="at most 100 times"):
            archive.member(archive.name).fetch(0, 1 << 30)

    def test_there_is_no_other_member(self):
        with pytest.raises(KeyError):
            GzipArchive(Counted(b""), Limits()).member("other")
