"""Outlines of masks from their edges, compiled; the browser's twin is ``tracing.ts``.

Corner 2 e is where the vertical edge e begins, 2 e + 1 where it ends; going on, the mask
lies to the right hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def vertical_edges(edges: Any, height: int, xs: Any, ys: Any) -> Any:
    """Write the corners of the vertical edges, by columns; return how many corners there are."""
    count = 0
    first = edges[0] // height
    last = (edges[-1] - 1) // height
    # Of the column before and of this one, the rows at which it changes.
    left = np.empty(height + 2, np.int64)
    right = np.empty(height + 2, np.int64)
    n_left = 0
    at = 0
    for x in range(first, last + 2):
        n_right = 0
        if at % 2:
            right[0] = 0
            n_right = 1
        while at < edges.size and edges[at] < (x + 1) * height:
            row = edges[at] - x * height
            at += 1
            if row == 0 and n_right:
                n_right = 0  # A run that ends at the foot of the column before is none here.
            else:
                right[n_right] = row
                n_right += 1
        if at % 2:
            right[n_right] = height
            n_right += 1
        i, j, start = 0, 0, 0
        while i < n_left or j < n_right:
            a = left[i] if i < n_left else height + 1
            b = right[j] if j < n_right else height + 1
            y = min(a, b)
            if i % 2 != j % 2 and y > start:
                xs[count] = xs[count + 1] = x
                # Down where the left one is set, else up.
                ys[count], ys[count + 1] = (start, y) if i % 2 else (y, start)
                count += 2
            if a == y:
                i += 1
            if b == y:
                j += 1
            start = y
        left, right = right, left
        n_left = n_right
    return count


@kernel
def along_rows(xs: Any, ys: Any, height: int, order: Any, twin: Any) -> None:
    """Sort corners along rows, and find for each the other one at its place, -1 for none."""
    heads = np.zeros(height + 2, np.int64)
    for y in ys:
        heads[y + 1] += 1
    for y in range(1, heads.size):
        heads[y] += heads[y - 1]
    for corner in range(ys.size):
        order[heads[ys[corner]]] = corner
        heads[ys[corner]] += 1
    for i in range(1, order.size):
        one, two = order[i - 1], order[i]
        if xs[one] == xs[two] and ys[one] == ys[two]:
            twin[one], twin[two] = two, one
            # The left pixel's corner comes first: its edge goes down.
            start = one & ~1
            if ys[start] > ys[start + 1]:
                order[i - 1], order[i] = two, one


@kernel
def loops_of(
    xs: Any, ys: Any, order: Any, twin: Any, owner: Any, corners: Any, starts: Any, holes: Any
) -> Any:
    """Walk all loops, cut where they come to a place twice; return how many there are.

    Loop n is ``corners[starts[n]:starts[n + 1]]``, from its top left corner; `owner` is the loop
    of each horizontal edge.
    """
    size = order.size
    position = np.empty(size, np.int64)
    for i in range(size):
        position[order[i]] = i
    seen = np.zeros(size, np.uint8)
    # Where a corner is on the path that is being walked, -1 where it is not.
    on_path = np.full(size, -1)
    path = np.empty(size, np.int64)
    count = 0
    starts[0] = 0
    for i in range(size):
        corner = order[i] & ~1
        if seen[corner]:
            continue
        length = 0
        done = False
        while not done:
            done = seen[corner] == 1
            # The walk is closed: what is left of the path is the last loop.
            known = 0 if done else on_path[twin[corner]] if twin[corner] >= 0 else -1
            if known >= 0 and length > known:
                least = known
                area = 0
                for k in range(known, length):
                    here = path[k]
                    after = path[k + 1] if k + 1 < length else path[known]
                    area += xs[here] * ys[after] - xs[after] * ys[here]
                    top = path[least]
                    if ys[here] < ys[top] or (ys[here] == ys[top] and xs[here] < xs[top]):
                        least = k
                    if here & 1:
                        owner[position[here] >> 1] = count
                    on_path[here] = -1
                head = starts[count]
                for k in range(known, length):
                    corners[head + (k - least) % (length - known)] = path[k]
                starts[count + 1] = head + length - known
                holes[count] = area < 0
                count += 1
                length = known
            if done:
                break
            seen[corner] = 1
            path[length] = corner
            on_path[corner] = length
            length += 1
            corner = order[position[corner] ^ 1] if corner & 1 else corner + 1
    return count


@kernel
def outlines(edges: Any, height: int, stride: int) -> Any:
    """Return the outlines of a mask.

    Parameters
    ----------
    edges
        (E,) int64, one at least; see `Runs`.
    height
        Rows of the mask.
    stride
        Above its columns.

    Returns
    -------
    x, y
        (N,) float64, the corners of all rings.
    starts
        (R + 1,) where each ring begins in them.
    rings
        (R,) the rings, outlines before holes, both by their top left corners.
    parts
        (R,) of each of these, the part that it belongs to.
    """
    columns = (edges[-1] - 1) // height - edges[0] // height + 1
    most = 4 * (edges.size + 2 * columns)
    xs, ys = np.empty(most, np.int64), np.empty(most, np.int64)
    count = vertical_edges(edges, height, xs, ys)
    xs, ys = xs[:count], ys[:count]
    order, twin = np.empty(count, np.int64), np.full(count, -1)
    along_rows(xs, ys, height, order, twin)
    owner, corners = np.empty(count // 2, np.int64), np.empty(count, np.int64)
    starts, holes = np.empty(count // 4 + 2, np.int64), np.empty(count // 4 + 1, np.bool_)
    loops = loops_of(xs, ys, order, twin, owner, corners, starts, holes)
    tops = np.empty(loops, np.int64)
    for loop in range(loops):
        first = corners[starts[loop]]
        tops[loop] = ys[first] * stride + xs[first]
    heads = np.empty(count // 2, np.int64)
    for edge in range(heads.size):
        heads[edge] = ys[order[2 * edge]] * stride + xs[order[2 * edge]]
    part_of = np.empty(loops, np.int64)
    rings, parts = np.empty(loops, np.int64), np.empty(loops, np.int64)
    done, number = 0, 0
    downwards = np.argsort(tops, kind="mergesort")
    for loop in downwards:
        if not holes[loop]:
            part_of[loop] = number
            rings[done], parts[done] = loop, number
            number += 1
            done += 1
    for loop in downwards:
        if holes[loop]:
            # What is met going up is the outline, or a hole that reaches higher up.
            x, y = tops[loop] % stride, tops[loop] // stride
            above = np.searchsorted(edges, x * height + y - 1, side="right") - 1
            top = max(edges[above] - x * height, 0)
            met = owner[np.searchsorted(heads, top * stride + x, side="right") - 1]
            part_of[loop] = part_of[met]
            rings[done], parts[done] = loop, part_of[met]
            done += 1
    used = starts[loops]
    x_of, y_of = np.empty(used), np.empty(used)
    for place in range(used):
        x_of[place], y_of[place] = xs[corners[place]], ys[corners[place]]
    return x_of, y_of, starts[: loops + 1], rings, parts
