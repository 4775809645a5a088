"""A header is told line by line, with what is in its sequences and what is damaged."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset as Elements
from pydicom.tag import Tag

from labelwidgets.media import DicomSeries
from labelwidgets.media.dicom.header_lines import header_lines
from tests.media.dicom.made import slice_bytes
from tests.media.dicom.test_frames import at, enhanced


def test_lines_have_tag_name_value_and_level(tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_bytes(enhanced([at(0), at(2)]))
    lines = DicomSeries(tmp_path / "x.dcm").header(0)
    by_tag = {line["tag"]: line for line in lines}
    assert by_tag["0002,0010"]["value"] == "1.2.840.10008.1.2.1"
    assert by_tag["0010,0010"]["value"] == "Doe^Jane<b>"
    assert by_tag["0008,0008"]["value"] == "ORIGINAL\\PRIMARY\\AXIAL"
    assert by_tag["5200,9230"]["value"] == "2 items"
    assert by_tag["0020,0032"]["level"] == 4
    assert [line["name"] for line in lines].count("Item 2") == 1


def test_a_damaged_element_is_a_line_that_says_so() -> None:
    made = Elements()
    made.Modality = "CT"
    made[0x00280010] = RawDataElement(Tag(0x00280010), "XX", 2, b"\1\2", 0, False, True)
    lines = header_lines(made)
    assert lines[0]["value"] == "CT"
    assert lines[1]["value"].startswith("cannot be read")


def test_bytes_are_told_by_their_number(tmp_path: Path) -> None:
    data = slice_bytes(RedPaletteColorLookupTableData=bytes(512))
    (tmp_path / "x.dcm").write_bytes(data)
    lines = {line["tag"]: line["value"] for line in DicomSeries(tmp_path / "x.dcm").header(0)}
    assert lines["0028,1201"] == "512 bytes"
