import type { XY } from "../document/types.ts";
import { distance, nearestOnSegment } from "../geometry/points.ts";

/** How far a point is from a path, segment by segment. */
export function distanceTo(path: readonly XY[], at: XY): number {
  const far = path.map((b, i) => distance(at, nearestOnSegment(at, path[i - 1] ?? b, b)));
  return Math.min(...far);
}
