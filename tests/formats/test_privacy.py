"""Nothing of a patient goes out, unless asked; what goes out without patients fits together."""

from __future__ import annotations

import logging
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset as Header
from pydicom.uid import generate_uid

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import SourceError
from labelwidgets.formats import privacy
from labelwidgets.media import Dataset, DeidentifyOptions, PrivacyWarning, deidentify
from labelwidgets.media.dicom.burnt_in import burnt_in_risk
from labelwidgets.media.dicom.deidentification import Deidentifier
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.scans import SHAPE, label, open_scan, slice_of, voxels_of

VALUES = {
    "UI": "1.2.3", "DA": "19510203", "TM": "010101", "DT": "19510203010101", "AS": "073Y",
    "DS": "1", "IS": "1", "OB": b"Zebrowski!", "UN": b"Zebrowski!", "OW": b"Zebrowski!",
    "AT": 0x00100010,
}  # fmt: skip
PHRASE = "of the trial"
PLANTED = [
    "Zebrowski", "Quirina", "QZ-4711", "19510203", "ACC-90210", "Oberarzt", "Seltenen",
    "Kommentarperson", "Privatnotiz", "Nachbarin", "Verwandtschaft", "20240102", "Vorspann",
]  # fmt: skip


def make_planted(folder: Path) -> list[pydicom.Dataset]:
    """Write a CT whose headers name its patient in every way there is."""
    folder.mkdir(parents=True)
    uids = [str(generate_uid(prefix=None)) for _ in range(3)]
    slices = []
    for index in range(SHAPE[0]):
        made = slice_of(index, *uids)
        made.PatientComments = "Kommentarperson wohnt nebenan"
        made.ImageComments = "Kommentarperson"
        made.OtherPatientIDs = "QZ-4711-OLD"
        made.ResponsiblePerson = "Verwandtschaft^Xenia"
        block = made.private_block(0x0011, "Haus", create=True)
        block.add_new(1, "LO", "Privatnotiz")
        nested = Header()
        nested.PatientName = "Nachbarin^Quirina"
        nested.PatientID = "QZ-4711-IN"
        nested.ReferencedSOPClassUID = made.SOPClassUID
        nested.ReferencedSOPInstanceUID = made.SOPInstanceUID
        inner = Header()
        inner.private_block(0x0013, "Haus", create=True).add_new(2, "LO", "Privatnotiz tief")
        inner.ReferencedSOPInstanceUID = slices[0].SOPInstanceUID if slices else made.SOPInstanceUID
        nested.ReferencedImageSequence = [inner]
        made.ReferencedInstanceSequence = [nested]
        made.add_new(0x00FE0010, "LO", "Zebrowski in no dictionary")
        made.preamble = b"Vorspann".ljust(128, b"\0")
        made.file_meta.SourceApplicationEntityTitle = "QZ-4711"
        slices.append(made)
        made.save_as(folder / f"{index:02d}.dcm", enforce_file_format=True)
    return slices


def grep(place: Path) -> list[tuple[str, str]]:
    """Return the files under a place that hold something planted, also in UTF-16 and zips."""
    found = []
    for path in [place] if place.is_file() else sorted(place.rglob("*")):
        if not path.is_file():
            continue
        blobs = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                blobs += [archive.read(name) + name.encode() for name in archive.namelist()]
        if path.suffix == ".gz":
            import gzip

            blobs.append(gzip.decompress(blobs[0]))
        blobs.append(path.name.encode())
        for word in PLANTED:
            for code in ("utf-8", "utf-16-le"):
                if any(word.encode(code).lower() in blob.lower() for blob in blobs):
                    found.append((path.name, word))
    return found


@pytest.fixture(autouse=True)
def _unsaid() -> Iterator[None]:
    privacy._said.clear()
    yield
    privacy._said.clear()


