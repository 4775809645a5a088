"""Training sets for MONAI: a list of dicts with arrays, read when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from labelwidgets.extras import library
from labelwidgets.formats.labelled_volume import labelled_volume
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.numbered import numbered
from labelwidgets.training.samples import Sample
from labelwidgets.training.targets import class_map, objects_of

if TYPE_CHECKING:
    from labelwidgets.training.training_set import TrainingSet

# From left, back, head, as DICOM has it, to right, front, head, as NIfTI and MONAI do.
_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


class MonaiItems(Sequence[dict[str, Any]]):
    """Dicts with ``image`` and ``label``, for `monai.data.Dataset` and its dictionary transforms.

    Both are `MetaTensor` with a channel in front: of a whole scan (1, columns, rows, slices) with
    its affine (RAS, millimetres), so that `Spacingd` and `Orientationd` know what to do; of a
    picture (3, H, W) and (1, H, W). ``label`` holds numbers of classes, 0 where there is none.
    ``item_id`` and ``name`` say what it is. As they are read, `LoadImaged` is not needed.
    """

    def __init__(self, training: TrainingSet) -> None:
        self._tensor = library("monai.data", "monai", "to_monai").MetaTensor
        library("torch", "torch", "to_monai")
        self._training, self._pixels = training, training.pixels()
        scans = training.items["kind"].isin(VOLUMES) & (training.items["status"] != "failed")
        self._scans = [str(id) for id in training.items.loc[scans, "id"]]
        titles = training.items.set_index("id")["title"]
        self._titles = {id: str(titles[id]) for id in self._scans}
        whole = set(self._scans)
        owners = training.samples
        self._pictures = [at for at, one in enumerate(owners) if one.item not in whole]

    def __repr__(self) -> str:
        return (
            f"MonaiItems({numbered(len(self._scans), 'scan')}, "
            f"{numbered(len(self._pictures), 'picture')})"
        )

    def __len__(self) -> int:
        return len(self._scans) + len(self._pictures)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        if at < len(self._scans):
            return self._scan(self._scans[at])
        return self._picture(self._training.samples[self._pictures[at - len(self._scans)]])

    def _scan(self, item: str) -> dict[str, Any]:
        training = self._training
        own = [one for one in training.labels if one.item_id == item and one.class_name]
        chosen = training.chosen_ontology
        own = [one for one in own if one.class_name in chosen]
        made = labelled_volume(own, item, training.dataset, chosen)
        affine = None if made.affine is None else _TO_RAS @ made.affine
        values = np.asarray(made.values, np.float32)
        image = values.transpose(3, 2, 1, 0) if values.ndim == 4 else values.T[None]
        return {
            "image": self._tensor(np.ascontiguousarray(image), affine=affine),
            "label": self._tensor(
                np.ascontiguousarray(made.labels.T[None].astype(np.int64)), affine=affine
            ),
            "item_id": item,
            "name": self._titles[item],
        }

    def _picture(self, sample: Sample) -> dict[str, Any]:
        picture = self._pixels.read(sample.item, sample.frame, 3)
        size = picture.shape[1], picture.shape[0]
        label = class_map(objects_of(sample, size, self._training.numbers), size)
        image = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)
        return {
            "image": self._tensor(image),
            "label": self._tensor(label[None]),
            "item_id": sample.item,
            "name": sample.name,
        }
