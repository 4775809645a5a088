import type { Geometry, Ring, XY } from "../document/types.ts";
import { distance, nearestOnSegment } from "./points.ts";

/** What is nearer than this is the same place: half a step of the grid in both directions, and a little. */
export const SAME_PLACE = 0.01;

/** The two ways along a border between two of its points: the points between, the shorter way first. */
export type Ways = readonly [Ring, Ring];

/** The ways between two points that lie on the same ring of a polygon; null where they do not. */
export function waysAlong(geometry: Geometry, from: XY, to: XY): Ways | null {
  if (geometry.type !== "polygon" || distance(from, to) <= SAME_PLACE) return null;
  for (const ring of geometry.parts.flat()) {
    const ways = ringWays(ring, from, to);
    if (ways) return ways;
  }
  return null;
}

function ringWays(ring: Ring, from: XY, to: XY): Ways | null {
  const [start, end] = [placeOn(ring, from), placeOn(ring, to)];
  if (!start || !end) return null;
  const n = ring.length;
  const ahead: XY[] = [];
  const straight = start.edge === end.edge && start.along <= end.along;
  for (let i = start.edge; !straight && (i !== end.edge || ahead.length === 0); i = (i + 1) % n)
    ahead.push(ring[(i + 1) % n] as XY);
  const behind: XY[] = [];
  const back = start.edge === end.edge && start.along > end.along;
  for (let i = start.edge; !back && (i !== end.edge || behind.length === 0); i = (i + n - 1) % n)
    behind.push(ring[i] as XY);
  const between = (points: readonly XY[]) =>
    points.filter((p) => distance(p, from) > SAME_PLACE && distance(p, to) > SAME_PLACE);
  const [one, other] = [between(ahead), between(behind)];
  return lengthOf([from, ...one, to]) <= lengthOf([from, ...other, to])
    ? [one, other]
    : [other, one];
}

/** On which edge of a ring a point lies and how far along, null where on none. */
function placeOn(ring: Ring, at: XY): { edge: number; along: number } | null {
  let best: { edge: number; along: number } | null = null;
  let least = SAME_PLACE;
  ring.forEach((a, edge) => {
    const on = nearestOnSegment(at, a, ring[(edge + 1) % ring.length] as XY);
    const gap = distance(on, at);
    if (best ? gap < least : gap <= least) {
      least = gap;
      best = { edge, along: distance(a, on) };
    }
  });
  return best;
}

export function lengthOf(line: Ring): number {
  return line.reduce((sum, point, i) => sum + (i > 0 ? distance(point, line[i - 1] as XY) : 0), 0);
}