def test_no_word_of_the_patient_leaves_the_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_planted(tmp_path / "ct")
    assert {word for _, word in grep(tmp_path / "ct")} == set(PLANTED)
    out = tmp_path / "out"
    out.mkdir()
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        dataset, item = open_scan(tmp_path / "ct")
        classes = Ontology([ObjectClass("bone"), ObjectClass("vessel")])
        with lw.Project.create(out / "p.db", dataset, classes) as project:
            mask = np.zeros(SHAPE, bool)
            mask[1:3, 2:5, 3:9] = True
            project.add([label(item, "bone", mask)])
            (out / "thumbnail").write_bytes(dataset.thumbnail(item).data)
            (out / "slice").write_bytes(dataset.encoded(item, 1).data)
            project.export("coco", out / "labels.json")
            project.export("nifti", out / "labels.nii.gz")
            project.export("slice-masks", out / "masks.zip")
            for clean in (True, DeidentifyOptions(secret=PHRASE, shift_days=-11)):
                folder = out / ("shifted" if isinstance(clean, DeidentifyOptions) else "plain")
                project.export("dicom_seg", folder / "seg", deidentify=clean)
                project.export("rtstruct", folder / "rt", deidentify=clean)
                project.export("coco", folder / "labels.json", deidentify=clean)
                deidentify(dataset, folder / "copies", clean)
            shown = [repr(project), project._repr_html_(), dataset._repr_html_()]
            shown += [project.tasks.to_csv(), project.events.to_csv(), dataset.items.to_csv()]
        assert grep(out) == []
    text = "\n".join([*shown, caplog.text, *(str(one.message) for one in said)])
    assert not [word for word in PLANTED if word.lower() in text.lower()]


def test_without_being_asked_objects_name_the_patient_as_the_standard_asks_and_say_so_once(
    tmp_path: Path,
) -> None:
    slices = make_planted(tmp_path / "ct")
    dataset, item = open_scan(tmp_path / "ct")
    labels = [label(item, "bone", np.ones(SHAPE, bool))]
    with pytest.warns(PrivacyWarning, match="deidentify=True"):
        formats.write(labels, tmp_path / "seg.dcm", "dicom_seg", dataset=dataset)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        formats.write(labels, tmp_path / "rt.dcm", "rtstruct", dataset=dataset)
    for name in ("seg.dcm", "rt.dcm"):
        made = pydicom.dcmread(tmp_path / name)
        assert made.PatientName == slices[0].PatientName
        assert made.PatientID == slices[0].PatientID
        assert made.StudyInstanceUID == slices[0].StudyInstanceUID
        assert made.AccessionNumber == slices[0].AccessionNumber


def test_segmentations_and_contours_without_the_patient_fit_the_copies(tmp_path: Path) -> None:
    slices = make_planted(tmp_path / "ct")
    dataset, item = open_scan(tmp_path / "ct")
    rng = np.random.default_rng(3)
    mask = rng.random(SHAPE) > 0.6
    labels = [label(item, "bone", mask)]
    options = DeidentifyOptions(secret=PHRASE)
    for format in ("dicom_seg", "rtstruct"):
        formats.write(
            labels, tmp_path / f"{format}.dcm", format, dataset=dataset, deidentify=options
        )
    # The same secret, as in another session.
    again = DeidentifyOptions(secret=PHRASE)
    frame = deidentify(lw.media.DicomSeries(str(tmp_path / "ct")), tmp_path / "copies", again)
    assert list(frame["risk"]) == [""] * SHAPE[0]
    copies, other = open_scan(tmp_path / "copies")
    for format in ("dicom_seg", "rtstruct"):
        (made,) = formats.read(tmp_path / f"{format}.dcm", dataset=copies).annotations
        assert made.item_id == other
        assert np.array_equal(voxels_of(made), mask)
    volume, copy = dataset.volume(item), copies.volume(other)
    for index in range(SHAPE[0]):
        assert np.array_equal(volume.values(index), copy.values(index))
    read = [pydicom.dcmread(path) for path in frame["path"]]
    uids = {one.SOPInstanceUID for one in slices}
    assert not uids & {one.SOPInstanceUID for one in read}
    assert [one.SOPInstanceUID for one in read] == list(frame["sop_instance_uid"])
    # References between them follow, in nested sequences too.
    for one in read:
        nested = one.ReferencedInstanceSequence[0]
        assert nested.ReferencedSOPInstanceUID == one.SOPInstanceUID
        inner = nested.ReferencedImageSequence[0]
        assert inner.ReferencedSOPInstanceUID == read[0].SOPInstanceUID
        assert not [element for element in inner if element.tag.is_private]
    seg = pydicom.dcmread(tmp_path / "dicom_seg.dcm")
    for made in (seg, *read):
        assert made.PatientIdentityRemoved == "YES"
        assert made.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
        assert made.PatientID == read[0].PatientID
        assert made.StudyInstanceUID == read[0].StudyInstanceUID
        assert re.fullmatch(r"P[0-9A-F]{12}", made.PatientID)
    # Another secret gives others, which cannot be told from the first ones.
    third = deidentify(dataset, tmp_path / "third", DeidentifyOptions(secret=PHRASE + "!"))
    assert not set(third["sop_instance_uid"]) & set(frame["sop_instance_uid"])


