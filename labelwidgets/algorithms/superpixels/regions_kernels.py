"""Compiled loops that make each label one connected region.

They work on the runs of the rows, as pixels are twenty times as many. Loops over unsigned
numbers are those over pixels: their indices are not looked at twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms.compiling import kernel


@kernel
def connect(labels: Any, planes: Any, centres: Any, smallest: int) -> int:
    """Make each label one 4-connected region of `smallest` pixels or more; return how many.

    `labels` is written: 0..n-1 in the order of their first pixels. A region that is too small
    goes to the neighbour whose colour is nearest, in rounds, until none is left. The colour of
    a large one is that of its centre.
    """
    width = labels.shape[1]
    rows = count_runs(labels)
    begins = find_runs(labels, rows)
    above = find_touching(rows, begins, width)
    regions, number = unite(labels, rows, begins, above)
    sizes = sizes_of(rows, begins, regions, number, width)
    colours = colours_of(labels, planes, centres, rows, begins, regions, sizes, smallest)
    edges = find_edges(rows, above, regions, sizes, smallest)
    parents = merge(edges, sizes, colours, smallest)
    return relabel(labels, rows, begins, regions, parents)


@kernel
def sizes_of(rows: Any, begins: Any, regions: Any, number: int, width: int) -> Any:
    """Return the pixels of each region."""
    sizes = np.zeros(number, np.int64)
    for y in range(rows.size - 1):
        for i in range(rows[y], rows[y + 1]):
            stop = begins[i + 1] if i + 1 < rows[y + 1] else width
            sizes[regions[i]] += stop - begins[i]
    return sizes


@kernel
def colours_of(
    labels: Any,
    planes: Any,
    centres: Any,
    rows: Any,
    begins: Any,
    regions: Any,
    sizes: Any,
    smallest: int,
) -> Any:
    """Return the sum of the colours of each region; of a large one, as its centre has them."""
    height, width = labels.shape
    colours = np.zeros((sizes.size, 3), np.float64)
    for y in range(height):
        for i in range(rows[y], rows[y + 1]):
            region = regions[i]
            k = labels[y, begins[i]]
            if sizes[region] >= smallest and k >= 0:
                for c in range(planes.shape[0]):
                    colours[region, c] = sizes[region] * centres[k, 2 + c]
            else:
                stop = begins[i + 1] if i + 1 < rows[y + 1] else width
                for c in range(planes.shape[0]):
                    for x in range(begins[i], stop):
                        colours[region, c] += planes[c, y, x]
    return colours


@kernel
def relabel(labels: Any, rows: Any, begins: Any, regions: Any, parents: Any) -> int:
    """Write the final labels, in the order of their first pixels; return how many there are."""
    height, width = labels.shape
    final = np.full(parents.size, -1, np.int32)
    made = 0
    for y in range(height):
        row = np.uint64(y)
        for i in range(rows[y], rows[y + 1]):
            root = parents[regions[i]]
            if final[root] < 0:
                final[root] = made
                made += 1
            label = final[root]
            stop = begins[i + 1] if i + 1 < rows[y + 1] else width
            for x in range(np.uint64(begins[i]), np.uint64(stop)):
                labels[row, x] = label
    return made


@kernel
def count_runs(labels: Any) -> Any:
    """Return which run is the first of each row, and at the end how many there are."""
    height, width = labels.shape
    rows = np.zeros(height + 1, np.int64)
    for y in range(height):
        row = np.uint64(y)
        changes = np.int32(1)
        for x in range(np.uint64(1), np.uint64(width)):
            changes += np.int32(labels[row, x] != labels[row, x - np.uint64(1)])
        rows[y + 1] = rows[y] + changes
    return rows


@kernel
def find_runs(labels: Any, rows: Any) -> Any:
    """Return the column where each run begins."""
    height, width = labels.shape
    begins = np.empty(rows[height] + 1, np.int32)
    for y in range(height):
        row = np.uint64(y)
        at = np.uint64(rows[y])
        begins[at] = 0
        at += np.uint64(1)
        for x in range(np.uint64(1), np.uint64(width)):
            # Written over where no run begins: cheaper than to ask each time.
            begins[at] = x
            at += np.uint64(labels[row, x] != labels[row, x - np.uint64(1)])
    return begins


@kernel
def find_touching(rows: Any, begins: Any, width: int) -> Any:
    """Return the pairs of runs that touch from row to row, as (n, 2)."""
    height = rows.size - 1
    pairs = np.empty((2 * rows[height], 2), np.int32)
    at = 0
    for y in range(1, height):
        a, b = rows[y - 1], rows[y]
        while a < rows[y] and b < rows[y + 1]:
            pairs[at, 0], pairs[at, 1] = a, b
            at += 1
            a_stop = begins[a + 1] if a + 1 < rows[y] else width
            b_stop = begins[b + 1] if b + 1 < rows[y + 1] else width
            a += a_stop <= b_stop
            b += b_stop <= a_stop
    return pairs[:at]


@kernel
def unite(labels: Any, rows: Any, begins: Any, above: Any) -> Any:
    """Return the region of each run, in the order of their first pixels, and their number."""
    height = labels.shape[0]
    kept = np.empty(rows[height], np.int32)
    for y in range(height):
        for i in range(rows[y], rows[y + 1]):
            kept[i] = labels[y, begins[i]]
    parents = np.arange(rows[height]).astype(np.int32)
    for n in range(above.shape[0]):
        a, b = above[n, 0], above[n, 1]
        if kept[a] == kept[b]:
            join(parents, a, b)
    number = 0
    for i in range(parents.size):
        # Parents come before their children: from here back, the entries are regions already.
        if parents[i] == i:
            parents[i] = number
            number += 1
        else:
            parents[i] = parents[parents[i]]
    return parents, number


@kernel
def find_edges(rows: Any, above: Any, regions: Any, sizes: Any, smallest: int) -> Any:
    """Return the pairs of regions that touch and of which one is too small, as (n, 2)."""
    edges = np.empty((regions.size + above.shape[0], 2), np.int32)
    at = 0
    for y in range(rows.size - 1):
        for i in range(rows[y] + 1, rows[y + 1]):
            a, b = regions[i - 1], regions[i]
            edges[at, 0], edges[at, 1] = a, b
            at += sizes[a] < smallest or sizes[b] < smallest
    for n in range(above.shape[0]):
        a, b = regions[above[n, 0]], regions[above[n, 1]]
        edges[at, 0], edges[at, 1] = a, b
        at += a != b and (sizes[a] < smallest or sizes[b] < smallest)
    return edges[:at]


@kernel
def merge(edges: Any, sizes: Any, colours: Any, smallest: int) -> Any:
    """Return for each region the one that it goes to.

    `sizes` and `colours` are added up on the way, and `edges` is used up.
    """
    parents = np.arange(sizes.size).astype(np.int32)
    least = np.empty(sizes.size, np.float64)
    chosen = np.empty(sizes.size, np.int32)
    count = edges.shape[0]
    while count:
        least[:] = np.inf
        chosen[:] = -1
        left = 0
        for n in range(count):
            a, b = find(parents, edges[n, 0]), find(parents, edges[n, 1])
            if a == b or (sizes[a] >= smallest and sizes[b] >= smallest):
                continue
            edges[left, 0], edges[left, 1] = a, b
            left += 1
            gap = 0.0
            for c in range(3):
                gap += (colours[a, c] / sizes[a] - colours[b, c] / sizes[b]) ** 2
            if sizes[a] < smallest and gap < least[a]:
                least[a], chosen[a] = gap, b
            if sizes[b] < smallest and gap < least[b]:
                least[b], chosen[b] = gap, a
        count = left
        for k in range(chosen.size):
            if chosen[k] < 0:
                continue
            a, b = find(parents, k), find(parents, chosen[k])
            # What has grown in this round is asked again in the next.
            if a != b and (sizes[a] < smallest or sizes[b] < smallest):
                join(parents, a, b)
                low, high = min(a, b), max(a, b)
                sizes[low] += sizes[high]
                for c in range(3):
                    colours[low, c] += colours[high, c]
    for k in range(parents.size):
        parents[k] = find(parents, k)
    return parents


@kernel
def join(parents: Any, a: int, b: int) -> None:
    """Put `a` and `b` into one set, whose root is its lowest."""
    a = find(parents, a)
    b = find(parents, b)
    if a < b:
        parents[b] = a
    elif b < a:
        parents[a] = b


@kernel
def find(parents: Any, i: int) -> int:
    """Return the root of `i`, halving the way there."""
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i
