"""A thing carried from frame to frame of a video, by the flow of what is seen of it.

Coordinates are in pixels, x right and y down, (0, 0) at the outer corner of the first pixel.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.flow import Floats, Grey, follow_points, opencv

Frame = npt.NDArray[np.uint8]

# Features are looked for anew when fewer are left.
_FEW = 12
_MOST = 120
# A way back that misses by more is a feature lost; so is what moves otherwise than the rest.
_MISS = 1.0
# Larger things are looked at in smaller pictures.
_SIDE = 240
_REACH = 48
# Of the picture that tells whether it still is the same thing.
_PATCH = 32


class Step(NamedTuple):
    """Where a thing is on a frame.

    Parameters
    ----------
    matrix
        (2, 3), the similarity from where it was on the first frame to here.
    upright
        (2, 3), the same without turning: the medians of moves and of scale, of median flow.
    points
        (N, 2), the points that were to be followed one by one.
    errors
        (N,), by how much a way back misses each of them, infinite where the rest was followed.
    confidence
        From 0 to 1: how much it looks like on the first frame, and how many of its features were
        followed at the worst step up to here.
    """

    matrix: Floats
    upright: Floats
    points: Floats
    errors: Floats
    confidence: float


class Carrier:
    """Carries a thing on from a frame.

    Corners (Shi and Tomasi 1994) in the box of the thing are followed by flow (see
    `flow.follow_points`); those that the way back misses are dropped, and the medians of the
    moves and of the ratios of distances of the others move and scale it: the median flow of Kalal,
    Mikolajczyk and Matas (2010), but from the first frame on, not from frame to frame, so that
    errors do not add up. A similarity by RANSAC turns it, too.

    Parameters
    ----------
    frame
        (H, W, 3) RGB, or (H, W).
    box
        x, y, width and height of the thing.
    points
        (N, 2), places that are followed one by one, such as joints.

    Raises
    ------
    MissingExtraError
        If OpenCV is not installed.
    """

    def __init__(
        self,
        frame: Frame,
        box: tuple[float, float, float, float],
        points: npt.ArrayLike = (),
    ) -> None:
        self._cv2: Any = opencv()
        x, y, width, height = box
        # A point has no extent, and its surroundings do.
        grown = max(0.0, (16 - max(width, height)) / 2)
        self._box = np.array([x - grown, y - grown, width + 2 * grown, height + 2 * grown])
        self._scale = min(1.0, _SIDE / max(self._box[2:]))
        self._frame = frame
        self._matrix = self._upright = np.eye(2, 3)
        self._base = self._upright_base = np.eye(2, 3)
        self._points = np.asarray(points, np.float64).reshape(-1, 2)
        self._errors = np.zeros(len(self._points))
        self._share = 1.0
        self._now = self._first = np.empty((0, 2))
        self._look = self._unwarped(frame)

    def step(self, frame: Frame) -> Step:
        """Carry it to the frame that follows the last one."""
        if len(self._now) < _FEW:
            self._find()
        corner, size = self._window()
        before, after = (self._cut(one, corner, size) for one in (self._frame, frame))
        scale = self._scale

        def follow(points: Floats) -> tuple[Floats, Floats]:
            there, error = follow_points(before, after, (points - corner) * scale)
            return there / scale + corner, error

        there, error = follow(self._now)
        kept = error <= _MISS
        if kept.any():
            moves = there - self._now
            stray = np.linalg.norm(moves - np.median(moves[kept], axis=0), axis=1)
            kept &= stray <= max(3.0 / scale, 4 * float(np.median(stray[kept])))
        share = float(kept.mean()) if len(kept) else 0.0
        self._share = min(self._share, share)
        self._now, self._first = there[kept], self._first[kept]
        was = self._matrix
        if len(self._now) >= 4:
            self._matrix = _after(self._base, self._similarity())
            self._upright = _after(self._upright_base, self._median_flow())
        else:
            self._share = 0.0
        self._follow_points(follow, was)
        self._frame = frame
        likeness = _likeness(self._look, self._unwarped(frame))
        confidence = max(0.0, min(likeness, self._share))
        return Step(self._matrix, self._upright, self._points, self._errors, confidence)

    def _follow_points(self, follow: Any, was: Floats) -> None:
        if not len(self._points):
            return
        there, error = follow(self._points)
        lost = error > _MISS
        # What cannot be followed goes where the rest of the thing goes.
        back = np.linalg.inv(np.vstack([was, [0, 0, 1]]))[:2]
        carried = _moved(_after(back, self._matrix), self._points)
        far = np.linalg.norm(there - carried, axis=1) > 0.5 * max(self._box[2:])
        lost |= far
        self._points = np.where(lost[:, None], carried, there)
        self._errors = np.where(lost, np.inf, error)

    def _find(self) -> None:
        """Look for features in the box where it is now."""
        left, top, right, foot = self._bounds()
        corner, size = self._window()
        grey = self._cut(self._frame, corner, size)
        mask = np.zeros(grey.shape, np.uint8)
        (x0, y0), (x1, y1) = (
            np.clip(np.round((np.array(at) - corner) * self._scale), 0, None).astype(int)
            for at in ((left, top), (right, foot))
        )
        mask[y0 : y1 + 1, x0 : x1 + 1] = 255
        found = self._cv2.goodFeaturesToTrack(grey, _MOST, 0.01, 3, mask=mask)
        points = np.empty((0, 2)) if found is None else found.reshape(-1, 2) + 0.5
        self._now = self._first = points / self._scale + corner
        self._base, self._upright_base = self._matrix, self._upright

    def _similarity(self) -> Floats:
        matrix, _ = self._cv2.estimateAffinePartial2D(
            self._first, self._now, ransacReprojThreshold=3.0 / self._scale
        )
        return np.eye(2, 3) if matrix is None else np.asarray(matrix, np.float64)

    def _median_flow(self) -> Floats:
        first, now = self._first, self._now
        one, other = np.triu_indices(len(first), 1)
        were = np.linalg.norm(first[one] - first[other], axis=1)
        are = np.linalg.norm(now[one] - now[other], axis=1)
        apart = were > 5
        scale = float(np.median(are[apart] / were[apart])) if apart.any() else 1.0
        # About the middle of the box, which moves as the median of the features does.
        x, y, width, height = self._box
        middle = _moved(self._upright_base, np.array([[x + width / 2, y + height / 2]]))[0]
        move = np.median(now - first, axis=0)
        shift = middle + move - scale * middle
        return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])

    def _bounds(self) -> tuple[float, float, float, float]:
        x, y, width, height = self._box
        ends = np.array([[x, y], [x + width, y + height]])
        (left, top), (right, foot) = _moved(self._upright, ends)
        return left, top, right, foot

    def _window(self) -> tuple[Floats, tuple[int, int]]:
        """Return the corner (x, y) and size (width, height) of what is looked at, whole pixels."""
        height, width = self._frame.shape[:2]
        left, top, right, foot = self._bounds()
        near = np.vstack([[left, top], [right, foot], *self._points])
        reach = _REACH / self._scale
        low = np.clip(np.floor(near.min(axis=0) - reach), 0, [width - 1, height - 1])
        high = np.clip(np.ceil(near.max(axis=0) + reach), low + 1, [width, height])
        return low, (int(high[0] - low[0]), int(high[1] - low[1]))

    def _cut(self, frame: Frame, corner: Floats, size: tuple[int, int]) -> Grey:
        left, top = int(corner[0]), int(corner[1])
        piece = frame[top : top + size[1], left : left + size[0]]
        cv2 = self._cv2
        if piece.ndim == 3:
            piece = cv2.cvtColor(np.ascontiguousarray(piece), cv2.COLOR_RGB2GRAY)
        if self._scale < 1:
            small = tuple(max(1, round(side * self._scale)) for side in size)
            piece = cv2.resize(piece, small, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(piece, np.uint8)

    def _unwarped(self, frame: Frame) -> Floats:
        """Return what is in the box now, turned and scaled back to how it was at first."""
        x, y, width, height = self._box
        patch = np.array([[width / _PATCH, 0, x], [0, height / _PATCH, y]])
        matrix = _after(patch, self._matrix)
        cv2 = self._cv2
        corner, size = self._window()
        piece = self._cut(frame, corner, size)
        scale = self._scale
        matrix = _after(matrix, np.array([[scale, 0, -corner[0] * scale], [0, scale, 0]]))
        matrix[1, 2] -= corner[1] * scale
        # From middles of pixels to middles of pixels.
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        made = cv2.warpAffine(
            piece, matrix, (_PATCH, _PATCH), flags=flags, borderMode=cv2.BORDER_CONSTANT
        )
        return np.asarray(cv2.GaussianBlur(made, (5, 5), 0), np.float64)


def _after(first: Floats, then: Floats) -> Floats:
    """Return the affine map that does one after the other."""
    return np.hstack([then[:, :2] @ first[:, :2], then[:, :2] @ first[:, 2:] + then[:, 2:]])


def _moved(matrix: Floats, points: Floats) -> Floats:
    moved: Floats = points @ matrix[:, :2].T + matrix[:, 2]
    return moved


def _likeness(one: Floats, other: Floats) -> float:
    """Return the normalized cross-correlation of two patches, from -1 to 1."""
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    # Two patches without any texture are alike.
    return 1.0 if not a.any() and not b.any() else float((a * b).sum()) / spread if spread else 0.0
