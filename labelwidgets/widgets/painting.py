"""Labels painted into a picture.

Coordinates are in pixels of the full-resolution image, x right and y down,
with (0, 0) at the outer corner of the first pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.masks import BoolMask, decode_rle
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    RLE,
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.ontology import Ontology, Skeleton
from labelwidgets.widgets.lettering import Lettering

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Color: TypeAlias = tuple[int, int, int]
XY: TypeAlias = tuple[float, float]

# What is drawn at most, so that a picture with any number of labels is quick.
MAX_SHAPES = 1_500
MAX_TAGS = 100
MAX_VERTICES = 100_000
MAX_MASK_PIXELS = 200_000_000

# Lines are drawn at twice the size and shrunk, which smooths them: 1.5 pixels are 3 here.
ZOOM = 2
_LINE = 3
_HALO = 7
_DOT = 7
_SHADE = (0, 0, 0, 110)
_GREY = (200, 200, 200)
_FONT = 12 * ZOOM
# Pillow's loops run over all rows of a shape: keep what lies far outside near.
_FAR = 20_000.0


class _Box(NamedTuple):
    """An upright box on the canvas."""

    x: int
    y: int
    width: int
    height: int

    def meets(self, other: _Box) -> bool:
        """Say whether two boxes share pixels."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


