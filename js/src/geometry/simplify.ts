import type { Geometry, Polygon, Polyline, Ring, XY } from "../document/types.ts";
import { ringArea } from "./area.ts";
import { LEAST_AREA, repair } from "./boolean.ts";
import { isSimple } from "./simple.ts";

/** How often a tolerance is halved before a shape is left as it is. */
const HALVINGS = 8;

/**
 * The shape with fewer points, none of those that go further than `tolerance` pixels from the line.
 * A polygon stays simple and every ring keeps three points: where that fails, half the tolerance is
 * tried, and so on. After Douglas & Peucker (1973); `simplify_polygon` in the kernel does the same.
 */
export function simplify<T extends Polygon | Polyline>(shape: T, tolerance: number): T;
export function simplify(shape: Polygon | Polyline, tolerance: number): Geometry {
  if (!(tolerance > 0)) return shape;
  if (shape.type === "polyline") return { ...shape, points: thin(shape.points, tolerance) };
  let [wanted, last] = [tolerance, shape as Polygon];
  for (let attempt = 0; attempt <= HALVINGS; attempt++, wanted /= 2) {
    const now = wanted;
    last = {
      ...shape,
      parts: shape.parts.map((part) => part.map((ring) => thinRing(ring, now))),
    };
    if (isSimple(last)) return last;
    // What crosses itself to begin with does so at every tolerance.
    if (attempt === 0 && !isSimple(shape)) break;
    if (attempt === HALVINGS) return shape;
  }
  const mended = repair(last);
  return mended.ok ? { ...shape, parts: mended.value.parts } : shape;
}

function thinRing(ring: Ring, tolerance: number): Ring {
  const first = ring[0];
  if (!first || ring.length <= 3) return ring;
  let far = 0;
  let most = -1;
  ring.forEach(([x, y], i) => {
    const gap = (x - first[0]) ** 2 + (y - first[1]) ** 2;
    if (gap > most) [most, far] = [gap, i];
  });
  const there = thin(ring.slice(0, far + 1), tolerance);
  const back = thin([...ring.slice(far), first], tolerance);
  const made = [...there.slice(0, -1), ...back.slice(0, -1)];
  return made.length >= 3 && ringArea(made) >= Math.min(LEAST_AREA, ringArea(ring)) ? made : ring;
}

/** An open line with both its ends. */
export function thin(line: Ring, tolerance: number): Ring {
  if (line.length <= 2) return line;
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const limit = tolerance * tolerance;
  const todo: [number, number][] = [[0, line.length - 1]];
  for (let span = todo.pop(); span; span = todo.pop()) {
    const [from, to] = span;
    const [a, b] = [line[from] as XY, line[to] as XY];
    let most = limit;
    let at = -1;
    for (let i = from + 1; i < to; i++) {
      const gap = gapSquared(line[i] as XY, a, b);
      if (gap > most) [most, at] = [gap, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    todo.push([from, at], [at, to]);
  }
  return line.filter((_, i) => keep[i]);
}

/** The square of the distance from a point to the segment from `a` to `b`. */
function gapSquared(p: XY, a: XY, b: XY): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const [px, py] = [p[0] - a[0], p[1] - a[1]];
  const length = dx * dx + dy * dy;
  const t = length > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
  const [gx, gy] = [px - t * dx, py - t * dy];
  return gx * gx + gy * gy;
}
