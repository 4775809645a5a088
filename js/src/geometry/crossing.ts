import type { Part, Polygon, Ring, XY } from "../document/types.ts";
import { insideRing } from "./hit.ts";

function side(a: XY, b: XY, c: XY): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function onSegment(a: XY, b: XY, p: XY): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

/** Do the closed segments `ab` and `cd` have a point in common? */
export function segmentsMeet(a: XY, b: XY, c: XY, d: XY): boolean {
  const abc = side(a, b, c);
  const abd = side(a, b, d);
  const cda = side(c, d, a);
  const cdb = side(c, d, b);
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && onSegment(a, b, c)) ||
    (abd === 0 && onSegment(a, b, d)) ||
    (cda === 0 && onSegment(c, d, a)) ||
    (cdb === 0 && onSegment(c, d, b))
  );
}

/**
 * The first pair of edges of a line that meet where they should not, null for a simple one.
 * Edge i goes from point i to point i + 1; neighbours meet only in their common point.
 */
export function crossing(points: Ring, closed: boolean): readonly [number, number] | null {
  const n = points.length;
  const edges = closed ? n : n - 1;
  const at = (i: number): XY => points[i % n] as XY;
  for (let i = 0; i < edges; i++) {
    const a = at(i);
    const b = at(i + 1);
    for (let j = i + 1; j < edges; j++) {
      const c = at(j);
      const d = at(j + 1);
      const follows = j === i + 1;
      const closes = closed && i === 0 && j === edges - 1;
      if (follows || closes) {
        // Neighbours fold back on one another when the far end lies on the other edge.
        if (n === 2) continue;
        const [shared, far, other] = follows ? [b, d, a] : [a, c, b];
        if (
          side(shared, far, other) === 0 &&
          (onSegment(shared, far, other) || onSegment(shared, other, far))
        )
          return [i, j];
        continue;
      }
      if (
        Math.max(a[0], b[0]) < Math.min(c[0], d[0]) ||
        Math.max(c[0], d[0]) < Math.min(a[0], b[0])
      )
        continue;
      if (segmentsMeet(a, b, c, d)) return [i, j];
    }
  }
  return null;
}

function partIsSimple(part: Part): boolean {
  const [outer, ...holes] = part;
  if (!outer || part.some((ring) => crossing(ring, true))) return false;
  return holes.every((hole) => hole.every((point) => insideRing(point, outer)));
}

/** Can the polygon be stored: no edge crosses another of its ring, holes lie inside? */
export function isSimple(polygon: Polygon): boolean {
  return polygon.parts.every(partIsSimple);
}