def test_what_is_asked_to_stay_stays(tmp_path: Path) -> None:
    slices = make_planted(tmp_path / "ct")
    dataset, _ = open_scan(tmp_path / "ct")
    options = DeidentifyOptions(
        patient="CASE 7", keep_characteristics=True, shift_days=10, keep_uids=True
    )
    read = pydicom.dcmread(deidentify(dataset, tmp_path / "out", options)["path"][0])
    assert (read.PatientName, read.PatientID, read.PatientSex) == ("CASE 7", "CASE 7", "F")
    assert (read.StudyDate, read.StudyTime) == ("20240112", "030405")
    assert read.PatientBirthDate != "19510203"
    assert read.SOPInstanceUID == slices[0].SOPInstanceUID
    codes = [item.CodeValue for item in read.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113108", "113107", "113110"]
    assert read.LongitudinalTemporalInformationModified == "MODIFIED"


def test_every_element_of_the_table_is_dealt_with_whatever_its_kind() -> None:
    clean = Deidentifier(True)
    made = Header()
    for group, element in clean._exact:
        if group == 2:
            continue
        known = pydicom.datadict.dictionary_has_tag((group, element))
        vr = pydicom.datadict.dictionary_VR((group, element)) if known else "LO"
        vr = vr.split(" or ")[0]
        number = vr in ("FD", "FL", "SL", "SS", "UL", "US", "UV", "SV")
        value: Any = VALUES.get(vr, 1 if number else "Zebrowski")
        if vr == "SQ":
            inner = Header()
            inner.PatientName = "Zebrowski"
            inner.private_block(0x0011, "Zebrowski", create=True).add_new(1, "LO", "Zebrowski")
            value = [inner]
        made.add_new((group, element), vr, value)
    assert "Zebrowski" in str(made)
    clean(made)
    assert "Zebrowski" not in str(made)
    assert "19510203" not in str(made)


def test_pictures_that_may_show_text_are_listed(tmp_path: Path) -> None:
    source = pydicom.dcmread(get_testdata_file("examples_rgb_color.dcm"))
    assert source.Modality == "US"
    source.save_as(tmp_path / "us.dcm")
    with pytest.warns(PrivacyWarning, match=r"00001\.dcm is ultrasound"):
        frame = deidentify(str(tmp_path / "us.dcm"), tmp_path / "out")
    assert list(frame["risk"]) == ["is ultrasound"]
    for values, risk in (
        ({"BurnedInAnnotation": "YES", "Modality": "CT"}, "says that text is burnt in"),
        ({"BurnedInAnnotation": "NO", "Modality": "US"}, ""),
        ({"Modality": "CT"}, ""),
        ({"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "is a secondary capture"),
        ({"Modality": "OT"}, "is of no modality"),
    ):
        header = Header()
        for name, value in values.items():
            setattr(header, name, value)
        assert burnt_in_risk(header) == risk


def test_a_missing_package_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "dicomanonymizer.simpledicomanonymizer", None)
    with pytest.raises(lw.errors.MissingExtraError, match=r"labelwidgets\[dicom\]"):
        deidentify(str(tmp_path), tmp_path / "out")


@pytest.mark.parametrize(
    "options", [{"patient": ""}, {"shift_days": 10**9}, {"shift_days": "a"}, {"secret": ""}]
)
def test_options_are_checked(options: Any) -> None:
    with pytest.raises(SourceError, match=next(iter(options))):
        DeidentifyOptions(**options)


def test_a_dataset_of_other_pictures_has_nothing_to_copy(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    frame = deidentify(Dataset.open(str(tmp_path / "a.png")), tmp_path / "out")
    assert not len(frame)
