import type { Geometry, Ring, XY } from "../document/types.ts";
import { nearestOnSegment } from "./points.ts";
import type { Vertex } from "./transform.ts";
import { vertices } from "./transform.ts";

// What of a shape is near a place: made so that a polygon of a million points is looked through
// without making a million things.

/** Call `look` for each line of a shape that has vertices to drag, with the way to it. */
function forEachRing(
  geometry: Geometry,
  look: (points: Ring, closed: boolean, part: number, ring: number) => void,
): void {
  if (geometry.type === "polygon")
    geometry.parts.forEach((part, p) => {
      part.forEach((ring, r) => {
        look(ring, true, p, r);
      });
    });
  else if (geometry.type === "polyline") look(geometry.points, false, 0, 0);
}

/** The vertex nearest to a place, null where none is within `slack`. */
export function vertexNear(geometry: Geometry, at: XY, slack: number): Vertex | null {
  let best: Vertex | null = null;
  let least = slack * slack;
  if (geometry.type !== "polygon" && geometry.type !== "polyline") {
    for (const one of vertices(geometry)) {
      const gap = (one.at[0] - at[0]) ** 2 + (one.at[1] - at[1]) ** 2;
      if (gap <= least) [least, best] = [gap, one];
    }
    return best;
  }
  forEachRing(geometry, (points, _, part, ring) => {
    for (let index = 0; index < points.length; index++) {
      const point = points[index] as XY;
      const gap = (point[0] - at[0]) ** 2 + (point[1] - at[1]) ** 2;
      if (gap > least) continue;
      least = gap;
      best = { part, ring, index, at: point };
    }
  });
  return best;
}

/** Where on the lines of a shape a new vertex would go, null where none is within `slack`. */
export function edgeNear(geometry: Geometry, at: XY, slack: number): Vertex | null {
  let best: Vertex | null = null;
  let least = slack;
  forEachRing(geometry, (points, closed, part, ring) => {
    let before = closed ? points[points.length - 1] : undefined;
    for (let i = 0; i < points.length; i++) {
      const point = points[i] as XY;
      const a = before;
      before = point;
      if (!a || !mayBeNear(a, point, at, least)) continue;
      const on = nearestOnSegment(at, a, point);
      const gap = Math.hypot(on[0] - at[0], on[1] - at[1]);
      if (gap > least) continue;
      least = gap;
      best = { part, ring, index: i === 0 ? points.length : i, at: on };
    }
  });
  return best;
}

/** Is a place so near to the box around a segment that it may be near the segment? */
export function mayBeNear(a: XY, b: XY, at: XY, gap: number): boolean {
  return (
    (a[0] >= at[0] - gap || b[0] >= at[0] - gap) &&
    (a[0] <= at[0] + gap || b[0] <= at[0] + gap) &&
    (a[1] >= at[1] - gap || b[1] >= at[1] - gap) &&
    (a[1] <= at[1] + gap || b[1] <= at[1] + gap)
  );
}

/** Where a vertex is now, undefined where the shape has it no more. */
export function placeOf(geometry: Geometry, { part, ring, index }: Vertex): XY | undefined {
  if (geometry.type === "polygon") return geometry.parts[part]?.[ring]?.[index];
  if (geometry.type === "polyline" || geometry.type === "cuboid") return geometry.points[index];
  if (geometry.type === "keypoints") {
    const joint = geometry.points[index];
    return joint && [joint[0], joint[1]];
  }
  return geometry.type === "point" ? [geometry.x, geometry.y] : undefined;
}
