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
from labelwidgets.media.samples import sample_photos
from labelwidgets.media.urls import canonical_url

__all__ = [
    "Dataset",
    "DeidentifyOptions",
    "DicomSeries",
    "Encoded",
    "Limits",
    "PrivacyWarning",
    "UrlPolicy",
    "canonical_url",
    "deidentify",
    "open_image",
    "sample_photos",
    "sample_scan",
    "write_manifest",
]
