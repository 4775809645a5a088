"""Series of DICOMweb servers (DICOM PS3.18): found by QIDO-RS, read by WADO-RS."""
