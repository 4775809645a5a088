"""Numpy in, numpy out: nothing here knows of labels, files or widgets."""

from labelwidgets.algorithms.growth import grow, wand
from labelwidgets.algorithms.islands import fill_holes, keep_largest_island, remove_small_islands
from labelwidgets.algorithms.margins import grow_mask, shrink_mask
from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.strokes import stroke_to_mask
from labelwidgets.algorithms.tracing import mask_to_polygons

__all__ = [
    "decode_rle",
    "encode_rle",
    "fill_holes",
    "grow",
    "grow_mask",
    "keep_largest_island",
    "mask_to_polygons",
    "polygon_to_mask",
    "remove_small_islands",
    "shrink_mask",
    "stroke_to_mask",
    "wand",
]
