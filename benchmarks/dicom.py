"""Reading of DICOM series, beside pydicom, SimpleITK, dicomsdl and imagecodecs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.encaps import encapsulate

from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import timed
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.reading import read_frames
from labelwidgets.media.dicom.slice_stack import SliceStack

SIDE, SLICES, CODED = 512, 300, 24
REPEAT = 7
TAGS = [
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "Rows",
    "Columns",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "RescaleSlope",
    "RescaleIntercept",
    "InstanceNumber",
]
SYNTAXES = {
    "RLE": "1.2.840.10008.1.2.5",
    "lossless JPEG": "1.2.840.10008.1.2.4.70",
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
    "HTJ2K": "1.2.840.10008.1.2.4.201",
}
# The first run in a process of its own, and by how much it made the process grow at most.
PEAK = """
import sys
from pathlib import Path
from benchmarks.dicom import volumes
def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
read = volumes(Path(sys.argv[2]))[sys.argv[1]]
before = memory("VmRSS")
read()
print(memory("VmHWM") - before)
"""


def measure(report: Report) -> None:
    slices = 60 if report.quick else SLICES
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as name:
        folder = Path(name)
        write_series(folder / "plain", slices)
        _headers(folder / "plain", slices, report)
        _volume(folder / "plain", slices, report)
        _compressed(folder, report)


def scan_of(folder: Path) -> SliceStack:
    return SliceStack([str(path) for path in sorted(folder.iterdir())], Access())


def chest(at: int) -> np.ndarray:
    """A round body with noise, as a CT stores it: 12 bits, 1024 below."""
    dice = np.random.default_rng(at)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    body = (x / 220) ** 2 + (y / 160) ** 2 < 1
    lungs = ((np.abs(x) - 90) / 70) ** 2 + (y / 100) ** 2 < 1
    values = np.where(body, np.where(lungs, 200, 1050), 24) + dice.normal(0, 12, (SIDE, SIDE))
    return np.clip(values, 0, 4095).astype(np.uint16)


def write_series(folder: Path, slices: int, syntax: str = "") -> None:
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pydicom.dcmread(str(pydicom.data.get_testdata_file("CT_small.dcm")))
        made.remove_private_tags()
        made.Rows = made.Columns = SIDE
        made.BitsStored, made.HighBit, made.PixelRepresentation = 12, 11, 0
        del made.PixelPaddingValue
        made.RescaleSlope, made.RescaleIntercept = 1, -1024
        for at in range(slices):
            pixels = chest(at)
            made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{at}"
            made.InstanceNumber, made.ImagePositionPatient = at + 1, [0, 0, at]
            made.PixelData = pixels.tobytes()
            if syntax:
                made.file_meta.TransferSyntaxUID = syntax
                made.PixelData = encapsulate([encode(pixels, syntax)])
                made["PixelData"].is_undefined_length = True
            made.save_as(folder / f"{at:03}.dcm")


def encode(pixels: np.ndarray, syntax: str) -> bytes:
    import imagecodecs

    if syntax == SYNTAXES["RLE"]:
        from pydicom.pixels.encoders import RLELosslessEncoder

        made: bytes = RLELosslessEncoder.encode(
            pixels,
            rows=SIDE,
            columns=SIDE,
            samples_per_pixel=1,
            bits_allocated=16,
            bits_stored=12,
            pixel_representation=0,
            photometric_interpretation="MONOCHROME2",
            number_of_frames=1,
        )
        return made
    if syntax == SYNTAXES["JPEG-LS"]:
        return bytes(imagecodecs.jpegls_encode(pixels))
    if syntax == SYNTAXES["JPEG 2000"]:
        return bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True))
    if syntax == SYNTAXES["HTJ2K"]:
        return bytes(imagecodecs.htj2k_encode(pixels, reversible=True))
    return bytes(imagecodecs.ljpeg_encode(pixels, bitspersample=16))


def _headers(folder: Path, slices: int, report: Report) -> None:
    import dicomsdl

    paths = [str(path) for path in sorted(folder.iterdir())]
    table = report.table(f"Headers of {slices} files", "contender", "ms", "contender / ours")
    contenders: dict[str, Callable[[], Any]] = {
        "labelwidgets": lambda: read_frames(paths, Access()),
        "pydicom, specific_tags": lambda: [
            pydicom.dcmread(path, stop_before_pixels=True, specific_tags=TAGS) for path in paths
        ],
        "pydicom, stop_before_pixels": lambda: [
            pydicom.dcmread(path, stop_before_pixels=True) for path in paths
        ],
        "dicomsdl": lambda: [_sdl_header(dicomsdl.open(path)) for path in paths],
    }
    _compare(contenders, table)


def _sdl_header(read: Any) -> list[Any]:
    return [getattr(read, tag) for tag in TAGS]


def volumes(folder: Path) -> dict[str, Callable[[], Any]]:
    """What reads all slices of a folder into one array of values."""
    import dicomsdl
    import SimpleITK as sitk  # noqa: N813 - as all call it

    paths = [str(path) for path in sorted(folder.iterdir())]

    def ours() -> Any:
        scan = scan_of(folder)
        return scan.box((0, 0, 0), scan.grid.shape)

    def with_pydicom() -> Any:
        made = np.empty((len(paths), SIDE, SIDE), np.int16)
        for at, path in enumerate(paths):
            read = pydicom.dcmread(path)
            np.multiply(read.pixel_array, int(read.RescaleSlope), out=made[at], casting="unsafe")
            made[at] += int(read.RescaleIntercept)
        return made

    def with_sitk() -> Any:
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames(paths)
        return reader.Execute()

    def with_sdl() -> Any:
        made = np.empty((len(paths), SIDE, SIDE), np.int16)
        for at, path in enumerate(paths):
            read = dicomsdl.open(path)
            np.add(read.pixelData(), int(read.RescaleIntercept), out=made[at], casting="unsafe")
        return made

    return {
        "labelwidgets, headers too": ours,
        "pydicom": with_pydicom,
        "SimpleITK ImageSeriesReader": with_sitk,
        "dicomsdl": with_sdl,
    }


def _volume(folder: Path, slices: int, report: Report) -> None:
    table = report.table(
        f"All values of {slices} slices of {SIDE} x {SIDE} in one array",
        "contender",
        "ms",
        "contender / ours",
        "peak, MiB",
        "peak / volume",
    )
    volume = slices * SIDE * SIDE * 2 / 2**20
    calls = volumes(folder)
    taken = {name: timed(call, REPEAT).median for name, call in calls.items()}
    for name, ms in taken.items():
        peak = _peak(name, folder)
        table.add(name, ms, ratio(ms, next(iter(taken.values()))), peak, f"{peak / volume:.2f}")
    scan = scan_of(folder)
    scan.values(0)
    first: dict[str, Callable[[], Any]] = {
        "labelwidgets": lambda: _forgotten(scan).values(slices // 2),
        "pydicom": lambda: pydicom.dcmread(folder / f"{slices // 2:03}.dcm").pixel_array,
    }
    _compare(first, report.table("One slice after opening", "contender", "ms", "contender / ours"))
    table.notes = [
        "A made CT of 12 bits, uncompressed, from the disk's cache. The peak is how much the",
        "process grew at most in its first run. What SimpleITK returns are its own images,",
        "without the copy to numpy; dicomsdl's values are the stored ones plus the intercept.",
    ]


def _forgotten(scan: SliceStack) -> SliceStack:
    scan._pixels._kept.drop()
    return scan


def _peak(name: str, folder: Path) -> float:
    command = [sys.executable, "-c", PEAK, name, str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(answer.stdout)


def _compressed(folder: Path, report: Report) -> None:
    import imagecodecs

    table = report.table(
        "Compressed slices, ms each",
        "syntax",
        "ours",
        "imagecodecs, 2 threads",
        "imagecodecs / ours",
        "pydicom",
        "pydicom / ours",
    )
    decoders: dict[str, Callable[[bytes], Any]] = {
        "RLE": lambda data: imagecodecs.dicomrle_decode(data, "<u2"),
        "lossless JPEG": imagecodecs.jpeg8_decode,
        "JPEG-LS": imagecodecs.jpegls_decode,
        "JPEG 2000": imagecodecs.jpeg2k_decode,
        "HTJ2K": imagecodecs.htj2k_decode,
    }
    count = 8 if report.quick else CODED
    for name, syntax in SYNTAXES.items():
        place = folder / name
        write_series(place, count, syntax)
        paths = sorted(place.iterdir())
        coded = [encode(chest(at), syntax) for at in range(count)]
        scan = scan_of(place)

        def ours(scan: SliceStack = scan) -> Any:
            # In the room that it has, as the arrays of the other are made where old ones were.
            scan._pixels._kept._there[:] = False
            return scan.box((0, 0, 0), scan.grid.shape)

        def bare(coded: list[bytes] = coded, name: str = name) -> Any:
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(decoders[name], coded))

        def theirs(paths: list[Path] = paths) -> Any:
            return [pydicom.dcmread(path).pixel_array for path in paths]

        if not (ours()[3] == chest(3).astype(np.int16) - 1024).all():
            raise AssertionError("The values differ.")
        mine, beside, third = (timed(call, 3).median / count for call in (ours, bare, theirs))
        table.add(name, mine, beside, ratio(beside, mine), third, ratio(third, mine))
    table.notes = [
        f"{count} slices of {SIDE} x {SIDE}; ours from files, all at once, to values in one",
        "array; imagecodecs from memory to an array for each, with nothing else done; pydicom",
        "from files to stored values, with the plug-in that it prefers of those installed. Where",
        "the load at the start is above 2, other work took part of both threads.",
    ]


def _compare(contenders: dict[str, Callable[[], Any]], table: Table) -> None:
    taken = {name: timed(call, REPEAT).median for name, call in contenders.items()}
    for name, ms in taken.items():
        table.add(name, ms, ratio(ms, next(iter(taken.values()))))


if __name__ == "__main__":
    main("dicom", measure)
