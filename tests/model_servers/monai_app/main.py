"""An app for a real MONAI Label server: its networks are thresholds, its transforms MONAI's own.

It is run by the server, see `test_real_monai_label`, and needs nothing of labelwidgets.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from monai.apps.deepedit.transforms import AddGuidanceFromPointsDeepEditd
from monai.inferers import SimpleInferer
from monai.transforms import EnsureChannelFirstd, LoadImaged, Orientationd, ToNumpyd
from monailabel.interfaces.app import MONAILabelApp
from monailabel.interfaces.tasks.infer_v2 import InferType
from monailabel.interfaces.tasks.train import TrainTask
from monailabel.tasks.activelearning.first import First
from monailabel.tasks.infer.basic_infer import BasicInferTask
from monailabel.transform.post import Restored

REACH = 4
LEVEL = 50


class Dense(BasicInferTask):
    """What is denser than so many HU."""

    def __init__(self, kind: Any = InferType.SEGMENTATION, labels: Any = None) -> None:
        super().__init__(None, torch.nn.Identity(), kind, labels or {"dense": 1}, 3, "for tests")

    def pre_transforms(self, data: Any = None) -> Any:
        return [
            LoadImaged(keys="image"),
            EnsureChannelFirstd(keys="image"),
            Orientationd(keys="image", axcodes="RAS"),
        ]

    def inferer(self, data: Any = None) -> Any:
        return SimpleInferer()

    def inverse_transforms(self, data: Any = None) -> Any:
        return []

    def post_transforms(self, data: Any = None) -> Any:
        return [ToNumpyd(keys="pred"), Restored(keys="pred", ref_image="image")]

    def run_inferer(self, data: Any, convert_to_batch: bool = True, device: str = "cpu") -> Any:
        data["pred"] = (data["image"] > LEVEL).float()
        return data


class Near(Dense):
    """What is denser than so many HU near the clicks of each label, as DeepEdit is shown them."""

    def __init__(self) -> None:
        super().__init__(InferType.DEEPEDIT, {"cube": 1, "sphere": 2, "background": 3})

    def pre_transforms(self, data: Any = None) -> Any:
        return [
            *super().pre_transforms(data),
            AddGuidanceFromPointsDeepEditd("image", label_names=self.labels),
        ]

    def run_inferer(self, data: Any, convert_to_batch: bool = True, device: str = "cpu") -> Any:
        image = data["image"]
        made = torch.zeros_like(image)
        places = np.indices(image.shape[1:])
        for name, number in self.labels.items():
            for click in data["guidance"][name]:
                far = np.abs(places - np.reshape(click, (3, 1, 1, 1))).max(axis=0)
                there = torch.from_numpy(far <= REACH) & (image[0] > LEVEL)
                made[0][there] = 0 if name == "background" else number
        data["pred"] = made
        return data


class Waits(TrainTask):
    """A training that takes half a second an epoch."""

    def config(self) -> Any:
        return {"max_epochs": 50}

    def __call__(self, request: Any, datastore: Any) -> Any:
        for epoch in range(int(request["max_epochs"])):
            print("epoch", epoch, flush=True)
            time.sleep(0.5)
        return {"labels": len(datastore.get_labeled_images())}


class App(MONAILabelApp):
    def __init__(self, app_dir: str, studies: str, conf: Any) -> None:
        super().__init__(app_dir, studies, conf, name="For tests", version="7")

    def init_infers(self) -> Any:
        return {"dense": Dense(), "near": Near()}

    def init_trainers(self) -> Any:
        return {"dense": Waits("waits")}

    def init_strategies(self) -> Any:
        return {"first": First()}
