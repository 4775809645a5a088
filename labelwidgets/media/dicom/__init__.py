"""DICOM series and single files, read slice by slice from wherever they lie."""
