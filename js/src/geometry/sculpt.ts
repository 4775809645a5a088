import type { Polygon, Ring, XY } from "../document/types.ts";
import { boxOf } from "./box.ts";
import { contact } from "./crossing.ts";
import { insideRing } from "./hit.ts";
import { distance, nearestOnSegment, roundPoint } from "./points.ts";
import { isSimple } from "./simple.ts";
import { clampPoint, type Size } from "./transform.ts";

/** Points nearer to one another than this, in pixels, become one. */
export const MIN_SPACING = 1;

/** Points on the tool's circle further apart than this get one between them. */
export function maxSpacing(radius: number): number {
  return Math.max(radius, 2 * MIN_SPACING);
}

export interface Contour {
  readonly part: number;
  readonly ring: number;
}

/** The ring of a polygon that is nearest to a point, and how large a tool is there. */
export function toolAt(polygon: Polygon, at: XY): { contour: Contour; radius: number } | null {
  let best: { contour: Contour; gap: number; points: Ring } | null = null;
  polygon.parts.forEach((rings, part) => {
    rings.forEach((points, ring) => {
      points.forEach((b, i) => {
        const a = points[(i + points.length - 1) % points.length] as XY;
        const gap = distance(at, nearestOnSegment(at, a, b));
        if (!best || gap < best.gap) best = { contour: { part, ring }, gap, points };
      });
    });
  });
  if (!best) return null;
  const { contour, gap, points } = best as { contour: Contour; gap: number; points: Ring };
  return { contour, radius: Math.max(MIN_SPACING, Math.min(gap, limit(points, at))) };
}

/** From outside, a tool larger than the shape itself would only shove it away. */
function limit(ring: Ring, at: XY): number {
  const box = boxOf(ring);
  if (!box || insideRing(at, ring)) return Number.POSITIVE_INFINITY;
  return Math.max(box.maxX - box.minX, box.maxY - box.minY) / 2;
}

/**
 * The polygon with one of its rings pushed out of a round tool. Where that would make it cross itself
 * the polygon stays as it is. `sculpt` in the kernel does the same.
 */
export function sculpt(
  polygon: Polygon,
  { part, ring }: Contour,
  centre: XY,
  radius: number,
  size: Size,
): Polygon {
  const before = polygon.parts[part]?.[ring];
  const after = before && pushRing(before, centre, radius, size);
  if (!after || after === before) return polygon;
  const made: Polygon = {
    ...polygon,
    parts: polygon.parts.map((rings, p) =>
      p === part ? rings.map((points, r) => (r === ring ? after : points)) : rings,
    ),
  };
  // With holes, one could have been jumped over: then only a look at the whole tells.
  const alone = polygon.parts[part]?.length === 1;
  const simple = alone ? staysSimple(before, after) : null;
  return (simple ?? isSimple(made)) ? made : polygon;
}

/** Is a simple ring still simple? Only edges that are new are looked at; null where that is no answer. */
function staysSimple(before: Ring, after: Ring): boolean | null {
  const following = new Map(before.map((point, i) => [point, before[(i + 1) % before.length]]));
  const n = after.length;
  const at = (i: number) => after[i % n] as XY;
  for (let i = 0; i < n; i++) {
    const [a, b] = [at(i), at(i + 1)];
    if (following.get(a) === b) continue;
    if (a[0] === b[0] && a[1] === b[1]) return null;
    const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
    const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
    for (let j = 0; j < n; j++) {
      const [c, d] = [at(j), at(j + 1)];
      if (j === i || (c[0] < left && d[0] < left) || (c[0] > right && d[0] > right)) continue;
      if ((c[1] < top && d[1] < top) || (c[1] > bottom && d[1] > bottom)) continue;
      const met = contact(a, b, c, d);
      if (met === "apart") continue;
      // Neighbours meet in the point that they share, and nowhere else.
      const neighbours = j === (i + 1) % n || i === (j + 1) % n;
      if (met === "cross" || !neighbours) return false;
    }
  }
  return true;
}

