"""Files become scans by study, series and what makes one stack."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

import labelwidgets as lw
from labelwidgets.errors import ImageError, MissingFileError, SchemaError, SourceError
from labelwidgets.media import Dataset, DicomSeries
from tests.media.dicom.made import CORONAL, SAGITTAL, content, dataset, slice_bytes

RTSTRUCT, SEG = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.66.4"


def stack(count: int, **changes: Any) -> dict[str, bytes]:
    return {f"{n:02}.dcm": slice_bytes(n * 2.0, n, **changes) for n in range(count)}


def put(folder: Path, files: dict[str, bytes], prefix: str = "") -> None:
    for name, data in files.items():
        path = folder / f"{prefix}{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def titles(dataset: Dataset) -> list[str]:
    return list(dataset.items.title)


def sizes(dataset: Dataset) -> list[int]:
    return [len(urls) for urls in dataset.items.urls]


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder of three series, whose files lie among each other."""
    folder = tmp_path / "three"
    put(folder, stack(4, SeriesInstanceUID="1.2.1.1", SeriesDescription="Thorax"), "a")
    put(folder, stack(5, SeriesInstanceUID="1.2.1.2", SeriesDescription="Head", Modality="MR"))
    put(folder, stack(3, SeriesInstanceUID="1.2.1.3", SeriesDescription=None), "b")
    return folder


def test_a_folder_with_three_series_is_three_items(three: Path) -> None:
    dataset = Dataset.open(three)
    assert titles(dataset) == ["MR Head", "CT Thorax", "CT series 3"]
    assert sizes(dataset) == [5, 4, 3]
    assert set(dataset.items.status) == {"ok"}
    for item, count in zip(dataset, (5, 4, 3), strict=True):
        volume = dataset.volume(item)
        assert len(volume) == count == dataset[item].metadata["slices"]
        assert [one.kind for one in volume.facts.problems] == ["pixels"]
    assert dataset.items.metadata[1] == {
        "mime": "application/dicom",
        "width": 6,
        "height": 4,
        "slices": 4,
        "spacing": [2.0, 0.5, 0.25],
        "modality": "CT",
        "series_description": "Thorax",
        "series_number": 3,
        "study_uid": "1.2.1",
        "series_uid": "1.2.1.1",
    }


def test_ids_stay_wherever_the_same_files_are_opened_again(three: Path, tmp_path: Path) -> None:
    whole = Dataset.open(three)
    assert list(Dataset.open(three)) == list(whole)
    assert list(Dataset.open(f"{three}/*.dcm")) == list(whole)
    assert set(Dataset.open([str(path) for path in three.iterdir()])) == set(whole)
    alone = tmp_path / "alone"
    put(alone, stack(3))
    assert list(Dataset.open(alone)) == list(Dataset.open(alone, validate=False))


