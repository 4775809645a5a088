"""Whole scans for PyTorch; imported when it is asked for, as it needs torch and torchvision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision import tv_tensors

from labelwidgets.errors import SourceError
from labelwidgets.formats.labelled_volume import labelled_volume
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.worker_pixels import Pixels
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.training.samples import Sample, Samples
from labelwidgets.training.torch_pictures import Pair, Transforms

if TYPE_CHECKING:
    import pandas as pd


class TorchVolumes(Dataset[Pair]):
    """The scans of a training set by their number: (values, target).

    Values are (1, slices, rows, columns) float32 in the unit of the scan, colours
    (3, slices, rows, columns). The target is a dict of `mask` ((slices, rows, columns) int64:
    the number of the class of each voxel, 0 where there is none), `spacing` (millimetres from slice
    to slice, row to row and column to column, float64; NaN where it is not known) and `image_id`.
    """

    def __init__(
        self,
        items: pd.DataFrame,
        labels: Sequence[Annotation],
        pixels: Pixels,
        ontology: Ontology,
        transforms: Transforms | None = None,
    ) -> None:
        by_item: dict[str, list[Annotation]] = {}
        for label in labels:
            if label.class_name in ontology:
                by_item.setdefault(label.item_id, []).append(label)
        scans = items[items["kind"].isin(VOLUMES) & (items["status"] != "failed")]
        if scans.empty:
            raise SourceError("has no scan.", where="training set")
        self.samples = Samples(
            Sample(str(id), None, str(title), None, by_item.get(str(id), []))
            for id, title in zip(scans["id"], scans["title"], strict=True)
        )
        self.classes = tuple(made.name for made in ontology.classes)
        self._pixels, self._ontology, self._transforms = pixels, ontology, transforms

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({numbered(len(self), 'scan')}, "
            f"{numbered(len(self.classes), 'class')})"
        )

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Pair:
        sample = self.samples[index]
        made = labelled_volume(sample.labels, sample.item, self._pixels.dataset, self._ontology)
        values = torch.from_numpy(np.array(made.values, np.float32))
        image = values.permute(3, 0, 1, 2) if values.ndim == 4 else values[None]
        target: dict[str, Any] = {
            "mask": tv_tensors.Mask(torch.from_numpy(made.labels.astype(np.int64))),
            "spacing": torch.tensor(made.spacing or (float("nan"),) * 3, dtype=torch.float64),
            "image_id": range(len(self))[index],
        }
        return (image, target) if self._transforms is None else self._transforms(image, target)