interface Pushed {
  readonly at: XY;
  readonly touched: boolean;
}

/** Every point inside the circle goes to its rim; the ring itself where the circle misses it. */
function pushRing(ring: Ring, centre: XY, radius: number, size: Size): Ring {
  const met = ring.flatMap((a, i) => meet(a, ring[(i + 1) % ring.length] as XY, centre, radius));
  const pushed = met.map(({ at, touched }): Pushed => {
    const out = push(at, centre, radius);
    return touched || out !== at
      ? { at: roundPoint(clampPoint(out, size)), touched: true }
      : { at, touched };
  });
  if (!pushed.some((one) => one.touched)) return ring;
  const apart = consolidate(pushed);
  if (apart.length < 3) return ring;
  const made = apart.flatMap((one, i) =>
    fill(one, apart[(i + 1) % apart.length] as Pushed, centre, radius, size),
  );
  return made.length >= 3 ? made : ring;
}

/** The start of an edge, and the points where the circle cuts it and comes nearest to its centre. */
function meet(a: XY, b: XY, centre: XY, radius: number): Pushed[] {
  const start = { at: a, touched: false };
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  if (length === 0) return [start];
  const foot = ((centre[0] - a[0]) * dx + (centre[1] - a[1]) * dy) / length;
  const [fx, fy] = [a[0] + foot * dx - centre[0], a[1] + foot * dy - centre[1]];
  const deep = radius * radius - (fx * fx + fy * fy);
  if (deep <= 0) return [start];
  const half = Math.sqrt(deep / length);
  return [
    start,
    ...[foot - half, foot, foot + half]
      .filter((t) => t > 0 && t < 1)
      .map((t): Pushed => ({ at: [a[0] + t * dx, a[1] + t * dy], touched: true })),
  ];
}

function push(at: XY, centre: XY, radius: number): XY {
  const [dx, dy] = [at[0] - centre[0], at[1] - centre[1]];
  const gap = Math.sqrt(dx * dx + dy * dy);
  if (gap >= radius) return at;
  if (gap === 0) return [centre[0] + radius, centre[1]];
  return [centre[0] + (dx * radius) / gap, centre[1] + (dy * radius) / gap];
}

/** Without touched points that came too near to the one before; three stay in any case. */
function consolidate(points: readonly Pushed[]): Pushed[] {
  const kept: Pushed[] = [];
  let left = points.length;
  for (const one of points) {
    const last = kept.at(-1);
    if (last && left > 3 && one.touched && near(last.at, one.at)) left--;
    else kept.push(one);
  }
  const [first, last] = [kept[0], kept.at(-1)];
  if (first && last && kept.length > 3 && near(first.at, last.at)) {
    if (last.touched) kept.pop();
    else if (first.touched) kept.shift();
  }
  return kept;
}

function near(a: XY, b: XY): boolean {
  const [dx, dy] = [a[0] - b[0], a[1] - b[1]];
  return dx * dx + dy * dy < MIN_SPACING * MIN_SPACING;
}

/** A touched point, and those between it and the next one that a long way asks for. */
function fill(a: Pushed, b: Pushed, centre: XY, radius: number, size: Size): XY[] {
  const [dx, dy] = [b.at[0] - a.at[0], b.at[1] - a.at[1]];
  const gap = Math.sqrt(dx * dx + dy * dy);
  if (!a.touched || !b.touched || gap <= maxSpacing(radius)) return [a.at];
  const pieces = Math.ceil(gap / maxSpacing(radius));
  const between = Array.from({ length: pieces - 1 }, (_, i): XY => {
    const t = (i + 1) / pieces;
    const at = push([a.at[0] + t * dx, a.at[1] + t * dy], centre, radius);
    return roundPoint(clampPoint(at, size));
  });
  return [a.at, ...between];
}
