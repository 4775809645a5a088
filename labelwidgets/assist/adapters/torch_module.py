"""Modules of PyTorch: detectors, segmenters and classifiers, by what they return."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.assist.adapters import from_module
from labelwidgets.assist.adapters.pictures import as_planes
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.arrays import ClassMap
from labelwidgets.assist.class_names import Classes, named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    import torch

Task = Literal["detection", "segmentation", "classification"]
# How much wider or narrower than the picture a map may be that is stretched over it.
_ASPECT = 0.1


class TorchPredictor(Wrapped):
    """A module of PyTorch, called without gradients and in its evaluation mode.

    What it returns says what it does: a list of dicts of boxes (and masks, keypoints), as
    torchvision's detectors do; (N, C, h, w), or a dict with that as ``out`` or an object with it as
    ``logits``: the classes of the pixels, stretched over the picture; (N, C): those of the picture
    as a whole. Logits become probabilities by softmax; of a single class by sigmoid.

    Parameters
    ----------
    module
        On whatever device it is.
    preprocess
        From a (C, H, W) float32 tensor, from 0 to 1, to what the module takes; such as the
        normalisation that it was trained with. It may resize, not crop.
    task
        ``detection``, ``segmentation`` or ``classification``; None goes by what it returns.
        Of detectors that are not torchvision's it says that they take a list of pictures.
    channels
        Of the pictures; None for those of its first convolution.
    names
        What its classes are called, such as ``weights.meta["categories"]``.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        preprocess: Callable[[torch.Tensor], torch.Tensor] | None = None,
        task: Task | None = None,
        channels: int | None = None,
        names: Classes | None = None,
    ) -> None:
        if task not in (None, "detection", "segmentation", "classification"):
            raise AssistantError(f"cannot be {task!r:.40}.", where="task")
        self.module = module
        self.preprocess = preprocess
        self.name = named_after(module)
        self.names = names
        kind = type(module).__module__
        self._lists = task == "detection" or kind.startswith("torchvision.models.detection")
        self._channels = channels if channels is not None else _channels_of(module)
        self._version: tuple[tuple[int, ...], str] | None = None

    @property
    def version(self) -> str:
        """A hash of the parameters as they are now: training goes on in the same kernel."""
        state = [*self.module.parameters(), *self.module.buffers()]
        marks = tuple(number for one in state for number in (id(one), one._version))
        if self._version is None or self._version[0] != marks:
            digest = hashlib.sha256()
            for one in state:
                digest.update(memoryview(_bytes(one)))
            self._version = (marks, digest.hexdigest()[:12])
        return self._version[1]

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the module says of one picture."""
        return self.predict_batch([pixels], [context])[0]

    def predict_batch(self, pixels: Sequence[Any], contexts: Sequence[Context]) -> Sequence[Answer]:
        """Return what the module says of pictures: of one size at once, else one after another."""
        import torch

        with torch.inference_mode(), _evaluating(self.module):
            inputs = [self._input(one) for one in pixels]
            sizes = [one.shape[:2] for one in pixels]
            if self._lists:
                found = _plain(self.module(inputs))
                return found if isinstance(found, list) else [found]
            if len({one.shape for one in inputs}) == 1:
                return self._answers(self.module(torch.stack(inputs)), sizes)
            return [
                self._answers(self.module(one[None]), [size])[0]
                for one, size in zip(inputs, sizes, strict=True)
            ]

    def _input(self, pixels: Any) -> torch.Tensor:
        import torch

        device = next((one.device for one in self.module.parameters()), torch.device("cpu"))
        made = torch.from_numpy(as_planes(pixels, self._channels)).to(device)
        return made if self.preprocess is None else self.preprocess(made)

    def _answers(self, output: Any, sizes: Sequence[tuple[int, int]]) -> list[Answer]:
        """Return an answer for each picture of a batch."""
        import torch

        output = _main(output)
        if isinstance(output, list):
            return list(_plain(output))
        if not isinstance(output, torch.Tensor) or output.ndim not in (2, 4):
            said = tuple(getattr(output, "shape", ())) or type(output).__name__
            raise AssistantError(
                f"returned {said}, not boxes, (N, C, H, W) or (N, C).",
                hint="Wrap it in a function that returns labels.",
            )
        if len(output) != len(sizes):
            raise AssistantError(
                f"returned {numbered(len(output), 'answer')} for {numbered(len(sizes), 'picture')}."
            )
        if not bool(torch.isfinite(output).all()):
            raise AssistantError("returned NaN or infinity.")
        if output.ndim == 2:
            return list(torch.softmax(output.float(), dim=1).cpu().numpy())
        return [_map(one, size) for one, size in zip(output, sizes, strict=True)]


def _map(logits: torch.Tensor, size: tuple[int, int]) -> Answer:
    """Return the classes of the pixels of a picture, from (C, h, w) logits."""
    import torch

    height, width = logits.shape[1:]
    if (height, width) != tuple(size):
        stretch = (width / size[1]) / (height / size[0])
        if not 1 - _ASPECT < stretch < 1 + _ASPECT and height != width:
            raise AssistantError(
                f"returned a map of {width} x {height} for a picture of {size[1]} x {size[0]}.",
                hint="`preprocess` may resize, not crop.",
            )
        logits = torch.nn.functional.interpolate(
            logits[None].float(), size=tuple(size), mode="bilinear", align_corners=False
        )[0]
    if len(logits) == 1:
        return torch.sigmoid(logits[0].float()).cpu().numpy()
    best, numbers = logits.float().max(dim=0)
    # The probability of the best: that of softmax, without the planes of all the others.
    sure = torch.exp(best - torch.logsumexp(logits.float(), dim=0))
    return ClassMap(numbers.to(torch.int32).cpu().numpy(), sure.cpu().numpy())


def _main(output: Any) -> Any:
    """Return the main part of what a module returns."""
    if isinstance(output, Mapping):
        if "boxes" in output:
            return [output]
        return output.get("out", output.get("logits", next(iter(output.values()), None)))
    if hasattr(output, "logits"):
        return output.logits
    if isinstance(output, tuple) and output:
        return output[0]
    return output


def _plain(output: Any) -> Any:
    """Return dicts of tensors as dicts of arrays."""
    if isinstance(output, list | tuple):
        return [_plain(one) for one in output]
    if isinstance(output, Mapping):
        return {name: _plain(one) for name, one in output.items()}
    return output.detach().cpu().numpy() if hasattr(output, "detach") else output


@contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Put a module into its evaluation mode, and back where it was in training."""
    training = [one for one in module.modules() if one.training]
    module.eval()
    try:
        yield
    finally:
        for one in training:
            one.training = True


def _channels_of(module: torch.nn.Module) -> int | None:
    """Return how many channels a module takes: those of its first convolution, else 3."""
    for one in module.modules():
        # Of those that are made of several, the parts come next.
        channels = getattr(one, "in_channels", None)
        if type(one).__name__.startswith("Conv2d") and isinstance(channels, int):
            return channels
    return 3


def _bytes(tensor: torch.Tensor) -> Any:
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy() if flat.numel() else b""


def fits(model: Any) -> bool:
    """Say whether it is a module of PyTorch."""
    return from_module(model, "torch") and hasattr(model, "parameters") and callable(model)


ADAPTER = TorchPredictor
