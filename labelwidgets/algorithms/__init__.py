"""Numpy in, numpy out: nothing here knows of labels, files or widgets."""

from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.tracing import mask_to_polygons

__all__ = ["decode_rle", "encode_rle", "mask_to_polygons", "polygon_to_mask"]
