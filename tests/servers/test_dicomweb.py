"""Series of a real DICOMweb server."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

import labelwidgets as lw
from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.headers import read_header
from labelwidgets.media.dicomweb.address import DicomAddress, dicom_address
from labelwidgets.media.dicomweb.metadata import read_metadata
from labelwidgets.media.limits import Limits
from labelwidgets.media.volumes import DicomVolume
from tests.servers.orthanc import PASSWORD, Orthanc

FILES = ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_gdcm.dcm")
SLICES = 12
FRAMES = 5


def content(made: pydicom.Dataset) -> bytes:
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def data_of(name: str) -> bytes:
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path)).read_bytes()


@pytest.fixture(scope="session")
def scans(orthanc: Orthanc) -> dict[str, bytes]:
    """Files of pydicom by their SOP instance UIDs, all in the server."""
    found = {}
    for data in map(data_of, FILES):
        orthanc.put(data)
        found[str(pydicom.dcmread(io.BytesIO(data)).SOPInstanceUID)] = data
    return found


@pytest.fixture(scope="session")
def slices(orthanc: Orthanc) -> tuple[str, list[str], list[bytes]]:
    """The URL of a series, and the UIDs and contents of its slices, put in another order."""
    made = pydicom.dcmread(io.BytesIO(data_of("CT_small.dcm")))
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.PatientID = made.PatientName = "Doe^Jane"
    made.SeriesDescription = "Thorax / 1 mm"
    uids, contents = [], []
    for number in range(SLICES):
        made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        made.InstanceNumber = number + 1
        made.PixelData = np.full((128, 128), number, np.int16).tobytes()
        uids.append(str(made.SOPInstanceUID))
        contents.append(content(made))
    for data in reversed(contents):
        orthanc.put(data)
    own = f"{orthanc.url}/studies/{made.StudyInstanceUID}/series/{made.SeriesInstanceUID}"
    return own, uids, contents


@pytest.fixture
def frames(orthanc: Orthanc) -> tuple[str, list[bytes]]:
    """The URL of an instance with several frames, and their pixels."""
    made = pydicom.dcmread(io.BytesIO(data_of("CT_small.dcm")))
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    pixels = [np.full((128, 128), number, np.int16).tobytes() for number in range(FRAMES)]
    made.NumberOfFrames, made.PixelData = FRAMES, b"".join(pixels)
    orthanc.put(content(made))
    parts = made.StudyInstanceUID, made.SeriesInstanceUID, made.SOPInstanceUID
    return "{}/studies/{}/series/{}/instances/{}".format(orthanc.url, *parts), pixels


@pytest.fixture
def open_all(orthanc: Orthanc) -> Callable[..., lw.Dataset]:
    def opened(url: str | list[str] | None = None, **options: Any) -> lw.Dataset:
        return lw.Dataset.open(url or orthanc.url, progress=False, **{**orthanc.options, **options})

    return opened


def pixels_of(data: bytes) -> bytes:
    return bytes(pydicom.dcmread(io.BytesIO(data)).PixelData)


def test_every_series_of_a_server_is_an_item(
    scans: dict[str, bytes], open_all: Callable[..., lw.Dataset]
) -> None:
    items = open_all().items.set_index("id")
    assert set(items["kind"]) == {"dicom_series"}
    assert set(items["status"]) == {"ok"}
    found = {url.rpartition("/")[2] for urls in items["urls"] for url in urls}
    assert set(scans) <= found
    modalities = {metadata["modality"] for metadata in items["metadata"]}
    assert {"CT", "MR"} <= modalities


def test_a_series_has_its_instances_in_the_order_of_their_numbers(
    slices: tuple[str, list[str], list[bytes]], open_all: Callable[..., lw.Dataset]
) -> None:
    url, uids, contents = slices
    for source in (url, url.partition("/series/")[0]):
        dataset = open_all(source)
        (item,) = dataset.items.to_dict("records")
        assert [one.rpartition("/")[2] for one in item["urls"]] == uids
        assert item["title"] == "CT Thorax / 1 mm"
        assert item["metadata"]["instances"] == SLICES
        assert item["metadata"]["modality"] == "CT"
        assert "Doe" not in repr(item)
        assert item["id"] == open_all(source).items["id"][0]
        for number in (0, SLICES - 1):
            read = dataset.read(item["id"], number)
            assert pixels_of(read) == pixels_of(contents[number])


def test_an_instance_comes_as_it_is_stored(
    scans: dict[str, bytes], open_all: Callable[..., lw.Dataset]
) -> None:
    dataset = open_all()
    for item in dataset.items.itertuples():
        uid = item.urls[0].rpartition("/")[2]
        if uid not in scans:
            continue
        read, put = dataset.read(item.id), scans[uid]
        assert read[128:132] == b"DICM"
        mine, theirs = (pydicom.dcmread(io.BytesIO(data)) for data in (read, put))
        assert mine.file_meta.TransferSyntaxUID == theirs.file_meta.TransferSyntaxUID
        assert mine.PixelData == theirs.PixelData
    assert dataset.traffic["bytes"].min() > 0


def test_frames_come_one_by_one_and_many_in_one_request(
    frames: tuple[str, list[bytes]], orthanc: Orthanc
) -> None:
    url, pixels = frames
    access = Access(orthanc.options)
    assert access.read(f"{url}/frames/3") == pixels[2]
    assert access.place(f"{url}/frames/2").fetch(0, 100) == pixels[1][:100]
    server = access.dicomweb(url)
    assert server.frames(dicom_address(url), [1, 4, 5]) == [pixels[0], pixels[3], pixels[4]]


def test_compressed_frames_keep_their_codec(scans: dict[str, bytes], orthanc: Orthanc) -> None:
    dataset = lw.Dataset.open(orthanc.url, **orthanc.options)
    data = data_of("JPEG2000.dcm")
    uid = str(pydicom.dcmread(io.BytesIO(data)).SOPInstanceUID)
    (url,) = (one for urls in dataset.items["urls"] for one in urls if one.endswith(uid))
    frame = Access(orthanc.options).read(f"{url}/frames/1")
    assert frame.startswith((b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP"))


def test_a_wrong_login_is_refused_and_never_shown(
    orthanc: Orthanc, scans: dict[str, bytes], open_all: Callable[..., lw.Dataset]
) -> None:
    with pytest.raises(SourceError, match="may not be read") as refused:
        open_all(password="wrong-word-63")  # noqa: S106
    assert "wrong-word-63" not in str(refused.value)
    dataset = open_all()
    seen = [repr(dataset), dataset.items.to_csv(), repr(dataset._access)]
    with pytest.raises(SourceError) as missing:
        dataset._access.read(f"{orthanc.url}/studies/1.2.3/series/4.5/instances/6.7")
    seen.append(str(missing.value))
    assert not [text for text in seen if PASSWORD in text]


def test_what_is_not_there_is_named(
    orthanc: Orthanc, scans: dict[str, bytes], open_all: Callable[..., lw.Dataset]
) -> None:
    with pytest.raises(SourceError, match=r"studies/1\.2\.3: "):
        open_all(f"{orthanc.url}/studies/1.2.3")
    with pytest.raises(SourceError, match="names no instance"):
        open_all()._access.read(f"{orthanc.url}/studies/1.2.3/series/4.5")


def test_an_instance_may_be_no_larger_than_the_limits(
    slices: tuple[str, list[str], list[bytes]], open_all: Callable[..., lw.Dataset]
) -> None:
    url, _, _ = slices
    dataset = open_all(url, limits=Limits(file_bytes=1000))
    with pytest.raises(lw.LabelwidgetsError, match=r"at most|more than"):
        dataset.read(next(iter(dataset)))


def test_a_data_file_reaches_no_server_of_a_private_network(orthanc: Orthanc) -> None:
    url = f"{orthanc.url}/studies/1.2.3/series/4.5/instances/6.7"
    with pytest.raises(SourceError, match="private or local"):
        Access(orthanc.options).of(False).read(url)


def test_a_data_file_sends_the_login_to_no_host_that_the_policy_does_not_name(
    frames: tuple[str, list[bytes]], orthanc: Orthanc
) -> None:
    url, _ = frames
    policy = lw.media.UrlPolicy(allow_private=True)
    with pytest.raises(SourceError, match="may not be read"):
        Access(orthanc.options, policy=policy).of(False).read(url)
    named = lw.media.UrlPolicy(allow_private=True, login_hosts=(orthanc.server.address,))
    assert Access(orthanc.options, policy=named).of(False).read(url)[128:132] == b"DICM"


def test_a_project_carries_a_series_and_shows_its_slices(
    slices: tuple[str, list[str], list[bytes]],
    open_all: Callable[..., lw.Dataset],
    tmp_path: Path,
) -> None:
    dataset = open_all(slices[0])
    with lw.Project.create(tmp_path / "labels.db", dataset, ["nodule"], user="ana") as project:
        assert list(project.tasks["title"]) == ["CT Thorax / 1 mm"]
        picture = project.session().picture(project.tasks["item_id"][0], 3)
        assert (picture.width, picture.height) == (128, 128)
    stored = (tmp_path / "labels.db").read_bytes()
    assert PASSWORD.encode() not in stored
    assert b"Doe" not in stored


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("dicomweb://h/dicom-web", DicomAddress("h/dicom-web")),
        ("dicomweb://h:80/a/b/", DicomAddress("h:80/a/b")),
        ("dicomweb://h/studies/1.2", DicomAddress("h", "1.2")),
        ("dicomweb://h/p/studies/1.2/series/3", DicomAddress("h/p", "1.2", "3")),
        ("dicomweb://h/studies/1/series/2/instances/3", DicomAddress("h", "1", "2", "3")),
        (
            "dicomweb://h/studies/1/series/2/instances/3/frames/7",
            DicomAddress("h", "1", "2", "3", 7),
        ),
    ],
)
def test_an_address_names_a_server_or_what_of_it(url: str, address: DicomAddress) -> None:
    assert dicom_address(url) == address
    assert dicom_address(address.url) == address


@pytest.mark.parametrize(
    "url",
    [
        "dicomweb://h/studies/../etc",
        "dicomweb://h/studies/1.2/patients/3",
        "dicomweb://h/studies/1.2/series/a%2Fb",
        "dicomweb://h/studies/1.2?x=1",
        "dicomweb://h/studies/1.2/series/3/instances/4/frames/x",
        "dicomweb://h/studies/" + "1" * 65,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SourceError, match="names nothing"):
        dicom_address(url)


def test_a_series_is_opened_with_one_request_for_its_headers_and_shown_slice_by_slice(
    slices: tuple[str, list[str], list[bytes]], open_all: Callable[..., lw.Dataset]
) -> None:
    url, uids, _ = slices
    dataset = open_all(url)
    item = dataset.items.id[0]
    volume = dataset.volume(item)
    assert len(volume) == SLICES
    before = dataset.traffic.requests.sum()
    # All lie at one place in the file that they were made of: their numbers decide.
    for index in (7, 0):
        assert int(volume.values(index)[0, 0]) - int(volume.values(0)[0, 0]) == index
    assert dataset.traffic.requests.sum() > before
    whole = volume.box((0, 0, 0), volume.grid.shape)
    assert [int(one[0, 0]) for one in whole - whole[0]] == list(range(SLICES))
    assert isinstance(volume, DicomVolume)
    assert [volume.instance(index).sop_instance for index in range(SLICES)] == uids
    assert "Doe" not in repr((volume.grid, volume.facts))


def test_headers_of_a_server_say_the_same_as_its_instances(
    slices: tuple[str, list[str], list[bytes]],
    open_all: Callable[..., lw.Dataset],
    orthanc: Orthanc,
) -> None:
    access = Access(orthanc.options)
    urls = open_all(slices[0]).items.urls[0]
    told = read_metadata(urls, access)
    assert set(told) == set(urls)
    assert len(access.traffic.frame()) == 0
    for url in urls:
        one = read_header(io.BytesIO(told[url]), url)
        other = read_header(io.BytesIO(access.read(url)), url)
        for name in ("position", "orientation", "pixel_spacing", "instance_number", "slope"):
            assert getattr(one, name) == getattr(other, name)
        assert (one.rows, one.columns, one.series) == (other.rows, other.columns, other.series)


def test_a_series_opens_by_itself(
    slices: tuple[str, list[str], list[bytes]], orthanc: Orthanc
) -> None:
    series = lw.media.DicomSeries(slices[0], **orthanc.options)
    assert len(series) == SLICES
    assert series.title == "CT Thorax / 1 mm"


def test_frames_of_an_instance_are_slices(
    frames: tuple[str, list[bytes]], orthanc: Orthanc
) -> None:
    url, pixels = frames
    series = lw.media.DicomSeries(url.partition("/instances/")[0], **orthanc.options)
    assert len(series) == len(pixels)
    first = series.hu(0)
    assert [int((series.hu(at) - first)[0, 0]) for at in range(FRAMES)] == list(range(FRAMES))