def test_without_a_look_at_the_files_a_folder_is_one_item_that_says_what_it_shows(
    three: Path,
) -> None:
    dataset = Dataset.open(three, validate=False)
    assert sizes(dataset) == [12]
    volume = dataset.volume(dataset.items.id[0])
    assert len(volume) == 5
    (problem,) = [one for one in volume.facts.problems if one.kind == "parts"]
    assert "3 scans" in problem.message
    assert "CT Thorax with 4 files" in problem.message


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "memory"])
def test_archives_and_buckets_are_grouped_alike(three: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"all.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for one in sorted(three.iterdir()):
                archive.write(one, f"three/{one.name}")
    elif kind == "memory":
        fsspec.filesystem("memory").put(str(three), "/three", recursive=True)
    else:
        with tarfile.open(path, "w:gz" if kind.endswith("gz") else "w") as tar:
            tar.add(three, "three")
    dataset = Dataset.open("memory://three" if kind == "memory" else path)
    assert titles(dataset) == ["MR Head", "CT Thorax", "CT series 3"]
    assert [len(dataset.volume(item)) for item in dataset] == [5, 4, 3]


def test_mixed_planes_and_sizes_of_a_series_are_scans_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, stack(4))
    put(tmp_path, {"s.dcm": slice_bytes(0, 50, ImageOrientationPatient=SAGITTAL)})
    put(tmp_path, {"t.dcm": slice_bytes(0, 51, ImageOrientationPatient=CORONAL)})
    put(tmp_path, {"u.dcm": slice_bytes(0, 52, rows=8)})
    put(tmp_path, {"l.dcm": slice_bytes(9, 53, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])})
    dataset = Dataset.open(tmp_path)
    assert sizes(dataset) == [4, 1, 1, 1, 1]
    assert len(set(titles(dataset))) == 5
    assert titles(dataset)[0].startswith("CT Chest (axial")
    assert "localiser" in titles(dataset)[1]
    assert "sagittal" in titles(dataset)[2]
    for item in dataset:
        kinds = {one.kind for one in dataset.volume(item).facts.problems}
        assert "parts" not in kinds


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (lambda phase: {"TemporalPositionIdentifier": phase + 1}, "phase 2"),
        (lambda phase: {"EchoTime": 10.5 * (phase + 1)}, "echo 21 ms"),
        (lambda phase: {"AcquisitionNumber": phase + 1}, "acquisition 2"),
        (lambda phase: {"AcquisitionTime": f"1200{phase:02}"}, "time 120001"),
        (lambda phase: {"ImageType": ["ORIGINAL", "PRIMARY", "WF"[phase % 2]]}, "PRIMARY\\F"),
        (lambda phase: {}, "pass 2"),
    ],
)
def test_phases_of_a_series_are_scans_of_their_own(tmp_path: Path, say: Any, words: str) -> None:
    for phase in range(2):
        for n in range(4):
            data = slice_bytes(n * 2.0, 10 * phase + n, **say(phase))
            put(tmp_path, {f"{n}-{phase}.dcm": data})
    dataset = Dataset.open(tmp_path)
    assert sizes(dataset) == [4, 4]
    assert words in titles(dataset)[1]
    for number, item in enumerate(dataset):
        volume = dataset.volume(item)
        assert [one.kind for one in volume.facts.problems] == ["pixels"]
        assert volume.grid.affine is not None
        assert [int(volume.values(at)[0, 0]) + 1000 for at in range(4)] == [
            10 * number + n for n in range(4)
        ]


