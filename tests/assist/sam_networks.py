"""Tiny networks of ONNX with the interface of segment-anything's, whose answers can be told.

The encoder averages; the decoder selects what is near the positive points and not near the
negative ones, or within the box. Its three masks have radii of 20, 40 and 60 pixels of the square;
it is surest of the second, and more so of bright pictures. A mask that it is given adds its
largest logit to the squared radius.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

RADII = (20.0, 40.0, 60.0)
SURE = (0.5, 0.9, 0.7)

_ENCODER = """
<ir_version: 9, opset_import: ["" : 17]>
encoder (float[1,3,%(side)s,%(side)s] images)
  => (float[1,256,64,64] image_embeddings) {
  pooled = AveragePool <kernel_shape = [%(step)s, %(step)s],
    strides = [%(step)s, %(step)s]> (images)
  image_embeddings = Conv (pooled, weights)
}
"""
_RAW = """
<ir_version: 9, opset_import: ["" : 17]>
encoder (float[h,w,3] input_image) => (float[1,256,64,64] image_embeddings) {
  planes = Transpose <perm = [2, 0, 1]> (input_image)
  mean = ReduceMean <axes = [1, 2], keepdims = 1> (planes)
  axis = Constant <value_ints = [0]> ()
  one = Unsqueeze (mean, axis)
  wide = Conv (one, weights)
  shape = Constant <value_ints = [1, 256, 64, 64]> ()
  image_embeddings = Expand (wide, shape)
}
"""
# 0.5 is added to the points, and to the pixels: what lies where is compared middle by middle.
_DECODER = """
<ir_version: 9, opset_import: ["" : 17]>
decoder (
  float[1,256,64,64] image_embeddings, float[1,n,2] point_coords, float[1,n] point_labels,
  float[1,1,256,256] mask_input, float[1] has_mask_input, float[2] orig_im_size
) => (float[1,m,h,w] masks, float[1,m] iou_predictions, float[1,m,256,256] low_res_masks) {
  zero = Constant <value_float = 0.0> ()
  one = Constant <value_float = 1.0> ()
  half = Constant <value_float = 0.5> ()
  far = Constant <value_float = 1000000000.0> ()
  less = Constant <value_float = -1000000000.0> ()
  first = Constant <value_int = 0> ()
  second = Constant <value_int = 1> ()
  height = Gather (orig_im_size, first)
  width = Gather (orig_im_size, second)
  longest = Max (height, width)
  side = Constant <value_float = 1024.0> ()
  scale = Div (side, longest)
  rows0 = Range (zero, height, one)
  columns0 = Range (zero, width, one)
  rows1 = Add (rows0, half)
  columns1 = Add (columns0, half)
  rows2 = Mul (rows1, scale)
  columns2 = Mul (columns1, scale)
  rowshape = Constant <value_ints = [1, -1, 1]> ()
  columnshape = Constant <value_ints = [1, 1, -1]> ()
  pointshape = Constant <value_ints = [-1, 1, 1]> ()
  rows = Reshape (rows2, rowshape)
  columns = Reshape (columns2, columnshape)
  places = Add (point_coords, half)
  x0 = Gather <axis = 2> (places, first)
  y0 = Gather <axis = 2> (places, second)
  x = Reshape (x0, pointshape)
  y = Reshape (y0, pointshape)
  kinds = Reshape (point_labels, pointshape)
  dx = Sub (columns, x)
  dy = Sub (rows, y)
  dx2 = Mul (dx, dx)
  dy2 = Mul (dy, dy)
  d2 = Add (dx2, dy2)
  positive = Equal (kinds, one)
  negative = Equal (kinds, zero)
  two = Constant <value_float = 2.0> ()
  three = Constant <value_float = 3.0> ()
  corner = Equal (kinds, two)
  other = Equal (kinds, three)
  near0 = Where (positive, d2, far)
  near = ReduceMin <axes = [0], keepdims = 1> (near0)
  avoid0 = Where (negative, d2, far)
  avoid = ReduceMin <axes = [0], keepdims = 1> (avoid0)
  below0 = Min (dx, dy)
  below1 = Where (corner, below0, less)
  inside0 = ReduceMax <axes = [0], keepdims = 1> (below1)
  beyond0 = Max (dx, dy)
  beyond1 = Neg (beyond0)
  beyond2 = Where (other, beyond1, less)
  inside1 = ReduceMax <axes = [0], keepdims = 1> (beyond2)
  inside = Min (inside0, inside1)
  radii3 = Reshape (radii, pointshape)
  earlier0 = ReduceMax <keepdims = 0> (mask_input)
  earlier = Mul (earlier0, has_mask_input)
  squares = Mul (radii3, radii3)
  reach = Add (squares, earlier)
  nearness = Sub (reach, near)
  distance = Sub (avoid, squares)
  meant = Max (nearness, inside)
  logits = Min (meant, distance)
  axis = Constant <value_ints = [0]> ()
  masks = Unsqueeze (logits, axis)
  seen = ReduceMean <keepdims = 0> (image_embeddings)
  bright = Greater (seen, one)
  twentieth = Constant <value_float = 0.05> ()
  more = Where (bright, twentieth, zero)
  iou_predictions = Add (sure, more)
  lowshape = Constant <value_ints = [1, %(masks)s, 256, 256]> ()
  radii4shape = Constant <value_ints = [1, -1, 1, 1]> ()
  radii4 = Reshape (radii, radii4shape)
  low_res_masks = Expand (radii4, lowshape)
}
"""


def encoder(path: Path, raw: bool = False, side: int = 1024, channels: int = 256) -> Path:
    """Write an encoder whose every channel is the mean of red, green and blue nearby."""
    weights = np.full((channels, 3, 1, 1), 1 / 3, np.float32)
    text = _RAW if raw else _ENCODER % {"side": side, "step": side // 64}
    return _write(path, text.replace("256,64", f"{channels},64"), weights=weights)


def decoder(
    path: Path,
    radii: tuple[float, ...] = RADII,
    sure: tuple[float, ...] = SURE,
    change: tuple[str, str] = ("\t", " "),
) -> Path:
    """Write a decoder; `change` replaces words of its graph."""
    text = (_DECODER % {"masks": len(radii)}).replace(*change)
    return _write(path, text, radii=np.float32(radii), sure=np.float32([sure]))


def _write(path: Path, text: str, **constants: Any) -> Path:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    made = onnx.parser.parse_model(text)
    for name, value in constants.items():
        made.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(value), name))
    onnx.save(made, path)
    return path
