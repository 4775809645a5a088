"""How strictly labels are compared with a reference."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from labelwidgets.errors import SchemaError
from labelwidgets.schema.misfits import in_words
from labelwidgets.workflow.similarity import Measure

Metric: TypeAlias = Literal["accuracy", "precision", "recall", "jaccard"]


class QualityRules(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds and switches of a quality check, with the names and defaults that CVAT has.

    Parameters
    ----------
    iou_threshold
        Labels that are less alike than that (see `similarities`) are not the same object.
    low_overlap_threshold
        Below it, the same object is drawn badly.
    oks_sigma
        How far apart two people put a joint, as a share of the root of the object's area.
    line_thickness
        How far apart two people draw a line, as a share of the root of the picture's area.
    compare_line_orientation, line_orientation_threshold
        Whether lines have a direction, and by how much better they must fit when turned round
        to have the wrong one.
    compare_attributes
        Whether answers are compared.
    compare_groups, group_match_threshold
        Whether what belongs together (labels of one `track_id`) does so in both, and the share
        that two groups must have in common: their intersection over union.
    check_covered_annotations, object_visibility_threshold
        Whether labels are looked for that lie under others, and the share of its area that must
        be seen of one.
    panoptic_comparison
        Of polygons and masks, compare what is seen.
    empty_is_annotated
        Whether an item that is empty in both counts as one label that is right.
    target_metric, target_metric_threshold
        What is to be reached.
    """

    iou_threshold: float = 0.4
    low_overlap_threshold: float = 0.8
    oks_sigma: float = 0.09
    line_thickness: float = 0.01
    compare_line_orientation: bool = True
    line_orientation_threshold: float = 0.1
    compare_attributes: bool = True
    compare_groups: bool = True
    group_match_threshold: float = 0.5
    check_covered_annotations: bool = True
    object_visibility_threshold: float = 0.05
    panoptic_comparison: bool = True
    empty_is_annotated: bool = False
    target_metric: Metric = "accuracy"
    target_metric_threshold: float = 0.7

    @classmethod
    def of(cls, **settings: Any) -> QualityRules:
        """Return rules with some settings that are not the defaults.

        Raises
        ------
        SchemaError
            If there is no such setting, or its value is impossible.
        """
        for name in settings:
            if name not in cls.__struct_fields__:
                raise SchemaError(
                    "is no setting of a quality check.",
                    where=str(name)[:80],
                    hint=f"There are: {', '.join(cls.__struct_fields__)}.",
                )
        try:
            rules = msgspec.convert(settings, cls)
        except msgspec.ValidationError as error:
            raise in_words(error).at(SchemaError, "quality") from None
        for name in cls.__struct_fields__:
            value = getattr(rules, name)
            if isinstance(value, float) and not 0 <= value <= 1:
                raise SchemaError(f"must be from 0 to 1, not {value:g}.", where=name)
        for name in ("oks_sigma", "line_thickness"):
            if getattr(rules, name) == 0:
                raise SchemaError("must be greater than 0.", where=name)
        return rules

    @property
    def measure(self) -> Measure:
        """What of two labels is compared."""
        return Measure(self.oks_sigma, self.line_thickness, self.panoptic_comparison)
