import type { Ring, XY } from "../document/types.ts";

// The twin of `labelwidgets/algorithms/in_between.py`, with the same numbers to the last bit.

/** Along each of two outlines, to see how well they lie on one another. */
const SAMPLES = 64;
/** Vertices that an outline may begin with; of finer ones, every second or n-th. */
const STARTS = 512;

/** Two lines of as many points, x and y in turn. */
export interface Pair {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** A line, and how far along it each of its points lies, from 0 to 1. */
interface Line {
  readonly points: Ring;
  readonly along: Float64Array;
}

export function mixed(before: number, after: number, part: number): number {
  return before + (after - before) * part;
}

/** The angle between two, the short way round. */
export function angleBetween(before: number, after: number, part: number): number {
  if (before === after) return before;
  let turn = after - before;
  turn -= 360 * Math.floor((turn + 180) / 360);
  const angle = before + turn * part;
  return angle - 360 * Math.ceil((angle - 180) / 360);
}

export function mixedPoints({ before, after }: Pair, part: number): Ring {
  const points: XY[] = [];
  for (let i = 0; i < before.length; i += 2)
    points.push([
      mixed(before[i] as number, after[i] as number, part),
      mixed(before[i + 1] as number, after[i + 1] as number, part),
    ]);
  return points;
}

/** Two open lines with as many points each; `after` is turned end to end where that lies closer. */
export function matchLines(before: Ring, after: Ring): Pair {
  if (before.length === after.length) return pairOf(before, after);
  const spots = Float64Array.from({ length: SAMPLES + 1 }, (_, i) => i / SAMPLES);
  const one = lineOf(before);
  const ways = [lineOf(after), lineOf([...after].reverse())] as const;
  const [direct, turned] = ways.map((way) =>
    cost(one, middle(before), spots, way, middle(after), 0),
  );
  return merged(one, (turned as number) < (direct as number) ? ways[1] : ways[0], false);
}

/** Two rings with as many points each, which begin where they lie closest to one another. */
export function matchRings(before: Ring, after: Ring): Pair {
  if (before.length === after.length) return pairOf(before, after);
  const turned = twiceArea(before) < 0 !== twiceArea(after) < 0;
  const ring = turned ? [...after.slice(0, 1), ...after.slice(1).reverse()] : after;
  const spots = Float64Array.from({ length: SAMPLES }, (_, i) => i / SAMPLES);
  const one = lineOf(closed(before));
  const other = lineOf(closed(ring));
  const [centre, goal] = [middle(before), middle(ring)];
  const step = Math.ceil(ring.length / STARTS);
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let start = 0; start < ring.length; start += step) {
    const found = cost(one, centre, spots, other, goal, other.along[start] as number);
    if (found < least) [best, least] = [start, found];
  }
  return merged(one, lineOf(closed([...ring.slice(best), ...ring.slice(0, best)])), true);
}

/** Which places of one set go with which of another, the closest two first; by the first index. */
export function nearestPairs(before: Ring, after: Ring): Map<number, number> {
  const gaps = before.flatMap(([x, y], i) =>
    after.map(([u, v], j) => ({ i, j, gap: (x - u) * (x - u) + (y - v) * (y - v) })),
  );
  gaps.sort((a, b) => a.gap - b.gap);
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, j } of gaps) {
    if (pairs.has(i) || taken.has(j)) continue;
    pairs.set(i, j);
    taken.add(j);
  }
  return pairs;
}

/** The centre of the box around some points. */
export function middle(points: Ring): XY {
  let [minX, minY, maxX, maxY] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const [x, y] of points) {
    minX = Math.min(minX, x);
    minY = Math.min(minY, y);
    maxX = Math.max(maxX, x);
    maxY = Math.max(maxY, y);
  }
  return [(minX + maxX) / 2, (minY + maxY) / 2];
}

export function pairOf(before: Ring, after: Ring): Pair {
  return { before: Float64Array.from(before.flat()), after: Float64Array.from(after.flat()) };
}

function closed(ring: Ring): Ring {
  return [...ring, ...ring.slice(0, 1)];
}

function twiceArea(ring: Ring): number {
  const [left, top] = ring[0] ?? [0, 0];
  let total = 0;
  ring.forEach(([x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length] as XY;
    total += (x - left) * (v - top) - (u - left) * (y - top);
  });
  return total;
}

function lineOf(points: Ring): Line {
  const along = new Float64Array(points.length);
  for (let i = 1; i < points.length; i++) {
    const [[x, y], [u, v]] = [points[i - 1], points[i]] as [XY, XY];
    const [dx, dy] = [u - x, v - y];
    along[i] = (along[i - 1] as number) + Math.sqrt(dx * dx + dy * dy);
  }
  const last = points.length - 1;
  const length = along[last] as number;
  for (let i = 0; i <= last; i++)
    along[i] = length === 0 ? i / last : (along[i] as number) / length;
  return { points, along };
}

/** The point of a line at a fraction of its length. */
function at({ points, along }: Line, spot: number): XY {
  let [low, high] = [0, points.length];
  while (low < high) {
    const half = (low + high) >> 1;
    if ((along[half] as number) <= spot) low = half + 1;
    else high = half;
  }
  const left = Math.min(Math.max(0, low - 1), points.length - 2);
  const start = along[left] as number;
  const span = (along[left + 1] as number) - start;
  const part = span > 0 ? (spot - start) / span : 0;
  const [[x, y], [u, v]] = [points[left], points[left + 1]] as [XY, XY];
  return [mixed(x, u, part), mixed(y, v, part)];
}

/** How far two lines lie apart where both are centred, the second one `shift` of its length on. */
function cost(
  one: Line,
  centre: XY,
  spots: Float64Array,
  other: Line,
  goal: XY,
  shift: number,
): number {
  let total = 0;
  for (const spot of spots) {
    const [x, y] = at(one, spot);
    const moved = shift + spot;
    const [u, v] = at(other, shift > 0 && moved >= 1 ? moved - 1 : moved);
    const [dx, dy] = [x - centre[0] - (u - goal[0]), y - centre[1] - (v - goal[1])];
    total += dx * dx + dy * dy;
  }
  return total;
}

/** Both lines with a point wherever one of them has a vertex; of rings the last one is the first. */
function merged(one: Line, other: Line, ring: boolean): Pair {
  const spots = Float64Array.from(new Set([...one.along, ...other.along])).sort();
  const points = (line: Line) => {
    const made = [...spots].map((spot) => at(line, spot));
    // What rounding does to the last one must not show.
    made[made.length - 1] = line.points.at(-1) as XY;
    return ring ? made.slice(0, -1) : made;
  };
  return pairOf(points(one), points(other));
}