class Painting:
    """A canvas, and what may still be drawn on it.

    Parameters
    ----------
    canvas
        RGB, at `ZOOM` times the size of the picture that comes of it; it is drawn on.
    size
        (width, height) that the labels are for.
    ontology
        Gives colours and skeletons; classes that it lacks are grey.
    unit
        How thick lines and how large letters are: 1 for lines of 1.5 pixels.
    fill
        How much of the picture areas cover, from 0 to 1.
    scores
        Put the confidence behind the name.
    """

    def __init__(
        self,
        canvas: Image,
        size: tuple[int, int],
        ontology: Ontology,
        unit: float = 1.0,
        fill: float = 0.2,
        scores: bool = False,
    ) -> None:
        from PIL import ImageDraw

        self.canvas = canvas
        self.line, self.halo = max(2, round(_LINE * unit)), max(4, round(_HALO * unit))
        self.dot, self.letter = max(3, round(_DOT * unit)), max(8, round(_FONT * unit))
        self.fill, self.scores = round(255 * fill), scores
        self.pen: ImageDraw.ImageDraw = ImageDraw.Draw(canvas, "RGBA")
        self.lettering = Lettering(self.letter)
        self.scale = canvas.width / size[0], canvas.height / size[1]
        self.colors = {made.name: _rgb(made.color) for made in ontology.classes}
        self.skeletons = {made.name: made.skeleton for made in ontology.classes}
        self.tags: dict[str, Image] = {}
        self.named: list[_Box] = []
        self.vertices = MAX_VERTICES
        self.mask_pixels = MAX_MASK_PIXELS

    def all(self, annotations: Iterable[Annotation], names: bool = True, total: int = 0) -> None:
        """Draw labels, small ones over large ones, and say if there was no room for some.

        Parameters
        ----------
        annotations
            Those with a place are drawn there; classes of tags stand in the upper right corner.
        names
            Write the names of classes.
        total
            How many labels with a place there are, where `annotations` are some of them.
        """
        annotations = list(annotations)
        placed = [made for made in annotations if made.geometry.bounds is not None]
        placed.sort(key=_extent, reverse=True)
        drawn = sum(self.draw(annotation) for annotation in placed[:MAX_SHAPES])
        self.chips([made.class_name for made in annotations if isinstance(made.geometry, Tag)])
        for annotation in placed[:MAX_TAGS] if names else ():
            self.name(annotation)
        count = max(len(placed), total)
        if drawn < count:
            self.note(f"{drawn:,} of {numbered(count, 'label')} are shown")

    def draw(self, annotation: Annotation) -> bool:
        """Draw one label; say whether there was room for it."""
        shape, name = annotation.geometry, annotation.class_name or ""
        color = self.colors.get(name, _GREY)
        if isinstance(shape, Mask | VolumeMask):
            return self._mask(_slice(shape), color)
        if isinstance(shape, Rectangle):
            return self._area([[shape.corners]], color)
        if isinstance(shape, Ellipse):
            return self._area([[_around(shape)]], color)
        if isinstance(shape, Polygon):
            return self._area(shape.parts, color)
        if isinstance(shape, Cuboid):
            front, back = shape.points[:4], shape.points[4:]
            depth = [list(pair) for pair in zip(front, back, strict=True)]
            return self._lines([[*back, back[0]], *depth], color) and self._area([[front]], color)
        if isinstance(shape, Polyline):
            return self._lines([shape.points], color)
        if isinstance(shape, Keypoints):
            return self._joints(shape, self.skeletons.get(name), color)
        if isinstance(shape, Point):
            self._dot((shape.x, shape.y), color)
            return True
        return False

    def name(self, annotation: Annotation) -> None:
        """Put the name of the class at the top left corner of a label, if that is free."""
        bounds = annotation.geometry.bounds
        if bounds is None or annotation.class_name is None:
            return
        text = annotation.class_name
        if self.scores and annotation.confidence is not None:
            text = f"{_short(text)} {annotation.confidence:.2f}"
        tag = self.tags.get(text)
        if tag is None:
            color = self.colors.get(annotation.class_name, _GREY)
            tag = self.tags[text] = self._tag(text, color)
        (x, y), *_ = self._scaled([bounds[:2]])
        left = min(max(0.0, x - 1), max(0, self.canvas.width - tag.width))
        top = y - tag.height - 2 if y >= tag.height + 2 else max(y + 2, 0.0)
        box = _Box(round(left), round(min(top, self.canvas.height - tag.height)), *tag.size)
        if not any(box.meets(other) for other in self.named):
            self.named.append(box)
            self.canvas.paste(tag, (box.x, box.y))

    def chips(self, names: Iterable[str | None]) -> None:
        """Put names of classes into the upper right corner, from right to left and downwards."""
        gap = 4
        right, top = self.canvas.width - gap, gap
        for name in dict.fromkeys(name for name in names if name is not None):
            tag = self._tag(name, self.colors.get(name, _GREY))
            if right - tag.width < gap and right < self.canvas.width - gap:
                right, top = self.canvas.width - gap, top + tag.height + gap
            if top + tag.height > self.canvas.height:
                return
            left = max(0, right - tag.width)
            self.named.append(_Box(left, top, *tag.size))
            self.canvas.paste(tag, (left, top))
            right = left - gap

    def note(self, text: str) -> None:
        """Write a line at the bottom of the picture."""
        tag = self._tag(text, (30, 30, 30))
        self.canvas.paste(tag, (0, self.canvas.height - tag.height))

    def _tag(self, text: str, color: Color) -> Image:
        from PIL import Image, ImageDraw

        text, font = self.lettering.of(_short(text, 40))
        margin = self.letter // 5
        width = math.ceil(font.getlength(text)) + 2 * margin
        tag = Image.new("RGB", (width, self.letter + self.letter // 3), color)
        # Rec. 601 luma: black on light colours, white on dark ones.
        light = color[0] * 0.299 + color[1] * 0.587 + color[2] * 0.114 > 140
        ImageDraw.Draw(tag).text((margin, 1), text, fill="black" if light else "white", font=font)
        return tag

    def _scaled(self, points: Iterable[XY]) -> list[XY]:
        sx, sy = self.scale
        return [(min(max(x * sx, -_FAR), _FAR), min(max(y * sy, -_FAR), _FAR)) for x, y in points]

    def _room(self, vertices: int) -> bool:
        if vertices > self.vertices:
            return False
        self.vertices -= vertices
        return True

    def _area(self, parts: Sequence[Sequence[Sequence[XY]]], color: Color) -> bool:
        rings = [[self._scaled(ring) for ring in part] for part in parts]
        if not self._room(sum(len(ring) for part in rings for ring in part)):
            return False
        for part in rings:
            if len(part) == 1:
                self.pen.polygon(part[0], fill=(*color, self.fill))
            else:
                self._fill_with_holes(part, color)
        self._stroke([[*ring, ring[0]] for part in rings for ring in part], color)
        return True

    def _fill_with_holes(self, part: list[list[XY]], color: Color) -> None:
        from PIL import Image, ImageDraw

        xs, ys = [x for x, _ in part[0]], [y for _, y in part[0]]
        left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        right = min(self.canvas.width, math.ceil(max(xs)) + 1)
        bottom = min(self.canvas.height, math.ceil(max(ys)) + 1)
        if left >= right or top >= bottom:
            return
        stencil = Image.new("L", (right - left, bottom - top))
        pen = ImageDraw.Draw(stencil)
        for index, ring in enumerate(part):
            moved = [(x - left, y - top) for x, y in ring]
            pen.polygon(moved, fill=0 if index else self.fill)
        self.canvas.paste(color, (left, top), stencil)

    def _lines(self, lines: Sequence[Sequence[XY]], color: Color) -> bool:
        if not self._room(sum(len(line) for line in lines)):
            return False
        self._stroke([self._scaled(line) for line in lines], color)
        return True

    def _stroke(self, lines: list[list[XY]], color: Color) -> None:
        for line in lines:
            self.pen.line(line, fill=_SHADE, width=self.halo)
        for line in lines:
            joint = "curve" if len(line) <= 100 else None
            self.pen.line(line, fill=color, width=self.line, joint=joint)

    def _joints(self, shape: Keypoints, skeleton: Skeleton | None, color: Color) -> bool:
        points = shape.points
        edges = [
            [points[a][:2], points[b][:2]]
            for a, b in (skeleton.edges if skeleton else [])
            if max(a, b) < len(points) and points[a][2] and points[b][2]
        ]
        if not self._lines(edges, color):
            return False
        for x, y, visibility in points:
            if visibility:
                self._dot((x, y), color, hollow=visibility == 1)
        return True

    def _dot(self, point: XY, color: Color, hollow: bool = False) -> None:
        (x, y), *_ = self._scaled([point])
        for radius, fill in ((self.dot + 2, _SHADE), (self.dot, (*color, 255))):
            self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        if hollow:
            radius = self.dot - max(2, self.line)
            self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(0, 0, 0, 200))

    def _mask(self, rle: RLE, color: Color) -> bool:
        height, width = rle.size
        if height * width > self.mask_pixels:
            return False
        self.mask_pixels -= height * width
        x, y, w, h = Mask(rle).bounds
        if not w or not h:
            return True
        across, down = self.canvas.width / width, self.canvas.height / height
        # Around it is the halo.
        left = max(0, int(x * across) - self.line)
        right = min(self.canvas.width, int((x + w) * across) + self.line + 1)
        top = max(0, int(y * down) - self.line)
        bottom = min(self.canvas.height, int((y + h) * down) + self.line + 1)
        columns = ((np.arange(left, right) + 0.5) / across).astype(np.int64).clip(0, width - 1)
        rows = ((np.arange(top, bottom) + 0.5) / down).astype(np.int64).clip(0, height - 1)
        full = decode_rle({"size": rle.size, "counts": rle.counts})
        bits = np.ascontiguousarray(full.T[columns][:, rows].T)
        self._stencil(bits, color, self.fill, (left, top))
        self._stencil(_spread(bits, self.line - 1) & ~bits, (0, 0, 0), _SHADE[3], (left, top))
        self._stencil(bits & ~_shrunk(bits, self.line), color, 255, (left, top))
        return True

    def _stencil(self, bits: BoolMask, color: Color, alpha: int, at: tuple[int, int]) -> None:
        from PIL import Image

        self.canvas.paste(color, at, Image.fromarray(bits.view(np.uint8) * np.uint8(alpha)))


def _short(text: str, most: int = 32) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def _slice(shape: Mask | VolumeMask) -> RLE:
    if isinstance(shape, Mask):
        return shape.rle
    numbers = sorted(shape.slices)
    return shape.slices[numbers[len(numbers) // 2]]


def _around(ellipse: Ellipse) -> list[XY]:
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    u, v = ellipse.rx * np.cos(turn), ellipse.ry * np.sin(turn)
    cos, sin = math.cos(math.radians(ellipse.angle)), math.sin(math.radians(ellipse.angle))
    xs: NDArray[np.float64] = ellipse.x + u * cos - v * sin
    ys: NDArray[np.float64] = ellipse.y + u * sin + v * cos
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _spread(bits: BoolMask, by: int) -> BoolMask:
    """Return the pixels that are set, or have one that is up to `by` to a side of them."""
    wide = bits.copy()
    wide[by:] |= bits[:-by]
    wide[:-by] |= bits[by:]
    tall = wide.copy()
    tall[:, by:] |= wide[:, :-by]
    tall[:, :-by] |= wide[:, by:]
    return tall


def _shrunk(bits: BoolMask, by: int) -> BoolMask:
    return ~_spread(~bits, by)


def _rgb(color: str | None) -> Color:
    if color is None:
        return _GREY
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _extent(annotation: Annotation) -> float:
    bounds = annotation.geometry.bounds
    return bounds[2] * bounds[3] if bounds else 0.0


def canvas_of(pixels: NDArray[np.uint8], size: tuple[int, int]) -> Image:
    """Return a picture to paint on, RGB, at `ZOOM` times a size.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C) of eight bits; what is transparent becomes white.
    size
        (width, height) of the picture that is to come of it.
    """
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] not in (3, 4):
        pixels = np.ascontiguousarray(pixels[..., 0])
    image = Image.fromarray(pixels)
    larger = size[0] > image.width
    how = Image.Resampling.NEAREST if larger else Image.Resampling.BILINEAR
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    if image.size != size:
        image = image.resize(size, how, reducing_gap=None if larger else 2.0)
    # Every pixel becomes a square of the canvas, so that shrinking it gives the pixel back.
    wide = (size[0] * ZOOM, size[1] * ZOOM)
    return image.convert("RGB").resize(wide, Image.Resampling.NEAREST)
