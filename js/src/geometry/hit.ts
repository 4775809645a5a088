import type { Geometry, Ring, XY } from "../document/types.ts";
import { mayBeNear } from "./near.ts";
import { type Edges, outlines } from "./outline.ts";
import { distance, nearestOnSegment } from "./points.ts";
import { maskContains } from "./rle.ts";

/** Is `p` inside the ring, by the even-odd rule? */
export function insideRing(p: XY, ring: Ring): boolean {
  let inside = false;
  let previous = ring[ring.length - 1];
  if (!previous) return false;
  // By index: an import may bring a million points.
  for (let i = 0; i < ring.length; i++) {
    const point = ring[i] as XY;
    const [xa, ya] = [previous[0], previous[1]];
    const [xb, yb] = [point[0], point[1]];
    if (ya > p[1] !== yb > p[1] && p[0] < ((xb - xa) * (p[1] - ya)) / (yb - ya) + xa)
      inside = !inside;
    previous = point;
  }
  return inside;
}

/** Is `p` on the area of the shape? Holes are not part of it; lines and points have none. */
export function contains(geometry: Geometry, p: XY): boolean {
  if (geometry.type === "mask") return maskContains(geometry.rle, p[0], p[1]);
  if (geometry.type === "polygon") {
    return geometry.parts.some((part) => {
      const [outer, ...holes] = part;
      return !!outer && insideRing(p, outer) && !holes.some((hole) => insideRing(p, hole));
    });
  }
  return outlines(geometry).some((outline) => outline.closed && insideRing(p, outline.points));
}

/** How far `p` is from the nearest line or point of the shape, in pixels. */
export function distanceToOutline(geometry: Geometry, p: XY): number {
  let best = Number.POSITIVE_INFINITY;
  for (const { points, closed } of outlines(geometry)) {
    if (points.length === 1 && points[0]) best = Math.min(best, distance(p, points[0]));
    const start = closed ? 0 : 1;
    for (let i = start; i < points.length; i++) {
      const a = points[i === 0 ? points.length - 1 : i - 1];
      const b = points[i];
      if (a && b) best = Math.min(best, distance(p, nearestOnSegment(p, a, b)));
    }
  }
  return best;
}

/** Does `p` touch the shape, its line taken as `slack` pixels wide to either side? */
export function touches(geometry: Geometry, p: XY, slack: number, edges: Edges = []): boolean {
  return contains(geometry, p) || isNearOutline(geometry, p, slack, edges);
}

/** As `distanceToOutline(...) <= slack`, but quick to say no to segments that lie elsewhere. */
function isNearOutline(geometry: Geometry, p: XY, slack: number, edges: Edges): boolean {
  return outlines(geometry, edges).some(({ points, closed }) => {
    if (points.length === 1 && points[0]) return distance(p, points[0]) <= slack;
    let before = closed ? points[points.length - 1] : undefined;
    for (let i = 0; i < points.length; i++) {
      const point = points[i] as XY;
      const a = before;
      before = point;
      if (!a || !mayBeNear(a, point, p, slack)) continue;
      if (distance(p, nearestOnSegment(p, a, point)) <= slack) return true;
    }
    return false;
  });
}
