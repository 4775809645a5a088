"""One shape of several, each drawn by another person."""

from labelwidgets.algorithms.fusion.boxes import fuse_boxes, weighted_boxes_fusion
from labelwidgets.algorithms.fusion.disagreement import pixel_disagreement
from labelwidgets.algorithms.fusion.intervals import fuse_intervals, interval_ious
from labelwidgets.algorithms.fusion.joints import fuse_keypoints
from labelwidgets.algorithms.fusion.lines import fuse_lines
from labelwidgets.algorithms.fusion.mask_votes import majority_labels, majority_mask
from labelwidgets.algorithms.fusion.middle import geometric_median
from labelwidgets.algorithms.fusion.outlines import fuse_polygons
from labelwidgets.algorithms.fusion.staple import Staple, staple
from labelwidgets.algorithms.fusion.staple_labels import StapleLabels, staple_labels

__all__ = [
    "Staple",
    "StapleLabels",
    "fuse_boxes",
    "fuse_intervals",
    "fuse_keypoints",
    "fuse_lines",
    "fuse_polygons",
    "geometric_median",
    "interval_ious",
    "majority_labels",
    "majority_mask",
    "pixel_disagreement",
    "staple",
    "staple_labels",
    "weighted_boxes_fusion",
]
