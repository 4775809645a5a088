import type { Polygon, Ring, XY } from "../document/types.ts";
import { SAME_PLACE } from "./border.ts";
import { distance, nearestOnSegment, roundPoint } from "./points.ts";

/** Polygons by name. */
export type Polygons = ReadonlyMap<string, Polygon>;

/**
 * The polygons that have a point in common, with the same points along the edges that lead to it: a
 * vertex of one that lies on an edge of another becomes a vertex of the other too.
 */
function conform(polygons: Polygons, at: XY): Map<string, Polygon> {
  const made = new Map<string, Polygon>();
  for (const [id, polygon] of polygons) {
    const with_ = mapRings(polygon, (ring) => (onRing(ring, at) ? insert(ring, [at]) : ring));
    if (with_.parts.some((part) => part.some((ring) => ring.some((p) => same(p, at)))))
      made.set(id, with_);
  }
  const others = [...polygons.values(), ...made.values()].flatMap((one) => one.parts.flat(2));
  for (const [id, polygon] of made) {
    made.set(
      id,
      mapRings(polygon, (ring) =>
        ring.flatMap((a, i) => {
          const b = ring[(i + 1) % ring.length] as XY;
          if (!same(a, at) && !same(b, at)) return [a];
          return [a, ...strictlyBetween(a, b, others)];
        }),
      ),
    );
  }
  return made;
}

/** All polygons that have a vertex at `from`, with that vertex at `to`. */
export function moveShared(polygons: Polygons, from: XY, to: XY): Map<string, Polygon> {
  const at = roundPoint(to);
  const made = conform(polygons, from);
  for (const [id, polygon] of made)
    made.set(
      id,
      mapRings(polygon, (ring) => ring.map((p) => (same(p, from) ? at : p))),
    );
  return made;
}

/** All polygons with an edge through `at`, with a vertex there. */
export function insertShared(polygons: Polygons, at: XY): Map<string, Polygon> {
  const point = roundPoint(at);
  const made = conform(polygons, at);
  for (const [id, polygon] of made)
    made.set(
      id,
      mapRings(polygon, (ring) => ring.map((p) => (same(p, at) ? point : p))),
    );
  return made;
}

/**
 * All polygons that have a vertex at `at`, without it; null where borders part there, so that taking
 * it away would open a gap, or where too few points would be left.
 */
export function removeShared(polygons: Polygons, at: XY): Map<string, Polygon> | null {
  const made = conform(polygons, at);
  const ways = new Set<string>();
  for (const [id, polygon] of made) {
    for (const ring of polygon.parts.flat()) {
      ring.forEach((p, i) => {
        if (!same(p, at)) return;
        const n = ring.length;
        const ends = [ring[(i + n - 1) % n] as XY, ring[(i + 1) % n] as XY].map(
          (end) => `${end[0].toFixed(2)} ${end[1].toFixed(2)}`,
        );
        ways.add(ends.sort().join());
      });
    }
    const kept = mapRings(polygon, (ring) => ring.filter((p) => !same(p, at)));
    if (kept.parts.some((part) => part.some((ring) => ring.length < 3))) return null;
    made.set(id, kept);
  }
  return ways.size === 1 ? made : null;
}

function same(a: XY, b: XY): boolean {
  return distance(a, b) <= SAME_PLACE;
}

function mapRings(polygon: Polygon, change: (ring: Ring) => Ring): Polygon {
  return { ...polygon, parts: polygon.parts.map((part) => part.map(change)) };
}

/** Does an edge go through the point, which is no vertex yet? */
function onRing(ring: Ring, at: XY): boolean {
  return (
    !ring.some((p) => same(p, at)) &&
    ring.some((a, i) => {
      const b = ring[(i + 1) % ring.length] as XY;
      return same(nearestOnSegment(at, a, b), at);
    })
  );
}

function insert(ring: Ring, points: readonly XY[]): Ring {
  return ring.flatMap((a, i) => [
    a,
    ...strictlyBetween(a, ring[(i + 1) % ring.length] as XY, points),
  ]);
}

/** Points on the edge from `a` to `b` that are neither, in their order, each once. */
function strictlyBetween(a: XY, b: XY, points: readonly XY[]): XY[] {
  const on = points
    .filter((p) => !same(p, a) && !same(p, b) && same(nearestOnSegment(p, a, b), p))
    .sort((p, q) => distance(a, p) - distance(a, q));
  return on.filter((p, i) => i === 0 || !same(p, on[i - 1] as XY));
}
