"""Sources and readers of pixels."""

from __future__ import annotations

from labelwidgets.media.dataset import Dataset, write_manifest
from labelwidgets.media.dicom.copying import PrivacyWarning, deidentify
from labelwidgets.media.dicom.deidentification import DeidentifyOptions
from labelwidgets.media.dicom.series import DicomSeries
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.image import open_image
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.sample_scans import sample_scan
from labelwidgets.media.sample_videos import SAMPLE_CUT, SAMPLE_MOVERS, frame_number, sample_video
from labelwidgets.media.samples import sample_photos
from labelwidgets.media.urls import canonical_url
from labelwidgets.media.video.reader import VideoReader
from labelwidgets.media.video.verification import Verification

__all__ = [
    "SAMPLE_CUT",
    "SAMPLE_MOVERS",
    "Dataset",
    "DeidentifyOptions",
    "DicomSeries",
    "Encoded",
    "Limits",
    "PrivacyWarning",
    "UrlPolicy",
    "Verification",
    "VideoReader",
    "canonical_url",
    "deidentify",
    "frame_number",
    "open_image",
    "sample_photos",
    "sample_scan",
    "sample_video",
    "write_manifest",
]
