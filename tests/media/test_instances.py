"""What other DICOM objects refer to: the object, and the frame of it, that a slice is in."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file

from labelwidgets.media import Dataset
from labelwidgets.media.volumes import DicomVolume


def test_a_slice_knows_the_object_it_is_stored_in_and_its_whole_header(tmp_path: Path) -> None:
    path = str(get_testdata_file("CT_small.dcm"))
    dataset = Dataset.open([path], validate=False)
    volume = dataset.volume(dataset.items["id"][0])
    read = pydicom.dcmread(path)
    assert isinstance(volume, DicomVolume)
    found = volume.instance(0)
    assert found.sop_instance == read.SOPInstanceUID
    assert found.sop_class == read.SOPClassUID
    assert found.series == read.SeriesInstanceUID
    assert found.frame is None
    header = volume.dataset(0)
    assert header.StudyInstanceUID == read.StudyInstanceUID
    assert header.PatientID == read.PatientID
    assert "PixelData" not in header
    header.PatientID = "changed"
    assert volume.dataset(0).PatientID == read.PatientID
