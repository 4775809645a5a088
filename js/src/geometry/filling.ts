import type { Part, Ring } from "../document/types.ts";
import { emptyRuns, type Runs, subtract, unite } from "./runs.ts";

/**
 * The pixels whose centre lies inside a polygon: a centre exactly on an edge belongs to it if the
 * edge is its left or top one. Rings that cross themselves are filled by the even-odd rule; parts
 * are united, holes taken away from their own part. `polygon_to_mask` in the kernel does the same.
 */
export function polygonToRuns(parts: readonly Part[], size: Runs["size"]): Runs {
  let all = emptyRuns(size);
  for (const [outer, ...holes] of parts) {
    if (!outer) continue;
    let part = ringToRuns(outer, size);
    for (const hole of holes) part = subtract(part, ringToRuns(hole, size));
    all = all.edges.length === 0 ? part : unite(all, part);
  }
  return all;
}

/** The scan-line fill of Foley et al., Computer Graphics (1990), section 3.6, turned to columns. */
function ringToRuns(ring: Ring, size: Runs["size"]): Runs {
  const [height, width] = size;
  let [minX, minY, maxX, maxY] = [width, height, 0, 0];
  for (const [x, y] of ring) {
    minX = Math.min(minX, Math.floor(x));
    maxX = Math.max(maxX, Math.ceil(x));
    minY = Math.min(minY, Math.floor(y));
    maxY = Math.max(maxY, Math.ceil(y));
  }
  const [left, right] = [Math.max(0, minX), Math.min(width, maxX)];
  const [top, bottom] = [Math.max(0, minY), Math.min(height, maxY)];
  if (ring.length < 3 || left >= right || top >= bottom) return emptyRuns(size);
  const { ends, offsets } = crossings(ring, left, right, top, bottom);
  // From one row to the next only the columns between their ends change: each gets an edge there.
  const counts = new Uint32Array(right - left + 1);
  eachChange(ends, offsets, left, (from, to) => {
    for (let column = from; column < to; column++)
      counts[column + 1] = (counts[column + 1] ?? 0) + 1;
  });
  for (let column = 1; column < counts.length; column++) {
    counts[column] = (counts[column] ?? 0) + (counts[column - 1] ?? 0);
  }
  const heads = counts.slice(0, -1);
  const found = new Uint32Array(counts[counts.length - 1] ?? 0);
  eachChange(ends, offsets, left, (from, to, row) => {
    for (let column = from; column < to; column++) {
      const place = heads[column] as number;
      found[place] = (left + column) * height + top + row;
      heads[column] = place + 1;
    }
  });
  // A column that is full to its foot, and the next one from its head, are one run.
  let count = 0;
  for (const edge of found) {
    if (count > 0 && found[count - 1] === edge) count--;
    else found[count++] = edge;
  }
  return { size, edges: found.slice(0, count) };
}

/** For each row, in order, the columns at which its centres come to lie inside or outside. */
function crossings(ring: Ring, left: number, right: number, top: number, bottom: number) {
  const rows = bottom - top;
  const clip = (y: number) => Math.min(rows, Math.max(0, Math.ceil(y - 0.5) - top));
  const offsets = new Uint32Array(rows + 1);
  const each = (work: (row: number, xa: number, ya: number, slope: number) => void) => {
    let previous = ring[ring.length - 1];
    for (const point of ring) {
      if (!previous) break;
      // Always from the upper end down: both polygons at a shared edge round alike.
      const [[xa, ya], [xb, yb]] = previous[1] <= point[1] ? [previous, point] : [point, previous];
      previous = point;
      const [first, last] = [clip(ya), clip(yb)];
      const slope = (xb - xa) / (yb - ya);
      for (let row = first; row < last; row++) work(row, xa, ya, slope);
    }
  };
  each((row) => {
    offsets[row + 1] = (offsets[row + 1] as number) + 1;
  });
  for (let row = 0; row < rows; row++) {
    offsets[row + 1] = (offsets[row + 1] as number) + (offsets[row] as number);
  }
  const ends = new Int32Array(offsets[rows] as number);
  const heads = offsets.slice(0, rows);
  each((row, xa, ya, slope) => {
    const x = xa + (row + (top + 0.5) - ya) * slope;
    const place = heads[row] as number;
    ends[place] = Math.min(right, Math.max(left, Math.ceil(x - 0.5)));
    heads[row] = place + 1;
  });
  for (let row = 0; row < rows; row++) {
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    if (to - from > 2) ends.subarray(from, to).sort();
    else if (to - from === 2 && (ends[from] as number) > (ends[from + 1] as number)) {
      [ends[from], ends[from + 1]] = [ends[from + 1] as number, ends[from] as number];
    }
  }
  return { ends, offsets };
}

/** Call back with the columns, from `left` on, in which a row differs from the one above it. */
function eachChange(
  ends: Int32Array,
  offsets: Uint32Array,
  left: number,
  change: (from: number, to: number, row: number) => void,
): void {
  const rows = offsets.length - 1;
  for (let row = 0; row <= rows; row++) {
    let i = row > 0 ? (offsets[row - 1] as number) : 0;
    let j = offsets[row] as number;
    const iEnd = j;
    const jEnd = row < rows ? (offsets[row + 1] as number) : j;
    let start = -1;
    while (i < iEnd || j < jEnd) {
      const above = i < iEnd ? (ends[i] as number) : Number.POSITIVE_INFINITY;
      const here = j < jEnd ? (ends[j] as number) : Number.POSITIVE_INFINITY;
      const at = Math.min(above, here);
      // Two ends at one place take each other away.
      if (above === at) i++;
      else j++;
      if (start < 0) start = at;
      else {
        if (at > start) change(start - left, at - left, row);
        start = -1;
      }
    }
  }
}
