"""Skeletons of which a file says no more than the joints that it has."""

from __future__ import annotations

import msgspec

from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass, Skeleton


class GrowingSkeletons:
    """Joints of classes that are met one by one; those that a label lacks are not labelled.

    Parameters
    ----------
    found
        What a file has, with the labels.
    """

    def __init__(self, found: FileLabels) -> None:
        self._found = found
        self._joints: dict[str, list[str]] = {}

    def joints(self, name: str) -> list[str]:
        """Return the joints of a class, of the project or of those met so far."""
        known = self._found.known(name)
        if known is not None and known.skeleton is not None:
            return known.skeleton.joints
        return self._joints.get(name, [])

    def meet(self, name: str, joints: list[str]) -> None:
        """Note joints of a class; new ones come after those that were met before."""
        known = self._found.known(name)
        if known is None or known.skeleton is None:
            mine = self._joints.setdefault(name, [])
            mine += [joint for joint in dict.fromkeys(joints) if joint not in mine]

    def close(self) -> None:
        """Give the classes their joints, and all labels of each as many."""
        for name, joints in self._joints.items():
            made = self._found.known(name) or ObjectClass(name)
            grown = msgspec.structs.replace(made, skeleton=Skeleton(joints))
            self._found.tell(grown, any_tool=True)
        self._found.annotations = [self._filled(one) for one in self._found.annotations]

    def _filled(self, label: Annotation) -> Annotation:
        shape = label.geometry
        lacking = len(self._joints.get(label.class_name or "", ()))
        if not isinstance(shape, Keypoints) or len(shape.points) >= lacking:
            return label
        points = [*shape.points, *[(0.0, 0.0, 0)] * (lacking - len(shape.points))]
        return msgspec.structs.replace(label, geometry=Keypoints(points))
