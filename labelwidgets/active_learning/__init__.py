"""What to label next: functions from frames of predictions to an order of items.

Each strategy takes a frame and returns a Series of scores named after it, indexed as the frame
is and sorted, what is wanted most first. `Project.prioritize` takes it as it is.
"""

from labelwidgets.active_learning.detections import detection_uncertainty
from labelwidgets.active_learning.orders import (
    agreement_gain,
    bald,
    cluster_balanced,
    committee_disagreement,
    core_set,
    ensemble_variance,
    entropy,
    first,
    least_confidence,
    margin,
    random,
)
from labelwidgets.active_learning.suspects import label_errors, near_duplicates

__all__ = [
    "agreement_gain",
    "bald",
    "cluster_balanced",
    "committee_disagreement",
    "core_set",
    "detection_uncertainty",
    "ensemble_variance",
    "entropy",
    "first",
    "label_errors",
    "least_confidence",
    "margin",
    "near_duplicates",
    "random",
]
