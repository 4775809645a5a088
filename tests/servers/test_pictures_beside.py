"""Pictures of a bucket beside their labels in another: straight from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import formats
from tests.media.builders import png
from tests.servers.s3 import S3

BOX = lw.Rectangle(4, 5, 20, 10)
PLACES = {
    "yolo": "images/train",
    "coco": "images",
    "cvat": "images",
    "labelme": "",
    "via": "",
    "via3": "",
    "vott": "",
    "createml": "",
    "datumaro": "images/default",
    "open_images": "images/train",
    "segment_anything": "",
    "masks": "images",
}


def _told(options: dict[str, Any]) -> dict[str, Any]:
    return options


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
def test_pictures_go_from_bucket_to_bucket_with_the_labels_of_every_format(s3: S3) -> None:
    photos, target = s3.bucket(), s3.bucket()
    data = {f"day/{at}.png": png(np.full((30, 40, 3), at, np.uint8)) for at in range(3)}
    for key, content in data.items():
        photos.write(key, content)
    dataset = lw.Dataset.open(f"{photos.url}/**/*.png", **s3.options)
    labels = [lw.Annotation(item_id=one, class_name="car", geometry=BOX) for one in dataset]
    files = s3.filesystem()
    tell: Callable[[], dict[str, Any]] = partial(_told, s3.options)
    for name, folder in PLACES.items():
        for workers in (None, 1) if name in ("yolo", "masks") else (None,):
            path = f"{target.url}/{name}-{workers}"
            how: dict[str, Any] = s3.options
            if workers:
                how = {"workers": workers, "storage_options": tell}
            formats.write(labels, path, name, dataset=dataset, pictures=True, **how)
            there = set(files.find(path))
            for key, content in data.items():
                place = f"{path}/{folder}/{key}" if folder else f"{path}/{key}"
                assert files.cat(place) == content, name
            assert len(there) > len(data)
        if name in ("cvat", "labelme", "segment_anything", "masks", "datumaro"):
            found = formats.read(path, name, items=dataset.items, **s3.options)
            assert len(found.annotations) == 3, name
