"""NIfTI volumes, read slice by slice from wherever they lie."""
