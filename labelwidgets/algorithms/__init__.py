"""Numpy in, numpy out: nothing here knows of labels, files or widgets."""

from labelwidgets.algorithms.borders import move_shared_vertex, trace_border
from labelwidgets.algorithms.correspondences import correspond
from labelwidgets.algorithms.cuts import find_cuts, small_copy
from labelwidgets.algorithms.growth import grow, wand
from labelwidgets.algorithms.gwet import gwet_ac
from labelwidgets.algorithms.islands import fill_holes, keep_largest_island, remove_small_islands
from labelwidgets.algorithms.kappa import cohen_kappa, fleiss_kappa, percent_agreement
from labelwidgets.algorithms.krippendorff import krippendorff_alpha
from labelwidgets.algorithms.label_runs import LabelRuns, label_runs
from labelwidgets.algorithms.localised_alpha import (
    class_difficulty,
    collaboration,
    localised_alpha,
    sensitivity,
    vitality,
)
from labelwidgets.algorithms.margins import grow_mask, shrink_mask
from labelwidgets.algorithms.marks import BoxSimilarity, marks_of
from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.algorithms.polygon_algebra import (
    intersect_polygons,
    join_lines,
    join_polygons,
    repair_polygon,
    split_polygon,
    subtract_polygons,
    unite_polygons,
)
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.resampling import confidence_interval
from labelwidgets.algorithms.scissors import scissors_map, trace
from labelwidgets.algorithms.scribbles import segment_scribbles
from labelwidgets.algorithms.sculptor import sculpt, tool_radius
from labelwidgets.algorithms.set_distances import jaccard_distance, masi_distance
from labelwidgets.algorithms.simplification import (
    freehand_outline,
    simplify_line,
    simplify_polygon,
)
from labelwidgets.algorithms.slice_interpolation import interpolate_slices
from labelwidgets.algorithms.strokes import stroke_to_mask
from labelwidgets.algorithms.superpixels import superpixels
from labelwidgets.algorithms.threshold import threshold_stroke
from labelwidgets.algorithms.tone import tone_table, window_ends
from labelwidgets.algorithms.tracing import mask_to_polygons
from labelwidgets.algorithms.volume_islands import (
    fill_holes_3d,
    keep_largest_island_3d,
    remove_small_islands_3d,
)
from labelwidgets.algorithms.volume_margins import MAX_MARGIN_MM, grow_mask_3d, shrink_mask_3d

__all__ = [
    "MAX_MARGIN_MM",
    "BoxSimilarity",
    "LabelRuns",
    "class_difficulty",
    "cohen_kappa",
    "collaboration",
    "confidence_interval",
    "correspond",
    "decode_rle",
    "encode_rle",
    "fill_holes",
    "fill_holes_3d",
    "find_cuts",
    "fleiss_kappa",
    "freehand_outline",
    "grow",
    "grow_mask",
    "grow_mask_3d",
    "gwet_ac",
    "interpolate_slices",
    "intersect_polygons",
    "jaccard_distance",
    "join_lines",
    "join_polygons",
    "keep_largest_island",
    "keep_largest_island_3d",
    "krippendorff_alpha",
    "label_runs",
    "localised_alpha",
    "marks_of",
    "masi_distance",
    "mask_to_polygons",
    "move_shared_vertex",
    "percent_agreement",
    "polygon_to_mask",
    "remove_small_islands",
    "remove_small_islands_3d",
    "repair_polygon",
    "scissors_map",
    "sculpt",
    "segment_scribbles",
    "sensitivity",
    "shrink_mask",
    "shrink_mask_3d",
    "simplify_line",
    "simplify_polygon",
    "small_copy",
    "split_polygon",
    "stroke_to_mask",
    "subtract_polygons",
    "superpixels",
    "threshold_stroke",
    "tone_table",
    "tool_radius",
    "trace",
    "trace_border",
    "unite_polygons",
    "vitality",
    "wand",
    "window_ends",
]
