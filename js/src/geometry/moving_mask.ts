import { bitmapOf, cropRuns, forEachSpan, placeRuns, type Runs, runsBounds } from "./runs.ts";

// The twin of `labelwidgets/algorithms/moving_masks.py`, equal to the pixel.

/** A mask on its way to another one: it changes its shape while it moves. */
export interface MovingMask {
  /** Bytes that are held for it. */
  readonly bytes: number;
  /** The mask at a part of the way, from 0 to 1. */
  at(part: number): Runs;
}

/** Masks between two others of one size, each with a pixel at least; null where one has none. */
export function movingMask(before: Runs, after: Runs): MovingMask | null {
  const [one, other] = [runsBounds(before), runsBounds(after)];
  if (!one || !other) return null;
  const [centre, goal] = [centroid(before), centroid(after)];
  const right = Math.floor(goal[0] - centre[0] + 0.5);
  const down = Math.floor(goal[1] - centre[1] + 0.5);
  // The box around both, where the second lies on the first.
  const box = {
    minX: Math.min(one.minX, other.minX - right),
    minY: Math.min(one.minY, other.minY - down),
    maxX: Math.max(one.maxX, other.maxX - right),
    maxY: Math.max(one.maxY, other.maxY - down),
  };
  const [width, height] = [box.maxX - box.minX, box.maxY - box.minY];
  const size = [height, width] as const;
  const placed = (runs: Runs, dx: number, dy: number) =>
    placeRuns(runs, -box.minX - dx, -box.minY - dy, size);
  const from = field(placed(before, 0, 0));
  const to = field(placed(after, right, down));
  return {
    bytes: from.byteLength + to.byteLength,
    at(part) {
      const x = Math.floor(right * part + 0.5) + box.minX;
      const y = Math.floor(down * part + 0.5) + box.minY;
      return placeRuns({ size, edges: between(from, to, part) }, x, y, before.size);
    },
  };
}

/** The edges of what is inside at a part of the way between two fields. */
function between(from: Int32Array, to: Int32Array, part: number): Uint32Array {
  const edges: number[] = [];
  let inside = false;
  for (let k = 0; k < from.length; k++) {
    const [a, b] = [from[k] as number, to[k] as number];
    // What both are far from, or deep in, needs no roots.
    const now = a > 0 === b > 0 ? a > 0 : mixedDistance(a, b, part) > 0;
    if (now !== inside) {
      edges.push(k);
      inside = now;
    }
  }
  if (inside) edges.push(from.length);
  return Uint32Array.from(edges);
}

function mixedDistance(a: number, b: number, part: number): number {
  const [one, other] = [distance(a), distance(b)];
  return one + (other - one) * part;
}

/** The outline runs between the pixels, half a pixel from the last centre on either side. */
function distance(signed: number): number {
  return signed > 0 ? Math.sqrt(signed) - 0.5 : 0.5 - Math.sqrt(-signed);
}

/** The mean column and row of the pixels that are set. */
function centroid(runs: Runs): readonly [number, number] {
  let [count, across, down] = [0, 0, 0];
  forEachSpan(runs, (column, row, length) => {
    count += length;
    across += column * length;
    down += row * length + (length * (length - 1)) / 2;
  });
  return [across / count, down / count];
}

/**
 * The square of how far each pixel, column by column, is from the nearest one on the other side of
 * the outline: inside positive, outside negative. Beyond the box nothing is set. The exact Euclidean
 * distance transform of Felzenszwalb and Huttenlocher, Theory of Computing 8 (2012).
 */
function field(runs: Runs): Int32Array {
  const [height, width] = runs.size;
  // One pixel wider on each side, for what is outside.
  const wide = cropRuns(runs, { minX: -1, minY: -1, maxX: width + 1, maxY: height + 1 });
  const [rows, columns] = [height + 2, width + 2];
  const set = bitmapOf(wide);
  const outside = squares(set, rows, columns, 1);
  const inside = squares(set, rows, columns, 0);
  const made = new Int32Array(width * height);
  for (let x = 0, k = 0; x < width; x++) {
    for (let y = 0; y < height; y++, k++) {
      const at = (x + 1) * rows + y + 1;
      const away = outside[at] as number;
      made[k] = away > 0 ? -away : (inside[at] as number);
    }
  }
  return made;
}

/** Squared distances to the nearest pixel of a kind, column by column. */
function squares(set: Uint8Array, rows: number, columns: number, kind: number): Int32Array {
  const far = rows + columns;
  const made = new Int32Array(rows * columns);
  for (let x = 0; x < columns; x++) {
    let gap = far;
    for (let y = 0; y < rows; y++) {
      gap = set[y * columns + x] === kind ? 0 : Math.min(far, gap + 1);
      made[x * rows + y] = gap;
    }
    gap = far;
    for (let y = rows - 1; y >= 0; y--) {
      const k = x * rows + y;
      gap = Math.min(made[k] as number, gap + 1);
      made[k] = gap;
    }
  }
  // Along each row, the lowest of the parabolas over its columns.
  const height = new Float64Array(columns);
  const place = new Int32Array(columns);
  const start = new Float64Array(columns + 1);
  for (let y = 0; y < rows; y++) {
    let count = 0;
    for (let x = 0; x < columns; x++) {
      const gap = made[x * rows + y] as number;
      if (gap >= far) continue;
      const lift = gap * gap + x * x;
      let from = Number.NEGATIVE_INFINITY;
      while (count > 0) {
        const other = place[count - 1] as number;
        from = (lift - (height[count - 1] as number)) / (2 * (x - other));
        if (from > (start[count - 1] as number)) break;
        count--;
      }
      if (count === 0) from = Number.NEGATIVE_INFINITY;
      place[count] = x;
      height[count] = lift;
      start[count] = from;
      count++;
    }
    for (let x = 0, at = 0; x < columns; x++) {
      while (at + 1 < count && (start[at + 1] as number) < x) at++;
      const other = place[at] as number;
      made[x * rows + y] = (height[at] as number) - other * other + (x - other) * (x - other);
    }
  }
  return made;
}
