"""KITTI's labels of tracks: see `labelwidgets.formats.kitti`."""

from labelwidgets.formats.kitti.track_reading import read, sniff, sniff_files
from labelwidgets.formats.kitti.track_writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
