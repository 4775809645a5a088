"""Reading video files, frame by frame."""
