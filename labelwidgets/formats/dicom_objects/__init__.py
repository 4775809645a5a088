"""What DICOM objects that are made of labels have in common."""