def test_each_rotation_of_a_scanner_being_an_acquisition_parts_nothing(tmp_path: Path) -> None:
    files = {f"{n}.dcm": slice_bytes(n * 2.0, n, AcquisitionNumber=n // 2) for n in range(8)}
    put(tmp_path, files)
    assert sizes(Dataset.open(tmp_path)) == [8]


def test_a_series_in_several_folders_is_one_and_a_copy_of_it_is_another(tmp_path: Path) -> None:
    files = stack(6)
    put(tmp_path / "all" / "IM0", dict(list(files.items())[:3]))
    put(tmp_path / "all" / "IM1", dict(list(files.items())[3:]))
    dataset = Dataset.open(tmp_path / "all")
    assert sizes(dataset) == [6]
    assert len(dataset.volume(dataset.items.id[0])) == 6
    put(tmp_path / "copies" / "a", files)
    put(tmp_path / "copies" / "b", files)
    assert sizes(Dataset.open(tmp_path / "copies")) == [6, 6]


def test_objects_that_are_no_pictures_are_left_out_and_listed(tmp_path: Path) -> None:
    put(tmp_path, stack(3))
    empty = {"Rows": None, "Columns": None, "BitsAllocated": None}
    contours = slice_bytes(0, 1, Modality="RTSTRUCT", SOPClassUID=RTSTRUCT, **empty)
    put(tmp_path, {"rs.dcm": contours})
    put(tmp_path, {"seg.dcm": slice_bytes(0, 1, Modality="SEG", SOPClassUID=SEG)})
    dataset = Dataset.open(tmp_path)
    assert sizes(dataset) == [3]
    assert len(dataset.errors) == 0
    objects = dataset.dicom_objects
    assert list(objects.kind) == ["RTSTRUCT", "SEG"]
    assert [url.rpartition("/")[2] for url in objects.url] == ["rs.dcm", "seg.dcm"]
    assert set(objects.study_uid) == {"1.2.1"}
    folder = Dataset.open(tmp_path, validate=False)
    volume = folder.volume(folder.items.id[0])
    assert len(volume) == 3
    assert [one.kind for one in volume.facts.problems][-1] == "objects"
    with pytest.raises(SourceError, match="its DICOM files are SEG"):
        Dataset.open(tmp_path / "seg.dcm")
    with pytest.raises(ImageError, match=r"seg\.dcm: is a DICOM file, but no picture"):
        Dataset.open([[tmp_path / "seg.dcm"]])


def test_nothing_of_the_patient_is_in_items_and_stores(three: Path, tmp_path: Path) -> None:
    put(three, {"c.dcm": slice_bytes(0, 1)[:400]})
    journal = tmp_path / "journal.jsonl"
    dataset = Dataset.open(three, errors="collect", journal=journal)
    told = dataset.items.to_json() + dataset.errors.to_json() + repr(dataset)
    told += dataset._repr_html_() + journal.read_text()
    with lw.Project.create(tmp_path / "p.db", dataset, ["organ"]) as project:
        told += project.tasks.to_csv()
    store = b"".join(path.read_bytes() for path in tmp_path.glob("p.db*"))
    for word in ("Doe", "Jane", "4711", "19700102"):
        assert word not in told
        assert word.encode() not in store


def test_a_broken_file_is_an_error_by_name_and_not_the_end_of_its_series(tmp_path: Path) -> None:
    put(tmp_path, stack(4) | {"02x.dcm": slice_bytes(9, 9)[:200], "03x.dcm": b"no"})
    dataset = Dataset.open(tmp_path, errors="collect")
    assert list(dataset.items.status) == ["ok"]
    assert [url.rpartition("/")[2] for url in dataset.errors.url] == ["02x.dcm", "03x.dcm"]
    assert set(dataset.errors.id) == set(dataset.items.id)
    assert dataset.items.metadata[0]["slices"] == 4
    volume = dataset.volume(dataset.items.id[0])
    assert len(volume) == 4
    assert [one.kind for one in volume.facts.problems].count("unreadable") == 2
    with pytest.raises(ImageError, match=r"02x\.dcm"):
        Dataset.open(tmp_path)


def test_of_several_series_a_file_that_is_none_belongs_to_no_scan(three: Path) -> None:
    put(three, {"aa.dcm": b"no DICOM"})
    dataset = Dataset.open(three, errors="collect")
    assert sizes(dataset) == [5, 4, 3]
    assert len(dataset.errors) == 1


def test_a_folder_without_one_sound_file_fails(tmp_path: Path) -> None:
    put(tmp_path, {"1.dcm": b"x", "2.dcm": slice_bytes()[:150]})
    dataset = Dataset.open(tmp_path, errors="collect")
    assert list(dataset.items.status) == ["failed"]
    assert len(dataset.errors) == 2


def test_what_somebody_put_together_stays_so(tmp_path: Path) -> None:
    put(tmp_path, stack(3))
    put(tmp_path, stack(2, SeriesInstanceUID="1.2.1.7", SeriesDescription="Other"), "x")
    urls = [str(path) for path in sorted(tmp_path.iterdir())]
    manifest = {"dicom_series": [{f"objectUrl_{n}": url for n, url in enumerate(urls)}]}
    frame = pd.DataFrame({"urls": [urls], "title": ["mine"], "id": ["abc"]})
    for source in ([urls], manifest, frame):
        dataset = Dataset.open(source)
        assert sizes(dataset) == [5]
        assert dataset.items.metadata[0]["slices"] == 3
        assert len(dataset.volume(dataset.items.id[0])) == 3
    assert dataset.items.id[0] == "abc"


def test_a_list_of_files_is_grouped_whatever_their_names(tmp_path: Path) -> None:
    put(tmp_path, {f"IM{n}": slice_bytes(n * 2.0, n) for n in range(4)})
    files = sorted(str(path) for path in tmp_path.iterdir())
    dataset = Dataset.open(files)
    assert list(dataset.items.kind) == ["dicom_series"]
    assert sizes(dataset) == [4]
    assert list(dataset) == list(Dataset.open(tmp_path))
    assert list(Dataset.open(files[0]).items.kind) == ["dicom_series"]


def test_what_is_known_is_not_read_again(three: Path, tmp_path: Path) -> None:
    put(three, {"seg.dcm": slice_bytes(0, 1, Modality="SEG", SOPClassUID=SEG)})
    first = Dataset.open(three)
    again = Dataset.open(three, known=first)
    assert again.traffic["bytes"].sum() == 0
    pd.testing.assert_frame_equal(again.items, first.items)
    put(three, {"zz.dcm": slice_bytes(99.0, 99)})
    grown = Dataset.open(three, known=first)
    assert sorted(sizes(grown)) == [3, 5, 5]


def test_a_journal_knows_the_headers_and_no_urls(three: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    first = Dataset.open(three, journal=journal)
    again = Dataset.open(three, journal=journal)
    assert again.traffic["bytes"].sum() == 0
    pd.testing.assert_frame_equal(again.items, first.items)
    assert str(three) not in journal.read_text()
    lines = journal.read_text().splitlines()
    assert len(lines) == 13
    bad = json.loads(lines[1])
    bad["header"]["rows"] = "many"
    journal.write_text("\n".join([lines[0], json.dumps(bad), *lines[2:]]) + "\n")
    assert sizes(Dataset.open(three, journal=journal)) == [5, 4, 3]


def test_texts_of_other_character_sets_and_html_are_titles_as_they_read(tmp_path: Path) -> None:
    japanese = slice_bytes(
        0, 1, SpecificCharacterSet=["", "ISO 2022 IR 87"], SeriesDescription="山田 CT"
    )
    put(tmp_path, {"a.dcm": japanese})
    html = slice_bytes(0, 1, SeriesInstanceUID="1.9", SeriesDescription="<img src=x onerror=y>")
    put(tmp_path, {"b.dcm": html})
    dataset = Dataset.open(tmp_path)
    assert titles(dataset) == ["CT 山田 CT", "CT <img src=x onerror=y>"]
    assert "<img" not in dataset._repr_html_()
    assert "<img" not in DicomSeries(tmp_path / "b.dcm")._repr_html_()


def test_a_folder_that_grows_while_it_is_listed_is_grouped_too(three: Path) -> None:
    dataset = Dataset.open(three, lazy=True)
    dataset.listing.wait()
    assert sizes(dataset) == [5, 4, 3]
    assert dataset.listing.count == 3


def test_a_label_on_a_slice_names_one_that_is_there(tmp_path: Path) -> None:
    cine = slice_bytes(0, 1, NumberOfFrames=6, ImagePositionPatient=None)
    put(tmp_path / "cine", {"c.dcm": cine})
    for validate in (True, False):
        dataset = Dataset.open(tmp_path / "cine", validate=validate)
        store = tmp_path / f"{validate}.db"
        with lw.Project.create(store, dataset, ["organ"]) as project:

            def add(frame: int | None, item: str = dataset.items.id[0]) -> None:
                box = lw.Rectangle(1, 1, 2, 2)
                made = lw.Annotation(item_id=item, class_name="organ", geometry=box, frame=frame)
                project.add([made])

            add(5)
            with pytest.raises(SchemaError, match="slice"):
                add(None)
            if validate:
                with pytest.raises(SchemaError, match="from 0 to 5"):
                    add(6)
            assert list(project.annotations.frame) == [5]


class TestDirectory:
    """A medium with a DICOMDIR."""

    @pytest.fixture
    def medium(self, shared_data: Path, tmp_path: Path) -> Path:
        shutil.copytree(shared_data / "dicom/pydicom-tests/dicomdir", tmp_path / "medium")
        return tmp_path / "medium"

    def test_it_says_what_belongs_together_without_a_look_at_the_files(self, medium: Path) -> None:
        named = Dataset.open(medium / "DICOMDIR", validate=False)
        assert len(named) == 13
        assert sum(sizes(named)) == 31
        assert titles(named)[:4] == ["CR series 1", "CR series 2", "CR series 3", "CT series 2"]
        assert list(Dataset.open(medium, validate=False)) == list(named)
        read = {one["series_uid"] for one in Dataset.open(medium).items.metadata}
        assert {one["series_uid"] for one in named.items.metadata} == read

    def test_files_that_are_not_there_are_named(self, medium: Path) -> None:
        (medium / "77654033/CR1/6154").unlink()
        with pytest.raises(MissingFileError, match=r"DICOMDIR: names .*77654033/CR1/6154"):
            Dataset.open(medium / "DICOMDIR")
        dataset = Dataset.open(medium / "DICOMDIR", errors="collect", validate=False)
        assert len(dataset) == 12
        assert len(dataset.errors) == 1
        assert len(Dataset.open(medium, validate=False)) == 12

    def test_names_that_a_system_wrote_in_lower_case_are_found(self, medium: Path) -> None:
        for folder in sorted(medium.rglob("*"), reverse=True):
            if folder.name != "DICOMDIR":
                folder.rename(folder.with_name(folder.name.lower()))
        assert len(Dataset.open(medium / "DICOMDIR", validate=False)) == 13

    def test_pictures_that_it_does_not_name_are_there_too(self, medium: Path) -> None:
        put(medium, {"more/1.dcm": slice_bytes()})
        assert len(Dataset.open(medium, validate=False)) == 14
        assert len(Dataset.open(medium / "DICOMDIR", validate=False)) == 13

    @pytest.mark.parametrize("data", [b"", b"text" * 99, slice_bytes()])
    def test_a_broken_one_is_an_error_by_name_and_no_loss_of_the_folder(
        self, medium: Path, data: bytes
    ) -> None:
        (medium / "DICOMDIR").write_bytes(data)
        with pytest.raises(SourceError, match="DICOMDIR"):
            Dataset.open(medium / "DICOMDIR")
        assert sum(sizes(Dataset.open(medium, validate=False))) == 31


def test_a_directory_is_not_inflated(tmp_path: Path) -> None:
    made = dataset()
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    put(tmp_path, {"1.dcm": slice_bytes(), "DICOMDIR": content(made)})
    with pytest.raises(SourceError, match=r"DICOMDIR.*deflated"):
        Dataset.open(tmp_path / "DICOMDIR")
    assert sizes(Dataset.open(tmp_path, validate=False)) == [1]


def test_a_directory_leads_nowhere_but_below(tmp_path: Path) -> None:
    import pydicom
    from pydicom.dataset import Dataset as Elements
    from pydicom.dataset import FileMetaDataset

    put(tmp_path, {"secret/1.dcm": slice_bytes(), "medium/2.dcm": slice_bytes(2.0, 2)})
    records = []
    for kind, path in (("SERIES", None), ("IMAGE", ["..", "secret", "1.dcm"]), ("IMAGE", ["2"])):
        record = Elements()
        record.DirectoryRecordType = kind
        record.Modality = "CT"
        if path is not None:
            record.ReferencedFileID = path
        records.append(record)
    made = Elements()
    made.DirectoryRecordSequence = records
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, made)
    put(tmp_path, {"medium/DICOMDIR": buffer.getvalue()})
    dataset = Dataset.open(tmp_path / "medium" / "DICOMDIR", validate=False)
    assert [url.rpartition("/")[2] for urls in dataset.items.urls for url in urls] == ["2.dcm"]
